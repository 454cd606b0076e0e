/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the trap it serves */
import { adistance, parseKernelVersion, type TieringPolicy } from '@tierlab/core';
import { decodeAcpi, type AcpiOptions, type AcpiTables } from '@tierlab/firmware';
import { defaultDram } from '@tierlab/policy-default-dram';
import { describe, expect, test } from 'vitest';
import {
  attach,
  cdat,
  cedt,
  cpu,
  genericPort,
  hmat,
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
  farHmat,
  far,
} from './traps.testing.ts';

// What a naive reading gets wrong, trap by trap: a tiny machine each, whose answer another reading
// of the one rule changes. Latencies in the matrices are ns, bandwidths units of 100 MB/s.

describe('abstract distance', () => {
  test('14: left to right with truncation, 64 bits cut to 32, sums in 32 bits; negative is fastest', () => {
    const distance = (
      dram: readonly [number, number, number, number],
      other: readonly [number, number, number, number],
      kernel = '6.12',
    ): string => {
      const column = (i: 0 | 1 | 2 | 3): number[][] => [[dram[i], other[i]]];
      const HMAT = hmat([
        matrix('readLatency', [0], [0, 1], column(0)),
        matrix('writeLatency', [0], [0, 1], column(1)),
        matrix('readBandwidth', [0], [0, 1], column(2), { base: 1_000 }),
        matrix('writeBandwidth', [0], [0, 1], column(3), { base: 1_000 }),
      ]);
      const machine = decodeAcpi({ SRAT: plainSrat(2), HMAT });
      const { boot } = run(machine, { kernel: parseKernelVersion(kernel) });
      return `${boot.nodes[1].adistance}; ${tiersText(boot)}`;
    };
    // A single division would give 2451, floating point 2451.06.
    expect(distance([91, 97, 30, 30], [250, 270, 20, 19])).toBe('2450; 4: 0 | 19: 1');
    // 1728 * 2,486,000 is 4,295,808,000: 32 bits have only 840,704 of it left.
    const wide = [[100, 100, 1243, 1243], [300, 300, 155, 156]] as const; // prettier-ignore
    expect(distance(...wide)).toBe('13812; 4: 0 | 107: 1');
    expect(distance(...wide, '6.12.42')).toBe('2; 0: 1 | 4: 0');
    // 576 * 60000/2 = 17,280,000; * 2000/2 MB/s of 1000 is 17,280,000,000: as an int 100,130,816.
    expect(distance([1, 1, 1000, 1000], [30_000, 30_000, 1, 1])).toBe(
      '100130816; 4: 0 | 782272: 1',
    );
    // 576,000 * 4000 is 2,304,000,000, as an int negative: the fastest tier, with a ten-digit name.
    expect(distance([1, 1, 1000, 1000], [4000, 4000, 1, 1])).toBe(
      '-1990967296; 4279412864: 1 | 4: 0',
    );
  });

  test('14: bandwidths that sum to 2^32 are no bandwidth', () => {
    const HMAT = hmat([
      matrix('accessLatency', [0], [0, 1], [[100, 300]]),
      matrix('accessBandwidth', [0], [0], [[1000]]),
      matrix('accessBandwidth', [0], [1], [[1]], { base: 2 ** 31 }),
      attach(0, 0),
      attach(1, 0),
    ]);
    const { boot } = run(decodeAcpi({ SRAT: plainSrat(2), HMAT }));
    expect(accessText(boot, 1, 1)).toBe('300/300 2147483648/2147483648');
    expect(tiersText(boot)).toBe('4: 0-1');
  });

  /** Two sockets with DRAM as given (latency, bandwidth), and far memory behind the first. */
  const sockets = (
    first: readonly [number, number],
    second: readonly [number, number],
  ): AcpiTables => ({
    SRAT: srat([cpu(0, 0), cpu(1, 1), memory(0, 0, 512), memory(1, 512, 128), memory(2, 640, 128)]),
    HMAT: hmat([
      matrix('accessLatency', [0, 1], [0, 1, 2], [[first[0], 900, 300], [900, second[0], 900]]), // prettier-ignore
      matrix('accessBandwidth', [0, 1], [0, 1, 2], [[first[1], 1, 500], [1, second[1], 1]]), // prettier-ignore
    ]),
  });

  test('15: DRAM may differ by exactly 10 %; one mismatch, or one without figures, turns all off', () => {
    expect(bootTiers(sockets([100, 1000], [100, 1000]))).toBe('4: 0-1 | 27: 2');
    expect(bootTiers(sockets([100, 1000], [110, 1000]))).toBe('4: 0-1 | 27: 2');
    expect(bootTiers(sockets([100, 1000], [111, 1000]))).toBe('4: 0-2');
    expect(bootTiers(sockets([100, 1000], [100, 899]))).toBe('4: 0-2');
    expect(bootTiers(sockets([100, 1000], [100, 0]))).toBe('4: 0-2');
  });

  test('16: within the 10 % a socket can leave tier 4, and sockets then demote to one another', () => {
    // 576 * 220/200 * 200000/180000 = 703; 576 * 180/200 * 200000/220000 = 470.
    const slower = run(decodeAcpi(sockets([100, 1000], [110, 900]))).boot;
    expect(tiersText(slower)).toBe('4: 0 | 5: 1 | 27: 2');
    expect(demotionText(slower)).toBe('0>1 (1-2), 1>2 (2), 2>-');
    expect(bootTiers(sockets([100, 1000], [90, 1100]))).toBe('3: 1 | 4: 0 | 27: 2');
    const before = run(decodeAcpi(sockets([100, 1000], [110, 900])), {
      kernel: parseKernelVersion('6.10'),
    }).boot;
    expect(tiersText(before)).toBe('4: 0-1 | 27: 2');
  });

  test('17: memory with more bandwidth can be slower all the same; memory like DRAM shares its tier', () => {
    // 576 * 340/144 * 222000/409600 = 737
    const HMAT = plainHmat([72, 170, 72], [1110, 2048, 1110]);
    expect(bootTiers({ SRAT: plainSrat(3), HMAT })).toBe('4: 0,2 | 5: 1');
  });
});

