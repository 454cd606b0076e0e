/** Firmware tables of a machine that nobody made, and what boots beside them. */
export interface RandomTables {
  /** Memory from address 0, as {@link pcMemoryMap} of `@tierlab/firmware` lays it out. */
  readonly ramMiB: number;
  /** CPUs, with APIC ids from 0. */
  readonly cpus: number;
  readonly tables: Readonly<Record<'SRAT' | 'SLIT' | 'HMAT', Uint8Array>>;
  /** What was drawn, for a person who looks at a difference. */
  readonly summary: string;
}

type Random = () => number;

const FIRST_NODE_MIB = 512;
const NODE_MIB = 128;
const MIB = 2 ** 20;

interface Domain {
  readonly pxm: number;
  readonly cpus: number;
  readonly memoryMib: number;
  readonly initiator: boolean;
}

/**
 * Draws the tables of a machine of 2 to 7 domains with what makes the way from firmware to tiers
 * hard: domain numbers out of order, memoryless CPUs, generic initiators, ties, missing figures,
 * read and write matrices beside access matrices, attached initiators, matrices of caches, revisions
 * 1 and 2, and asymmetric or invalid distances. `random` returns numbers in [0, 1).
 */
export function randomTables(random: Random): RandomTables {
  const domains = drawDomains(random);
  const total = domains.reduce((sum, { memoryMib }) => sum + memoryMib, 0);
  const hmatRevision = chance(random, 0.8) ? 2 : 1;
  return {
    ramMiB: total,
    cpus: domains.reduce((sum, { cpus }) => sum + cpus, 0),
    tables: {
      SRAT: table('SRAT', 3, sratBody(domains)),
      SLIT: table('SLIT', 1, slitBody(random, domains)),
      HMAT: table('HMAT', hmatRevision, hmatBody(random, domains)),
    },
    summary: `HMAT revision ${hmatRevision}; ${domains
      .map(
        ({ pxm, cpus, memoryMib, initiator }) =>
          `domain ${pxm}: ${cpus} CPUs, ${memoryMib} MiB${initiator ? ', generic initiator' : ''}`,
      )
      .join('; ')}`,
  };
}

const chance = (random: Random, probability: number): boolean => random() < probability;
const below = (random: Random, end: number): number => Math.floor(random() * end);
const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)];

function drawDomains(random: Random): readonly Domain[] {
  const count = 2 + below(random, 6);
  const pxms = shuffled(
    random,
    Array.from({ length: count + 2 }, (_, i) => i),
  ).slice(0, count);
  return pxms.map((pxm, i) => {
    const kind = i === 0 ? 'cpu and memory' : pick(random, kinds);
    return {
      pxm,
      cpus: kind.includes('cpu') ? 1 : 0,
      memoryMib: kind.includes('memory') ? (i === 0 ? FIRST_NODE_MIB : NODE_MIB) : 0,
      initiator: kind === 'initiator',
    };
  });
}

const kinds = ['memory', 'memory', 'memory', 'cpu and memory', 'cpu', 'initiator'] as const;

