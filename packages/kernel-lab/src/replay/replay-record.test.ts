import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { AccessBlock } from '@tierlab/trace';
import { expect, test } from 'vitest';

import { encodePlay, type AccessPlay } from '../boot/access-play.ts';
import { readRecord } from '../read-record.ts';
import type { KernelRecord } from '../record.ts';
import { replayLabRecord } from './replay-record.ts';

const PAGES = 60_000;

const path = join(import.meta.dirname, '../../fixtures/small/first-touch.json.gz');
/** A recorded machine with tiering on, and no word of what it did. */
const machine: KernelRecord = {
  ...readRecord(readFileSync(path), path),
  setup: 'echo 1 > /sys/kernel/mm/numa/demotion_enabled; echo 2 > /proc/sys/kernel/numa_balancing;',
  intervals: [],
};

/** The accesses of `60000 100 1 s:3:0:60000:0:0`: every page once, then three seconds of them in turn. */
async function* inTurn(): AsyncIterable<AccessBlock> {
  const length = PAGES + 3000 * 100;
  yield {
    length,
    page: Uint32Array.from({ length }, (_, i) => (i < PAGES ? i : (i - PAGES) % PAGES)),
    write: Uint8Array.from({ length }, (_, i) => (i < PAGES ? 1 : 0)),
    newPageFirst: 0,
    newPageNumber: new Float64Array(0),
  };
}

const played = (play: AccessPlay): KernelRecord => ({
  ...machine,
  agent: 'play',
  played: {
    sha256: createHash('sha256').update(play.bytes).digest('hex'),
    pageCount: play.pageCount,
    accessCount: play.accessCount,
  },
});

test('a played trace is replayed as the generated stream of the same accesses is', async () => {
  const play = await encodePlay(inTurn(), { accessesPerMs: 100 });
  const generated = replayLabRecord({ ...machine, agent: `${PAGES} 100 1 s:3:0:${PAGES}:0:0` });
  const ours = replayLabRecord(played(play), { play });
  expect(generated.intervals.at(-1)?.vmstat['numa_hint_faults']).toBeGreaterThan(1000);
  expect(ours.intervals).toEqual(generated.intervals);
  expect(ours.end).toBe(generated.end);
});

test('a record of a played trace wants that trace, at its pace', async () => {
  const record = played(await encodePlay(inTurn(), { accessesPerMs: 100 }));
  const faster = await encodePlay(inTurn(), { accessesPerMs: 200 });
  expect(() => replayLabRecord(record)).toThrow(/expected the trace that was played \(\w+\)/);
  expect(() => replayLabRecord(record, { play: faster })).toThrow(/at its pace, got \w+/);
});

test('a program that the machine has no room for is refused before anything runs', () => {
  const tooLarge = { ...machine, agent: '800000 300 1 u:1:0:100:0:0' };
  expect(() => replayLabRecord(tooLarge)).toThrow(/800000 pages, of which the machine has \d+/);
});