describe('who asks', () => {
  const softReserved = { bootOptions: ['memmap=128M%512M-1+0xefffffff'] };

  test('18: without data boot and ACPI memory is tier 4, kmem memory tier 22', () => {
    const hotPlug = decodeAcpi({ SRAT: plainSrat(2, { hotPluggable: true }) });
    expect(tiersText(run(hotPlug, { after: 'add 1' }).final)).toBe('4: 0-1');
    const dax = decodeAcpi({ SRAT: plainSrat(2) }, softReserved);
    const history = run(dax, { after: 'kmem 1' });
    expect(tiersText(history.boot)).toBe('4: 0');
    expect(tiersText(history.final)).toBe('4: 0 | 22: 1');
    const known = decodeAcpi(far, softReserved);
    expect(tiersText(run(known, { after: 'kmem 1' }).final)).toBe('4: 0 | 27: 1');
  });

  test('27: before 6.10 every boot node counts as DRAM, so a slow one turns kmem distances off', () => {
    const tables: AcpiTables = {
      SRAT: plainSrat(3),
      HMAT: plainHmat([100, 300, 300], [1000, 500, 500]),
    };
    const machine = decodeAcpi(tables, { bootOptions: ['memmap=128M%640M-1+0xefffffff'] });
    const tiers = (kernel: string): string =>
      tiersText(run(machine, { kernel: parseKernelVersion(kernel), after: 'kmem 2' }).final);
    expect(tiers('6.6')).toBe('4: 0-1 | 22: 2');
    expect(tiers('6.8')).toBe('4: 0-1 | 22: 2');
    expect(tiers('6.10')).toBe('4: 0 | 27: 1-2');
    expect(tiers('6.12')).toBe('4: 0 | 27: 1-2');
    // With kmem memory alone 6.7 to 6.9 know its distance, and 6.6 does not.
    const alone = decodeAcpi(far, softReserved);
    const aloneTiers = (kernel: string): string =>
      tiersText(run(alone, { kernel: parseKernelVersion(kernel), after: 'kmem 1' }).final);
    expect(aloneTiers('6.6')).toBe('4: 0 | 22: 1');
    expect(aloneTiers('6.7')).toBe('4: 0 | 27: 1');
  });

  test('28: an HMAT without matrices registers an algorithm that never answers', () => {
    const machine = decodeAcpi({ SRAT: plainSrat(2), HMAT: hmat([]) });
    const { boot, reasons } = run(machine);
    expect(machine.tables.HMAT).toEqual({ state: 'used' });
    expect(accessText(boot, 1, 0)).toBe('0/0 0/0');
    expect(tiersText(boot)).toBe('4: 0-1');
    expect(reasons.filter(({ rule }) => rule === 'not-registered').map(({ text }) => text)).toEqual(
      ['hmat does not register: DRAM node 0 has no latency or no bandwidth (0/0 ns, 0/0 MB/s)'],
    );
  });
});

