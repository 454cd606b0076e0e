/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the trap it serves */
import {
  adistance,
  buildTiers,
  nodeList,
  parseHotplugSteps,
  parseKernelVersion,
  type BuildTiersOptions,
  type Machine,
  type TierHistory,
  type TieringPolicy,
  type TierState,
} from '@tierlab/core';
import { decodeAcpi, type AcpiOptions, type AcpiTables } from '@tierlab/firmware';
import { defaultDram } from '@tierlab/policy-default-dram';
import { cxlRegion, hmat as hmatPolicy } from '@tierlab/policy-hmat';
import { describe, expect, test } from 'vitest';
import {
  attach,
  cache,
  cdat,
  cedt,
  cpu,
  genericInitiator,
  genericPort,
  hmat,
  madt,
  matrix,
  memory,
  slit,
  srat,
  type MemoryOptions,
} from './table-builder.ts';

// What a naive reading gets wrong, trap by trap: a tiny machine each, whose answer another reading
// of the one rule changes. Latencies in the matrices are ns, bandwidths units of 100 MB/s.

const tieringPolicies = [hmatPolicy, cxlRegion, defaultDram];

interface Run extends Partial<BuildTiersOptions> {
  readonly after?: string;
}

function run(machine: Machine, { after, ...options }: Run = {}): TierHistory {
  const steps = after === undefined ? [] : parseHotplugSteps(after);
  return buildTiers(machine, { tieringPolicies, ...options, steps });
}

/** Fastest first: `4: 0 | 27: 1`. */
const tiersText = ({ tiers }: TierState): string =>
  tiers.map((tier) => `${tier.id}: ${nodeList(tier.nodes)}`).join(' | ');

const bootTiers = (tables: AcpiTables, options?: AcpiOptions): string =>
  tiersText(run(decodeAcpi(tables, options)).boot);

/** `0>1 (1-2)`: node 0 prefers 1 and falls back to 1-2. */
const demotionText = ({ nodes }: TierState): string =>
  nodes
    .filter((node) => node.hasMemory)
    .map(({ id, demotion }) =>
      demotion.preferred.length === 0
        ? `${id}>-`
        : `${id}>${nodeList(demotion.preferred)} (${nodeList(demotion.fallback)})`,
    )
    .join(', ');

/** `rl/wl rb/wb` of a node, as sysfs shows it; `-` where it shows none. */
function accessText(state: TierState, node: number, accessClass: 0 | 1): string {
  const coordinate = state.nodes.find(({ id }) => id === node)?.access?.[accessClass].coordinate;
  if (!coordinate) return '-';
  const { readLatency, writeLatency, readBandwidth, writeBandwidth } = coordinate;
  return `${readLatency}/${writeLatency} ${readBandwidth}/${writeBandwidth}`;
}

/** One CPU; domain 0 has 512 MiB and the CPU, each further domain 128 MiB. */
const plainSrat = (domains: number, options: MemoryOptions = {}): Uint8Array =>
  srat([
    cpu(0, 0),
    memory(0, 0, 512),
    ...Array.from({ length: domains - 1 }, (_, i) => memory(i + 1, 512 + 128 * i, 128, options)),
  ]);

/** One initiator, domain 0; per target a latency and a bandwidth. */
const plainHmat = (
  latencies: readonly number[],
  bandwidths: readonly number[],
  extra: readonly Uint8Array[] = [],
): Uint8Array => {
  const targets = latencies.map((_, i) => i);
  return hmat([
    matrix('accessLatency', [0], targets, [latencies]),
    matrix('accessBandwidth', [0], targets, [bandwidths]),
    ...extra,
  ]);
};

/** DRAM 100 ns, 100,000 MB/s; node 1 300 ns, 50,000 MB/s: 576 * 600/200 * 200000/100000 = 3456, tier 27. */
const farHmat = plainHmat([100, 300], [1000, 500]);
const far: AcpiTables = { SRAT: plainSrat(2), HMAT: farHmat };

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
