import {
  assert,
  canonicalJson,
  contentHash,
  RUN_RECORD_VERSION,
  type RunRecord,
} from '@tierlab/core';

import { isRefused, type RefusedOutcome, type RunOutcome } from './outcome.ts';

/**
 * Where finished runs are kept. The edge makes one from a directory.
 *
 * `write` must be whole or nothing, also under `kill -9` and power loss: write another name, flush, rename.
 * Nothing else is asked of it, so that an interrupted experiment needs no repair.
 */
export interface RunStore {
  /** Names of the entries, in any order. */
  list(): Promise<readonly string[]>;
  /** The text of an entry; undefined where there is none. */
  read(name: string): Promise<string | undefined>;
  /** Replaces an entry. */
  write(name: string, text: string): Promise<void>;
}

/** A store that lives as long as the process. */
export function memoryStore(): RunStore {
  const entries = new Map<string, string>();
  return {
    list: () => Promise.resolve([...entries.keys()]),
    read: (name) => Promise.resolve(entries.get(name)),
    write(name, text) {
      entries.set(name, text);
      return Promise.resolve();
    },
  };
}

/** The name of the entry of a run. */
export const entryName = (id: string): string => `${id}.json`;

interface Entry extends Partial<RefusedOutcome> {
  readonly id?: unknown;
  readonly record?: RunRecord;
  readonly sha256?: unknown;
}

/** The text of the entry of a run: the same bytes for the same run. */
export function writeEntry(id: string, outcome: RunOutcome): string {
  const held = isRefused(outcome) ? outcome : { record: outcome };
  return `${canonicalJson({ id, ...held, sha256: contentHash(outcome) })}\n`;
}

/**
 * What an entry says became of its run, or undefined where the entry is damaged, belongs to another run or was written
 * by another version: such a run is simply not finished.
 */
export function readEntry(id: string, text: string): RunOutcome | undefined {
  try {
    const entry = JSON.parse(text) as Entry;
    const { record, refused } = entry;
    const outcome = refused === undefined ? record : { refused };
    if (entry.id !== id || outcome === undefined) return undefined;
    if (!isRefused(outcome) && outcome.schemaVersion !== RUN_RECORD_VERSION) return undefined;
    return entry.sha256 === contentHash(outcome) ? outcome : undefined;
  } catch (error) {
    assert(error instanceof SyntaxError, `entry ${id}: ${String(error)}`);
    return undefined;
  }
}
