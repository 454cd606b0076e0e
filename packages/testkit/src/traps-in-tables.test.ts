/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the trap it serves */
import { decodeAcpi } from '@tierlab/firmware';
import { describe, expect, test } from 'vitest';
import {
  attach,
  cache,
  cpu,
  genericInitiator,
  hmat,
  madt,
  matrix,
  memory,
  slit,
  srat,
} from './table-builder.ts';
import {
  run,
  tiersText,
  bootTiers,
  demotionText,
  accessText,
  plainSrat,
  plainHmat,
  far,
} from './traps.testing.ts';

// What a naive reading gets wrong, trap by trap: a tiny machine each, whose answer another reading
// of the one rule changes. Latencies in the matrices are ns, bandwidths units of 100 MB/s.

test('the plain machine', () => {
  const { boot } = run(decodeAcpi(far));
  expect(tiersText(boot)).toBe('4: 0 | 27: 1');
  expect(demotionText(boot)).toBe('0>1 (1), 1>-');
});

describe('reading the tables', () => {
  test('1: nodes are numbered CPUs and initiators first, in SRAT order, whatever the domain', () => {
    const SRAT = srat([memory(5, 512, 128), memory(9, 0, 512), cpu(9, 0), genericInitiator(3)]);
    const { nodes } = decodeAcpi({ SRAT });
    expect(nodes.map((node) => [node.id, node.proximityDomain])).toEqual([
      [0, 9],
      [1, 3],
      [2, 5],
    ]);
  });

  test('2: one bad structure drops the whole HMAT', () => {
    const HMAT = plainHmat([100, 300], [1000, 500], [attach(7, 0)]);
    const machine = decodeAcpi({ SRAT: plainSrat(2), HMAT });
    expect(machine.tables.HMAT).toEqual({
      state: 'ignored',
      reason: 'memory domain 7 has no enabled memory in the SRAT',
    });
    const { boot } = run(machine);
    expect(tiersText(boot)).toBe('4: 0-1');
    expect(accessText(boot, 0, 0)).toBe('-');
  });

  test('3: a disabled generic initiator ends the reading of CPUs', () => {
    const entries = [cpu(0, 0), cpu(1, 1), memory(0, 0, 512), memory(1, 512, 128)];
    const cpusOf = (SRAT: Uint8Array): (readonly number[])[] =>
      decodeAcpi({ SRAT, APIC: madt([0, 1]) }).nodes.map((node) => node.cpus);
    expect(cpusOf(srat(entries))).toEqual([[0], [1]]);
    const stopped = srat([genericInitiator(2, { enabled: false }), ...entries]);
    expect(cpusOf(stopped)).toEqual([[0, 1], []]);
  });

  test('4: a wrong checksum changes nothing', () => {
    const tables = { ...far, SLIT: slit([[10, 15], [15, 10]]) }; // prettier-ignore
    const spoiled = Object.fromEntries(
      Object.entries(tables).map(([signature, bytes]) => {
        const copy = Uint8Array.from(bytes);
        copy[9] ^= 0x55;
        return [signature, copy];
      }),
    );
    const { boot } = run(decodeAcpi(spoiled));
    expect(tiersText(boot)).toBe('4: 0 | 27: 1');
    expect(boot.nodes[0].distances).toEqual([10, 15]);
    expect(decodeAcpi(spoiled).notes.filter(({ offset }) => offset === 9)).toHaveLength(3);
  });

  test('5: a SLIT counts whole or not at all, and by domain', () => {
    const SRAT = srat([cpu(2, 0), memory(2, 0, 512), memory(1, 512, 128)]);
    const rows = [
      [10, 99, 99, 99],
      [99, 10, 31, 99],
      [99, 21, 10, 99],
      [99, 99, 99, 10],
    ];
    // node 0 is domain 2, node 1 is domain 1
    expect(decodeAcpi({ SRAT, SLIT: slit(rows) }).distances).toEqual([
      [10, 21],
      [31, 10],
    ]);
    const spoiled = rows.map((row, i) => (i === 3 ? [10, 99, 99, 10] : row));
    expect(decodeAcpi({ SRAT, SLIT: slit(spoiled) }).distances).toEqual([
      [10, 20],
      [20, 10],
    ]);
  });

  test('6: SRAT revision 1 has 8-bit domains, the HMAT compares all bits', () => {
    const entries = [cpu(0, 0), memory(0, 0, 512), memory(300, 512, 128)];
    const HMAT = hmat([
      matrix('accessLatency', [0], [0, 300], [[100, 300]]),
      matrix('accessBandwidth', [0], [0, 300], [[1000, 500]]),
    ]);
    expect(decodeAcpi({ SRAT: srat(entries, 1) }).nodes[1].proximityDomain).toBe(300 - 256);
    expect(bootTiers({ SRAT: srat(entries, 1), HMAT })).toBe('4: 0-1');
    expect(bootTiers({ SRAT: srat(entries, 2), HMAT })).toBe('4: 0 | 27: 1');
  });
});

