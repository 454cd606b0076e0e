import { gunzipSync } from 'node:zlib';

import { KernelLabError } from './errors.ts';
import type { KernelRecord } from './record.ts';

/** What a replay needs of a record. */
const REQUIRED = ['setup', 'agent', 'zoneinfo', 'tiers'] as const;

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  name: isString,
  kernel: isString,
  qemu: isStringList,
  tables: isStringList,
  setup: isString,
  agent: isString,
  knobs: isObject,
  tiers: isObject,
  demotion: isStringList,
  zoneinfo: isString,
  intervals: (value) => Array.isArray(value) && value.every(isInterval),
};

/**
 * Reads a record from the bytes of its file, JSON or gzip of it; `source` names it in errors. A record
 * without `intervals` says what to replay, and nothing of what the kernel did.
 *
 * @throws {KernelLabError} `LAB_BAD_RECORD`.
 */
export function readRecord(bytes: Uint8Array, source: string): KernelRecord {
  const record = readPartialRecord(bytes, source);
  const missing = REQUIRED.find((field) => record[field] === undefined);
  if (missing !== undefined) throw badRecord(source, `${missing}: expected it, got nothing`);
  const absent = {
    name: source,
    kernel: '',
    qemu: [],
    exact: false,
    knobs: {},
    demotion: [],
    start: { free: {}, vmstat: {} },
    intervals: [],
    end: '',
  };
  return { ...absent, ...record } as KernelRecord;
}

/**
 * Reads as much of a record as is there: a scenario to record needs little of one.
 *
 * @throws {KernelLabError} `LAB_BAD_RECORD`.
 */
export function readPartialRecord(bytes: Uint8Array, source: string): Partial<KernelRecord> {
  const value = parseJson(isGzip(bytes) ? gunzip(bytes, source) : bytes, source);
  if (!isObject(value))
    throw badRecord(source, 'expected a JSON object, as `tierlab lab record` writes');
  for (const [field, isRight] of Object.entries(TYPES)) {
    if (value[field] === undefined || isRight(value[field])) continue;
    throw badRecord(
      source,
      `${field}: expected it as \`tierlab lab record\` writes it, got ${JSON.stringify(value[field]).slice(0, 60)}`,
    );
  }
  return value;
}

/** Source: RFC 1952, 2.3.1: ID1 and ID2. */
const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

function gunzip(bytes: Uint8Array, source: string): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw badRecord(source, `the gzip is damaged (${(cause as Error).message}); copy it again`);
  }
}

function parseJson(bytes: Uint8Array, source: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw badRecord(
      source,
      `expected JSON, as \`tierlab lab record\` writes (${(cause as Error).message})`,
    );
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isString);
}

/** Runs of `<node><count in hex>`; whether they make the right number of pages is seen when they are compared. */
const PLACEMENT = /^[0-9x][0-9a-f]+(?: [0-9x][0-9a-f]+)*$/;

const isInterval = (value: unknown): boolean =>
  isObject(value) &&
  typeof value['ms'] === 'number' &&
  value['ms'] >= 0 &&
  isString(value['placement']) &&
  PLACEMENT.test(value['placement']) &&
  isObject(value['vmstat']);

const badRecord = (source: string, what: string): KernelLabError =>
  new KernelLabError('LAB_BAD_RECORD', `${source}: ${what}`);
