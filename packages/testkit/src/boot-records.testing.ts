import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import { assert, parseHotplugSteps, type HotplugStep, type Machine } from '@tierlab/core';
import { decodeAcpi, type AcpiTables } from '@tierlab/firmware';

/** Boots of real kernels; see packages/firmware/fixtures/oracle/README.md. */
export interface BootRecord {
  readonly name: string;
  readonly set: string;
  readonly ramMiB: number | null;
  readonly cmdline: string | null;
  readonly steps: string | null;
  readonly tables: Record<string, string>;
  readonly answer: Answer & {
    readonly after?: Record<string, { readonly tiers: Answer['tiers']; readonly states: States }>;
    readonly states: States;
  };
}

export interface Answer {
  readonly tiers: Record<string, string>;
  readonly demotion: Record<string, { preferred: string | null; fallback: string | null }>;
  readonly access: Record<string, Record<string, Record<string, number>>>;
  readonly distances: Record<string, number[]>;
}

export interface States {
  readonly online: string;
  readonly has_memory: string;
  readonly has_normal_memory: string;
  readonly has_cpu: string;
}

/** The lines of one file of the oracle. */
export function readRecords<T>(file: string): T[] {
  const url = new URL(`../../firmware/fixtures/oracle/${file}`, import.meta.url);
  return gunzipSync(readFileSync(url))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

/** The raw tables that the recorded kernel saw. */
export const tablesOf = ({ tables }: BootRecord): AcpiTables =>
  Object.fromEntries(
    Object.entries(tables).map(([signature, base64]) => [signature, Buffer.from(base64, 'base64')]),
  );

/** The machine as that kernel read it. */
export const decode = (record: BootRecord): Machine =>
  decodeAcpi(tablesOf(record), {
    ...(record.ramMiB !== null && { ramMiB: record.ramMiB }),
    bootOptions: [record.cmdline ?? ''],
  });

/** The recorder's steps in our words; loading a driver without devices and waiting are nothing. */
export function toStep(step: string): HotplugStep[] {
  const match = /^(off|on|blkoff|blkon)(\d+)$/.exec(step);
  const verbs = { off: 'offline', on: 'online', blkoff: 'offline-block', blkon: 'online-block' };
  if (match) return parseHotplugSteps(`${verbs[match[1] as keyof typeof verbs]} ${match[2]}`);
  if (step === 'x_kmem' || step === 'x_bind') return parseHotplugSteps('kmem');
  if (step === 'x_unbind') return parseHotplugSteps('unbind');
  assert(/^(x_hmem|x_daxls|sleep\d+)$/.test(step), `${step}: a step that no record has`);
  return [];
}
