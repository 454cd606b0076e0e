import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { read, show, sourceOf } from '../testing.ts';

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 128n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 127n) | 128);
  }
}
const field = (number: number, value: bigint): number[] => [number << 3, ...varint(value)];
const message = (...fields: number[][]): number[] => {
  const bytes = fields.flat();
  return [...varint(BigInt(bytes.length)), ...bytes];
};
const packet = (tick: bigint, command: bigint, address: bigint): number[] =>
  message(field(1, tick), field(2, command), field(3, address), field(4, 64n), field(5, 0n));
// obj_id "system.monitor", version 1, a tick of one picosecond, an id string.
const HEADER = message(
  [0x0a, 14, ...Buffer.from('system.monitor')],
  field(2, 1n),
  field(3, 1_000_000_000_000n),
  [0x22, 6, 0x08, 1, 0x12, 2, 0x63, 0x70],
);
const TRACE = Buffer.from([
  ...Buffer.from('gem5'),
  ...HEADER,
  ...packet(1000n, 1n, 0x1000n),
  ...packet(2500n, 7n, 0x2040n),
  ...packet(3000n, 5n, 0x2040n),
  ...packet(4_611_686_018_427_387n, 22n, 0xffff_8000_0000_0fc0n),
]);

test('reads and writes in nanoseconds; replies are left out', async () => {
  const trace = await openTrace(sourceOf(TRACE));
  expect(await show(trace)).toBe('R1:0@1 W2:1@2 Rffff800000000:63@4611686018427');
  expect(trace.leftOut).toEqual(new Map([['neither read nor write', 1]]));
  expect(await read(gzipSync(TRACE), {}, 3)).toBe('R1:0@1 W2:1@2 Rffff800000000:63@4611686018427');
});

test('cut anywhere after the first packet, it says where', async () => {
  const first = 4 + HEADER.length + packet(1000n, 1n, 0x1000n).length;
  const second = first + packet(2500n, 7n, 0x2040n).length;
  for (let size = first + 1; size < second; size++)
    await expect(read(TRACE.subarray(0, size))).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`^trace\\.txt: byte ${first}: `)),
    });
});

test('a packet without an address', async () => {
  const broken = Buffer.concat([TRACE, Buffer.from(message(field(1, 1n), field(2, 1n)))]);
  await expect(read(broken)).rejects.toThrow(
    `byte ${TRACE.length}: expected a packet with tick, command and address`,
  );
});
