import { expect, test } from 'vitest';

import {
  checkMachine,
  checkStreamFits,
  recordedSetup,
  scenarioOfRecord,
  streamPageCount,
} from './scenario.ts';

/** A table of nothing but its header, with the checksum that makes its bytes add up to 0. */
function table(change: Partial<Record<number, number>> = {}): Uint8Array {
  const bytes = new Uint8Array(36);
  bytes.set(new TextEncoder().encode('SRAT'));
  bytes[4] = 36;
  bytes[9] = 256 - (bytes.reduce((sum, byte) => sum + byte, 0) % 256);
  for (const [at, value] of Object.entries(change)) bytes[Number(at)] = value!;
  return bytes;
}

const check = (table: Uint8Array): void =>
  checkMachine({ qemu: ['-smp', '1', '-m', '1M'], tables: [table] });

const scenario = (setup: string, startDelaySeconds?: number): string =>
  recordedSetup({
    name: 'one',
    machine: { qemu: [] },
    setup,
    stream: '1 1 1 u:1:0:1:0:0',
    ...(startDelaySeconds === undefined ? {} : { startDelaySeconds }),
  });

test('the wait before the first touch is part of the setup that is recorded', () => {
  expect(scenario('a; b; ')).toBe('a; b; ');
  expect(scenario('a; b; ', 0.37)).toBe('a; b; /bin/busybox sleep 0.37; ');
  expect(scenario('a', 0.71)).toBe('a; /bin/busybox sleep 0.71; ');
});

test('a record is a scenario again, and as little of one as says what to do', () => {
  const words = { name: 'one', qemu: ['-m', '1G'], setup: 'a;', agent: '1 1 1 u:1:0:1:0:0' };
  expect(scenarioOfRecord(words)).toEqual({
    name: 'one',
    machine: { qemu: ['-m', '1G'] },
    setup: 'a;',
    stream: '1 1 1 u:1:0:1:0:0',
  });
  expect(scenarioOfRecord({ ...words, tables: ['AQI='] }).machine.tables).toEqual([
    new Uint8Array([1, 2]),
  ]);
  expect(() => scenarioOfRecord({ name: 'one' })).toThrow(/expected name, qemu, setup and agent/);
  expect(() => scenarioOfRecord({ ...words, agent: 'play' })).toThrow(/give the trace/);
});

test('tables that Linux would not take from its initramfs are refused here', () => {
  expect(() => check(table())).not.toThrow();
  expect(() => check(table({ 20: 1 }))).toThrow(/SRAT: expected its bytes to add up to 0/);
  expect(() => check(table({ 4: 40 }))).toThrow(/SRAT: expected a length field of 36, got 40/);
});

test('a stream names its pages first', () => {
  expect(streamPageCount('80000 300 2 z:14:0:80000:0.9:20')).toBe(80_000);
  expect(() => streamPageCount('z:14:0:80000:0.9:20')).toThrow(/expected PAGES PER_MS SEED/);
});

/** Checks `pages` in a guest of this size. */
const fits = (pages: number, size: string) => (): void =>
  checkStreamFits(pages, { qemu: ['-smp', '1', '-m', size] });

test('a stream of more pages than the guest has is refused before it boots', () => {
  // 512 MiB are 131,072 pages, of which the kernel has some.
  expect(fits(131_072, '512M')).toThrow(/131072 pages are 512 MiB, and the guest has 512 in all/);
  expect(fits(130_000, '512M')).not.toThrow();
  expect(fits(200_000, '1G,slots=2,maxmem=4G')).not.toThrow();
});