describe('demotion', () => {
  /** Node 0 has the CPU, and each node the tier of its latency. */
  const withTiers = (
    latencies: readonly number[],
    distances: readonly (readonly number[])[],
  ): AcpiTables => ({
    SRAT: plainSrat(latencies.length),
    SLIT: slit(distances),
    HMAT: plainHmat(
      latencies,
      latencies.map(() => 1000),
    ),
  });

  /** Node 1 is fast memory above tier 4, where the others are; node 0 has the CPU. */
  const fastMemory = (distances: readonly (readonly number[])[]): AcpiTables =>
    withTiers(
      distances.map((_, i) => (i === 1 ? 50 : 100)),
      distances,
    );

  test('19: the score orders the candidates, the raw distance ends the list', () => {
    // From node 1: node 2 scores 20, node 3 scores 21, node 0 scores 20 + 1 (lower id) + 1 (CPU).
    // So 2, then 3, and that is at another distance: node 0, as near as 2, is left out.
    const near = [[10, 20, 20, 20], [20, 10, 20, 21], [20, 20, 10, 20], [20, 21, 20, 10]]; // prettier-ignore
    expect(demotionText(run(decodeAcpi(fastMemory(near))).boot)).toBe('0>-, 1>2 (0,2-3), 2>-, 3>-');
    // Without the penalty for a lower id, 0 and 3 would have 21 each and 0 the turn, being as loaded as 3.
    const loaded = [[10, 20, 20, 15], [20, 10, 20, 21], [20, 20, 10, 15], [15, 21, 15, 10]]; // prettier-ignore
    expect(demotionText(run(decodeAcpi(fastMemory(loaded))).boot)).toBe(
      '0>-, 1>2 (0,2-3), 2>-, 3>-',
    );
    // The farther of two can be the only preferred one.
    const farther = [[10, 20, 20], [20, 10, 21], [20, 21, 10]]; // prettier-ignore
    expect(demotionText(run(decodeAcpi(fastMemory(farther))).boot)).toBe('0>-, 1>2 (0,2), 2>-');
  });

  test('20: loads break ties, and differ once the zonelists were built again', () => {
    // From node 1 all score 22: node 0 at 20 with both penalties, nodes 2 and 3 at 22.
    // Loads at boot, without the penalty for CPUs: 0 heads a group of equals for 1 (21 < 22) and
    // for 3 (21, as 2, and the lower id): 2. 2 heads the rest of 1's: 1. 3 heads one for 2: 1.
    // So 2 and 3 come before 0. Built again, with the penalty: 0 heads 1's first group (22, lower id)
    // but no longer 3's, where 2 has 21: load 1, as 3 has. Between 0 and 3 the lower id wins.
    const equal = [[10, 20, 20, 20], [20, 10, 22, 22], [20, 22, 10, 20], [20, 22, 20, 10]]; // prettier-ignore
    const { boot, final } = run(decodeAcpi(fastMemory(equal)), { after: 'offline 2; online 2' });
    expect(demotionText(boot)).toBe('0>-, 1>2-3 (0,2-3), 2>-, 3>-');
    expect(demotionText(final)).toBe('0>-, 1>0 (0,2-3), 2>-, 3>-');
  });

  test('21: only the next tier is preferred, every lower one is fallback', () => {
    const distances = [[10, 30, 20], [30, 10, 20], [20, 20, 10]]; // prettier-ignore
    const { boot } = run(decodeAcpi(withTiers([100, 200, 400], distances)));
    expect(tiersText(boot)).toBe('4: 0 | 9: 1 | 18: 2');
    expect(demotionText(boot)).toBe('0>1 (1-2), 1>2 (2), 2>-');
  });

  test('22: a tier that goes re-links its neighbours', () => {
    const distances = [[10, 20, 20], [20, 10, 20], [20, 20, 10]]; // prettier-ignore
    const machine = decodeAcpi(withTiers([100, 200, 400], distances));
    const [off, on] = run(machine, { after: 'offline 1; online 1' }).steps;
    expect(tiersText(off.state)).toBe('4: 0 | 18: 2');
    expect(demotionText(off.state)).toBe('0>2 (2), 2>-');
    expect(demotionText(on.state)).toBe('0>1 (1-2), 1>2 (2), 2>-');
  });

  test('23: a node keeps its memory type while it is offline', () => {
    // A policy that changes its mind shows it: the second answer is not taken.
    let asked = 0;
    const fickle: TieringPolicy = {
      name: 'fickle',
      priority: 200,
      adistance: (node) => (node === 1 ? adistance(1000 + 1000 * asked++) : undefined),
    };
    const history = run(decodeAcpi({ SRAT: plainSrat(2) }), {
      tieringPolicies: [fickle, defaultDram],
      after: 'offline 1; online 1',
    });
    expect(asked).toBe(2);
    expect(tiersText(history.boot)).toBe('4: 0 | 7: 1');
    expect(tiersText(history.final)).toBe('4: 0 | 7: 1');
  });
});

