import { expect, it } from 'vitest';

import { xxh32 } from '../native/xxh32.ts';
import { labTrace } from './lab.ts';

/** XXH32 over page * 2 + write of every access, as u32 in order. */
async function streamHash(words: string): Promise<{ accesses: number; hash: string }> {
  const codes: number[] = [];
  for await (const { length, page, write } of labTrace(words).blocks())
    for (let i = 0; i < length; i++) codes.push(page[i] * 2 + write[i]);
  const bytes = new Uint8Array(Uint32Array.from(codes).buffer);
  return { accesses: codes.length, hash: xxh32(bytes).toString(16).padStart(8, '0') };
}

// Oracle: `agent emit WORDS` of packages/kernel-lab/guest/agent.c, gcc 12.2 -O2, glibc 2.36, x86-64. The words are
// those of recorded kernels; the last are the corners (theta 1, a seed of 64 bits, phases shorter than a millisecond).
it.each([
  ['80000 300 2 z:8:0:80000:0.9:20', 2_480_000, 'ba0a4260'],
  ['80000 300 4 u:4:66000:5000:0:10 s:4:0:80000:0:0 u:6:66000:5000:0:10', 4_280_000, '17c066c2'],
  [
    '5000 70 18446744073709551615 z:2:100:4000:1:33 z:1.5:0:5000:1.3:0 u:0:0:1:0:100 s:0.0105:7:4993:0:50',
    250_770,
    '0bd9caf4',
  ],
])('plays %j as the program does', async (words, accesses, hash) => {
  expect(await streamHash(words)).toEqual({ accesses, hash });
});

it('keeps the pace of the program', async () => {
  // 3 accesses a millisecond are 333,333 ns apart; four pages take two milliseconds to touch.
  const times: number[] = [];
  for await (const { length, time } of labTrace('4 3 1 s:0.002:0:4:0:0').blocks())
    times.push(...time!.subarray(0, length));
  expect(times).toEqual([
    0, 333_333, 666_666, 1_000_000, 2_000_000, 2_333_333, 2_666_666, 3_000_000, 3_333_333,
    3_666_666,
  ]);
});

it.each([
  ['0 300 1', 'PAGES'],
  ['10 300 -1', 'SEED'],
  ['10 300 18446744073709551616', 'SEED'],
  ['10 300 1 q:1:0:1:0:0', 'expected a phase'],
  ['10 300 1 u:1:5:6:0:0', 'not all among'],
])('refuses %j', (words, message) => {
  expect(() => labTrace(words)).toThrow(message);
});
