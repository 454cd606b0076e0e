import { expect, test } from 'vitest';
import { read } from '../testing.ts';

// u64 ip, u8 is_branch, u8 taken, u8 dst_regs[2], u8 src_regs[4], u64 dst_mem[2], u64 src_mem[4].
function record(
  size: 64 | 96,
  branch: number,
  stores: readonly bigint[],
  loads: readonly bigint[],
): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeBigUInt64LE(0x401000n, 0);
  bytes[8] = branch;
  stores.forEach((address, i) => bytes.writeBigUInt64LE(address, (size === 64 ? 16 : 24) + 8 * i));
  loads.forEach((address, i) => bytes.writeBigUInt64LE(address, (size === 64 ? 32 : 56) + 8 * i));
  return bytes;
}

test('64 bytes an instruction: its loads, then its stores; the instruction is the clock', async () => {
  const trace = Buffer.concat([
    record(64, 1, [], []),
    record(64, 0, [0x7fff_0000_1040n], [0x5000n, 0x6fc0n]),
    record(64, 0, [], [0x5000n]),
  ]);
  expect(await read(trace)).toBe('R5:0@2 R6:63@2 W7fff00001:1@2 R5:0@3');
});

test('96 bytes, told from the content or said', async () => {
  const trace = Buffer.concat([
    record(96, 0, [0x1000n, 0x2000n, 0x3000n, 0x4000n], [0x5000n]),
    record(96, 1, [], []),
    record(96, 0, [], [0x6000n]),
  ]);
  const expected = 'R5:0@1 W1:0@1 W2:0@1 W3:0@1 W4:0@1 R6:0@3';
  expect(await read(trace)).toBe(expected);
  expect(await read(trace, { format: 'champsim', values: { variant: '96' } })).toBe(expected);
  await expect(
    read(trace, { format: 'champsim', values: { variant: '80' } }),
  ).rejects.toMatchObject({ code: 'TRACE_BAD_OPTION' });
});

test('flags that are none', async () => {
  await expect(
    read(Buffer.concat([record(64, 0, [], [0x5000n]), record(64, 9, [], [])]), {
      format: 'champsim',
      values: { variant: '64' },
    }),
  ).rejects.toThrow('trace.txt: byte 64: expected branch flags of 0 or 1, got 0x9');
});