describe('what sysfs shows', () => {
  test('24: access directories are there with zeros, go for good with a node, miss for a generic port', () => {
    const zero = run(decodeAcpi({ SRAT: plainSrat(2), HMAT: plainHmat([100], [1000]) })).boot;
    expect(accessText(zero, 1, 0)).toBe('0/0 0/0');

    const dax = decodeAcpi(far, { bootOptions: ['memmap=128M%512M-1+0xefffffff'] });
    const history = run(dax, { after: 'kmem 1; offline 1; unbind 1; kmem 1' });
    const shown = history.steps.map(({ state }) => accessText(state, 1, 0));
    expect(shown).toEqual(['300/300 50000/50000', '300/300 50000/50000', '-', '-']);
    expect(tiersText(history.final)).toBe('4: 0 | 27: 1');

    const entries = [cpu(0, 0), memory(0, 0, 512), memory(1, 512, 128), genericPort(1, 7)];
    const port = run(decodeAcpi({ SRAT: srat(entries), HMAT: farHmat })).boot;
    expect(accessText(port, 1, 0)).toBe('-');
    expect(tiersText(port)).toBe('4: 0 | 27: 1');
  });
});

describe('CXL', () => {
  const cxlTables = (ports: readonly Uint8Array[]): AcpiTables => ({
    SRAT: srat([cpu(0, 0), memory(0, 0, 512), ...ports]),
    HMAT: hmat([
      matrix('accessLatency', [0], [0, 5], [[100, 50]]),
      matrix('accessBandwidth', [0], [0, 5], [[1000, 400]]),
    ]),
    CEDT: cedt(4096, 256, 12),
    CDAT: cdat(150, 160),
  });
  const port = [genericPort(5, 12)];
  const gen5x8 = { cxlLinks: [{ transferRate: 32000, lanes: 8 }] };

  test('25: the time of a flit in picoseconds is added to nanoseconds', () => {
    // 68 B at 4,000 MB/s: 17,000 ps. 150 + 17,000 + 50; least bandwidth is the device's 16,000.
    const { final } = run(decodeAcpi(cxlTables(port), gen5x8), { after: 'kmem 1' });
    expect(accessText(final, 1, 1)).toBe('17200/17200 16000/16000');
    // 576 * 34400/200 = 99072; * 200000/32000 = 619200
    expect(tiersText(final)).toBe(`4: 0 | ${619200 >> 7}: 1`);
  });

  test('26: it takes a generic port, an HMAT and a QoS answer, else tier 22', () => {
    const tiers = (tables: AcpiTables, options: AcpiOptions = {}): string =>
      tiersText(run(decodeAcpi(tables, { ...gen5x8, ...options }), { after: 'kmem 1' }).final);
    expect(tiers(cxlTables(port))).toBe('4: 0 | 4837: 1');
    expect(tiers(cxlTables([]))).toBe('4: 0 | 22: 1');
    const { HMAT: _, ...withoutHmat } = cxlTables(port);
    expect(tiers(withoutHmat)).toBe('4: 0 | 22: 1');
    expect(tiers(cxlTables(port), { qosAnswered: false })).toBe('4: 0 | 22: 1');
    const before = run(decodeAcpi(cxlTables(port), gen5x8), {
      kernel: parseKernelVersion('6.10'),
      after: 'kmem 1',
    }).final;
    expect(tiersText(before)).toBe('4: 0 | 22: 1');
  });
});