describe('access coordinates', () => {
  const withInitiator = srat([
    cpu(0, 0),
    genericInitiator(2),
    memory(0, 0, 512),
    memory(1, 512, 128),
  ]);

  test('7: the tier is that of the nearest CPU, however near another initiator is', () => {
    const HMAT = hmat([
      matrix('accessLatency', [0, 2], [0, 1], [[100, 300], [400, 50]]), // prettier-ignore
      matrix('accessBandwidth', [0, 2], [0, 1], [[1000, 500], [100, 2000]]), // prettier-ignore
    ]);
    const { boot } = run(decodeAcpi({ SRAT: withInitiator, HMAT }));
    expect(accessText(boot, 2, 0)).toBe('50/50 200000/200000');
    expect(accessText(boot, 2, 1)).toBe('300/300 50000/50000');
    expect(tiersText(boot)).toBe('4: 0 | 27: 2');
  });

  const twoCpus = srat([
    cpu(0, 0),
    cpu(1, 1),
    memory(0, 0, 512),
    memory(1, 512, 128),
    memory(2, 640, 128),
  ]);

  test('8: an attached initiator is not compared with others, and zeros overwrite', () => {
    const rows = [[100, 150, 300], [150, 100, 200]]; // prettier-ignore
    const bandwidths = [[1000, 1000, 500], [1000, 1000, 500]]; // prettier-ignore
    const structures = [
      matrix('accessLatency', [0, 1], [0, 1, 2], rows),
      matrix('accessBandwidth', [0, 1], [0, 1, 2], bandwidths),
    ];
    const access = (extra: readonly Uint8Array[]): string =>
      accessText(
        run(decodeAcpi({ SRAT: twoCpus, HMAT: hmat([...structures, ...extra]) })).boot,
        2,
        1,
      );
    expect(access([])).toBe('200/200 50000/50000');
    expect(access([attach(2, 0)])).toBe('300/300 50000/50000');
    const zero = matrix('readBandwidth', [0, 1], [2], [[0], [0]]);
    expect(access([zero])).toBe('200/200 50000/50000');
    expect(access([zero, attach(2, 0)])).toBe('300/300 0/50000');
  });

  test('9: initiators drop out by write latency, read latency, write bandwidth, read bandwidth', () => {
    // The first initiator is 1 ns nearer and has a hundredth of the bandwidth: it wins.
    const HMAT = hmat([
      matrix('accessLatency', [0, 1], [0, 1, 2], [[100, 150, 200], [150, 100, 201]]), // prettier-ignore
      matrix('accessBandwidth', [0, 1], [0, 1, 2], [[1000, 1000, 10], [1000, 1000, 1000]]), // prettier-ignore
    ]);
    const { boot } = run(decodeAcpi({ SRAT: twoCpus, HMAT }));
    expect(accessText(boot, 2, 1)).toBe('200/200 1000/1000');
    // Read latency would choose the other one, but write latency is asked first.
    const split = hmat([
      matrix('readLatency', [0, 1], [2], [[300], [200]]),
      matrix('writeLatency', [0, 1], [2], [[200], [300]]),
    ]);
    const { boot: other } = run(decodeAcpi({ SRAT: twoCpus, HMAT: split }));
    expect(accessText(other, 2, 1)).toBe('300/200 0/0');
  });

  test('10: an "access" matrix writes both fields; kinds decide in the search, the table order when attached', () => {
    const access = matrix('accessLatency', [0], [0, 1], [[100, 300]]);
    const write = matrix('writeLatency', [0], [0, 1], [[50, 70]]);
    const shown = (structures: readonly Uint8Array[]): string =>
      accessText(run(decodeAcpi({ SRAT: plainSrat(2), HMAT: hmat(structures) })).boot, 1, 1);
    // Write latency: 70 from its own matrix; then read latency, from "access": 300 into both.
    expect(shown([access, write])).toBe('300/300 0/0');
    // Attached, the later matrix has the last word on its own field.
    expect(shown([access, write, attach(1, 0)])).toBe('300/70 0/0');
    expect(shown([write, access, attach(1, 0)])).toBe('300/300 0/0');
  });

  test('11: the last matrix of a kind counts even if it lacks the target', () => {
    const lacking = matrix('accessLatency', [0], [0], [[100]]);
    const HMAT = plainHmat([100, 300], [1000, 500], [lacking]);
    const { boot } = run(decodeAcpi({ SRAT: plainSrat(2), HMAT }));
    expect(accessText(boot, 1, 1)).toBe('0/0 50000/50000');
    expect(tiersText(boot)).toBe('4: 0-1');
  });

  test('12: flag bits 4 and 5 are not looked at, cache levels and caches do not count', () => {
    const latencies = (flags: number): Uint8Array =>
      matrix('accessLatency', [0], [0, 1], [[100, 200]], { flags });
    const tiers = (extra: Uint8Array): string =>
      bootTiers({ SRAT: plainSrat(2), HMAT: plainHmat([100, 300], [1000, 500], [extra]) });
    const at200 = '4: 0 | 18: 1'; // 576 * 400/200 * 2 = 2304
    expect(tiers(latencies(0x10))).toBe(at200);
    expect(tiers(latencies(0x20))).toBe(at200);
    expect(tiers(latencies(0x01))).toBe('4: 0 | 27: 1');
    expect(tiers(cache(1, 64))).toBe('4: 0 | 27: 1');
  });

  test('13: picoseconds round up, what does not fit 32 bits is no data, revision 1 divides all by 10', () => {
    const shown = (base: number, entry: number, revision = 2): string => {
      const HMAT = hmat(
        [
          matrix('accessLatency', [0], [0], [[entry]], { base }),
          matrix('accessBandwidth', [0], [0], [[entry]], { base }),
        ],
        revision,
      );
      return accessText(run(decodeAcpi({ SRAT: plainSrat(1), HMAT })).boot, 0, 0);
    };
    expect(shown(1, 1)).toBe('1/1 1/1');
    expect(shown(1, 1001)).toBe('2/2 1001/1001');
    expect(shown(1_000_000, 4294)).toBe('4294000/4294000 4294000000/4294000000');
    expect(shown(1_000_000, 4295)).toBe('0/0 0/0');
    expect(shown(0xffffffff, 1)).toBe('0/0 4294967295/4294967295'); // the rounding wraps
    expect(shown(0xffffffff - 999, 1)).toBe('4294967/4294967 4294966296/4294966296');
    expect(shown(1, 0xffff)).toBe('0/0 0/0');
    expect(shown(1, 9, 1)).toBe('0/0 0/0');
    expect(shown(1, 101, 1)).toBe('11/11 11/11');
  });
});
