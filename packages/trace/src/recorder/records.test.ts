import { expect, it } from 'vitest';

import { show } from '../testing.ts';
import { recordingCommands } from './commands.ts';
import { recordedTrace, type RecordingProgress } from './records.ts';

type Line = readonly [address: bigint, kind: number, time: bigint, thread: number];

const bytesOf = (lines: readonly Line[]): Uint8Array =>
  new Uint8Array(
    BigUint64Array.from(
      lines.flatMap(([address, kind, time, thread]) => [
        address | BigInt(kind),
        (time << 16n) | BigInt(thread),
      ]),
    ).buffer,
  );

const LINES: readonly Line[] = [
  [0x5000n, 4, 3n, 0], // touch of page 5
  [0x7fff_0000_5040n, 2, 3n, 0], // fill of line 1
  [0x6000n, 4, 9n, 1],
  [0x6fc0n, 3, 9n, 1], // write-back of line 63
  [7n << 6n, 5, 9n, 1], // seven data accesses so far
  [0x5000n, 4, 12n, 0], // in the next interval
  [0x5000n, 4, 13n, 0], // known
  [0xffff_ffff_ffff_ffc0n, 2, (1n << 48n) - 1n, 65_535],
];

it('decodes fills, write-backs and touches, whatever the pieces', async () => {
  const bytes = bytesOf(LINES);
  for (const size of [1, 7, 16, 1000]) {
    const progress: RecordingProgress[] = [];
    const trace = recordedTrace(
      async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      },
      { name: 'p', filtered: true, touchInterval: 10, onProgress: (at) => progress.push(at) },
    );
    const time = 2 ** 48 - 1;
    expect(await show(trace)).toBe(`R7fff00005:1@3#0 W6:63@9#1 Rfffffffffffff:63@${time}#65535`);
    expect(progress).toEqual([{ dataAccesses: 7, accesses: 2, instructions: 9 }]);
    for await (const { touches, newPageNumber } of trace.blocks()) {
      // Ids in the order of appearance: page 5, the far page, page 6.
      expect(Array.from(newPageNumber)).toEqual([5, 0x7fff_0000_5, 6, 2 ** 52 - 1]);
      expect(touches?.map(({ startTime, page }) => `${startTime}: ${page.join(' ')}`)).toEqual([
        '0: 0 2',
        '10: 0',
      ]);
    }
  }
});

it('prints commands that a shell takes as they are meant', () => {
  const [record, script] = recordingCommands('perf', '/usr/bin/my app', ['--name', "it's"]);
  expect(record).toBe(
    String.raw`perf mem record -o perf.data -- '/usr/bin/my app' --name 'it'\''s'`,
  );
  expect(script).toContain('data_src,weight');
  expect(recordingCommands('damon', 'redis-server', ['--port', '1'])[0]).toBe(
    "sudo damo record -o damon.data 'redis-server --port 1'",
  );
});