function shuffled<T>(random: Random, values: readonly T[]): T[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

/** Little-endian bytes of `value`; exact to 2^53. */
function bytesOf(width: 1 | 2 | 4 | 8, value: number): readonly number[] {
  const result: number[] = [];
  for (let i = 0, rest = value; i < width; i++, rest = Math.floor(rest / 256)) {
    result.push(rest % 256);
  }
  return result;
}

const u8 = (value: number): readonly number[] => bytesOf(1, value);
const u16 = (value: number): readonly number[] => bytesOf(2, value);
const u32 = (value: number): readonly number[] => bytesOf(4, value);
const u64 = (value: number): readonly number[] => bytesOf(8, value);
const ascii = (text: string): readonly number[] =>
  Array.from(text, (character) => character.charCodeAt(0));

/** An ACPI table whose bytes add up to 0. Source: ACPI 6.5, 5.2.6. */
function table(signature: string, revision: number, body: readonly number[]): Uint8Array {
  const bytes = Uint8Array.from([
    ...ascii(signature),
    ...u32(36 + body.length),
    ...u8(revision),
    ...u8(0),
    ...ascii('RANDOMBXPC    '),
    ...u32(2),
    ...ascii('RAND'),
    ...u32(1),
    ...body,
  ]);
  bytes[9] = (256 - (bytes.reduce((sum, byte) => sum + byte, 0) % 256)) % 256;
  return bytes;
}

/** Source: ACPI 6.5, 5.2.16. */
function sratBody(domains: readonly Domain[]): readonly number[] {
  let cpu = 0;
  let baseMib = 0;
  const body = [...u32(1), ...u64(0)];
  for (const { pxm, cpus, memoryMib, initiator } of domains) {
    for (let i = 0; i < cpus; i++) {
      body.push(...u8(0), ...u8(16), ...u8(pxm), ...u8(cpu++), ...u32(1), ...u64(0));
    }
    if (initiator) {
      body.push(...u8(5), ...u8(32), ...u16(0), ...u32(pxm), ...ascii('RAND0001'));
      body.push(...u64(pxm), ...u32(1), ...u32(0));
    }
    if (memoryMib > 0) {
      body.push(...u8(1), ...u8(40), ...u32(pxm), ...u16(0), ...u64(baseMib * MIB));
      body.push(...u64(memoryMib * MIB), ...u32(0), ...u32(1), ...u64(0));
      baseMib += memoryMib;
    }
  }
  return body;
}

/** Mostly valid; now and then one distance below 11, for which Linux ignores the whole table. */
function slitBody(random: Random, domains: readonly Domain[]): readonly number[] {
  const count = 1 + Math.max(...domains.map(({ pxm }) => pxm));
  const distances = Array.from({ length: count * count }, (_, i) =>
    i % (count + 1) === 0 ? 10 : pick(random, [11, 12, 20, 20, 21, 21, 22, 40, 255]),
  );
  if (chance(random, 0.1)) distances[1] = 10;
  return [...u64(count), ...distances];
}

/** Source: ACPI 6.5, 5.2.27. */
function hmatBody(random: Random, domains: readonly Domain[]): readonly number[] {
  const targets = domains.filter(({ memoryMib }) => memoryMib > 0);
  const initiators = domains.filter(({ cpus, initiator }) => cpus > 0 || initiator);
  const structures: (readonly number[])[] = targets
    .filter(() => chance(random, 0.3))
    .map(({ pxm }) => attached(pick(random, initiators).pxm, pxm));
  const split = chance(random, 0.5);
  for (const dataType of split ? [1, 2, 4, 5] : [0, 3]) {
    structures.push(matrix(random, dataType, initiators, targets));
  }
  if (chance(random, 0.3)) structures.push(matrix(random, below(random, 6), initiators, targets));
  if (chance(random, 0.2)) structures.push(matrix(random, 0, initiators, targets, 1));
  return [...u32(0), ...shuffled(random, structures).flat()];
}

const attached = (initiator: number, memory: number): readonly number[] => [
  ...[u16(0), u16(0), u32(40), u16(1), u16(0), u32(initiator), u32(memory), u32(0)].flat(),
  ...u64(0),
  ...u64(0),
];

/** A matrix that leaves out some targets and some figures; `hierarchy` 0 is memory, 1 a cache of it. */
function matrix(
  random: Random,
  dataType: number,
  allInitiators: readonly Domain[],
  allTargets: readonly Domain[],
  hierarchy = 0,
): readonly number[] {
  const some = (list: readonly Domain[]): readonly Domain[] =>
    shuffled(random, list).slice(
      0,
      chance(random, 0.8) ? list.length : Math.max(1, list.length - 1),
    );
  const initiators = some(allInitiators);
  const targets = some(allTargets);
  const latency = dataType <= 2;
  const entries = initiators.flatMap((initiator) =>
    targets.map((target) =>
      drawFigure(random, latency ? latencies : bandwidths, initiator, target),
    ),
  );
  const length = 32 + 4 * (initiators.length + targets.length) + 2 * entries.length;
  return [
    ...[u16(1), u16(0), u32(length), u8(hierarchy), u8(dataType), u16(0)].flat(),
    ...[u32(initiators.length), u32(targets.length), u32(0), u64(latency ? 1000 : 100)].flat(),
    ...[...initiators, ...targets].flatMap(({ pxm }) => u32(pxm)),
    ...entries.flatMap((entry) => u16(entry)),
  ];
}

interface Figures {
  /** From a CPU to its own memory: mostly within the 10 % that Linux allows between DRAM nodes. */
  readonly local: readonly number[];
  readonly remote: readonly number[];
  /** To memory without CPUs, from anywhere: faster, like and slower than DRAM. */
  readonly cpuless: readonly number[];
}

const latencies: Figures = {
  local: [100, 100, 100, 105, 110, 111],
  remote: [140, 150, 200],
  cpuless: [60, 100, 109, 240, 300, 400],
};
const bandwidths: Figures = {
  local: [2000, 2000, 2000, 1900, 1800, 1799],
  remote: [800, 1000],
  cpuless: [300, 600, 1000, 2000, 8000],
};

/** Now and then not given (0) or unknown (0xffff), which Linux reads as the same. */
function drawFigure(random: Random, figures: Figures, initiator: Domain, target: Domain): number {
  if (chance(random, 0.03)) return pick(random, [0, 0xffff]);
  if (target.cpus === 0) return pick(random, figures.cpuless);
  return pick(random, initiator === target ? figures.local : figures.remote);
}
