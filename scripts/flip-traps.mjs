// Flips every rule that a naive reading of the kernel gets wrong, one at a time, and sees whether the
// test of that trap (packages/testkit/src/traps-in-*.test.ts) fails. Sources are restored in any case.
//
//   node scripts/flip-traps.mjs [TRAP...]
//
// Exit code 1 when a flipped rule goes unnoticed, or a rule is no longer where this file says.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const ACPI = 'packages/firmware/src/acpi/';
const TIERS = 'packages/core/src/tiers/';
const HMAT_POLICY = 'packages/policy-hmat/src/hmat.ts';

/** Trap, what the naive reader thinks, where, the rule, the naive rule. */
const FLIPS = [
  [
    1,
    'nodes are numbered as the domains are',
    `${ACPI}numa.ts`,
    'const node = this.domainOf.size;',
    'const node = domain;',
  ],
  [
    1,
    'memory entries are read first',
    `${ACPI}numa.ts`,
    'this.readProcessors(srat);\n      this.readMemory(srat);',
    'this.readMemory(srat);\n      this.readProcessors(srat);',
  ],
  [2, 'a bad structure is skipped', `${ACPI}hmat-targets.ts`, 'if (refusal) return refusal;', ''],
  [
    3,
    'a disabled initiator is skipped',
    `${ACPI}numa.ts`,
    '!this.readInitiator(entry)) return;',
    '!this.readInitiator(entry)) continue;',
  ],
  [
    4,
    'a wrong checksum refuses the table',
    `${ACPI}decode.ts`,
    "if (!table.checksumGood && signature !== 'CDAT')",
    "if (!table.checksumGood) delete this.opened[signature];\n    if (!table.checksumGood && signature !== 'CDAT')",
  ],
  [
    5,
    'only used entries of a SLIT are judged',
    `${ACPI}numa.ts`,
    'if (slit.invalid) {',
    'if (slit.invalid && slit.localities < 2) {',
  ],
  [
    5,
    'a SLIT is indexed by node',
    `${ACPI}numa.ts`,
    'slit.distance(fromDomain, toDomain)',
    'slit.distance(from, to)',
  ],
  [
    6,
    'domains always have 32 bits',
    `${ACPI}numa.ts`,
    'revision <= 1 ? entry.proximityDomain % 256',
    'revision < 0 ? entry.proximityDomain % 256',
  ],
  [
    7,
    'the tier is that of the nearest initiator',
    HMAT_POLICY,
    'performanceToAdistance(target.access[1].coordinate)',
    'performanceToAdistance(target.access[0].coordinate)',
  ],
  [
    8,
    'the attached initiator is a candidate like others',
    `${ACPI}hmat-targets.ts`,
    'if (attachedInitiator !== undefined && (accessClass === 0 || attachedHasCpu))',
    'if (attachedInitiator !== undefined && accessClass === 0 && attachedHasCpu)',
  ],
  [
    8,
    'zeros do not overwrite',
    `${ACPI}hmat-targets.ts`,
    'writeCoordinate(target.access[0], dataType, value);',
    'if (value === 0) continue;\n        writeCoordinate(target.access[0], dataType, value);',
  ],
  [
    9,
    'the best value of any initiator counts',
    `${ACPI}best-initiator.ts`,
    'survivors = survivors.filter((_, i) => values[i] === best);',
    '',
  ],
  [
    9,
    'read latency is asked first',
    `${ACPI}best-initiator.ts`,
    /const order = \[\s*kinds\.writeLatency,\s*kinds\.readLatency,/,
    'const order = [kinds.readLatency, kinds.writeLatency,',
  ],
  [
    10,
    '"access" means read',
    `${ACPI}best-initiator.ts`,
    'if (dataType === ACCESS_LATENCY || dataType === WRITE_LATENCY)',
    'if (dataType === WRITE_LATENCY)',
  ],
  [
    11,
    'the first matrix of a kind counts',
    `${ACPI}best-initiator.ts`,
    'matrices.findLast(',
    'matrices.find(',
  ],
  [
    12,
    'cache levels count as memory',
    `${ACPI}hmat-targets.ts`,
    'if (locality.hierarchy !== 0) continue;',
    '',
  ],
  [
    12,
    'flagged matrices are left out',
    `${ACPI}hmat.ts`,
    'hierarchy: readU8(table, offset + 8) & 0xf',
    'hierarchy: readU8(table, offset + 8)',
  ],
  [
    13,
    'picoseconds round down',
    `${ACPI}normalise.ts`,
    'Math.trunc(((value + divisor - 1) >>> 0) / divisor)',
    'Math.trunc(value / divisor)',
  ],
  [
    13,
    'the rounding does not wrap',
    `${ACPI}normalise.ts`,
    '((value + divisor - 1) >>> 0)',
    '(value + divisor - 1)',
  ],
  [
    13,
    'large values fit',
    `${ACPI}normalise.ts`,
    'if (base > Math.trunc(U32_MAX / entry)) return 0;',
    '',
  ],
  [
    13,
    '0xffff is a value',
    `${ACPI}normalise.ts`,
    'entry === 0 || entry === 0xffff',
    'entry === 0',
  ],
  [
    13,
    'revision 1 divides latencies only',
    `${ACPI}normalise.ts`,
    'if (revision === 1) return',
    'if (revision === 1 && isLatency(dataType)) return',
  ],
  [
    14,
    'one division at the end',
    `${TIERS}adistance.ts`,
    'const scaled = Math.trunc((ADISTANCE_DRAM * latency) / dramLatency);',
    'const scaled = (ADISTANCE_DRAM * latency) / dramLatency;',
  ],
  [
    14,
    'the result is not cut to an int',
    `${TIERS}adistance.ts`,
    'return adistance(toInt32(Math.trunc(product / bandwidth)));',
    'return adistance(Math.trunc(product / bandwidth));',
  ],
  [
    14,
    'every kernel has 64 bits',
    `${TIERS}default-dram.ts`,
    'const wide = holds(WIDE_ADISTANCE, this.kernel);',
    'const wide = true;',
  ],
  [
    14,
    'sums do not wrap',
    `${TIERS}adistance.ts`,
    '(readBandwidth + writeBandwidth) >>> 0',
    'readBandwidth + writeBandwidth',
  ],
  [
    14,
    'tier names are signed',
    `${TIERS}adistance.ts`,
    '(start >> TIER_CHUNK_BITS) >>> 0',
    'start >> TIER_CHUNK_BITS',
  ],
  [
    15,
    '10 % is too much',
    `${TIERS}adistance.ts`,
    '>>> 0 > reference[field]',
    '>>> 0 >= reference[field]',
  ],
  [
    15,
    'a DRAM node without figures is skipped',
    HMAT_POLICY,
    'if (refusal !== undefined) return refusal;',
    "if (refusal !== undefined && !refusal.includes('has no')) return refusal;",
  ],
  [
    15,
    'a mismatch is forgiven',
    `${TIERS}default-dram.ts`,
    'if (field === undefined) return undefined;',
    'return undefined;',
  ],
  [
    16,
    'CPU nodes are DRAM in every kernel',
    `${TIERS}memory-tiering.ts`,
    "const { adistance, by } = this.ask(node, 'memory');",
    "const { adistance, by } = this.hasCpu(node) ? { adistance: ADISTANCE_DRAM, by: '' } : this.ask(node, 'memory');",
  ],
  [
    17,
    'CPU-less nodes are never in the tier of DRAM',
    `${TIERS}memory-tiering.ts`,
    "this.types.initNodeType(node, known ?? this.types.findOrAllocate(adistance, 'default'));",
    "this.types.initNodeType(node, known ?? this.types.findOrAllocate((adistance === ADISTANCE_DRAM && !this.hasCpu(node) ? adistance + 128 : adistance) as typeof adistance, 'default'));",
  ],
  [
    18,
    'no data is tier 4 for all',
    'packages/policy-default-dram/src/index.ts',
    "asker === 'kmem'",
    'asker === undefined',
  ],
  [
    18,
    'kmem does not ask the HMAT',
    `${TIERS}memory-tiering.ts`,
    'if (holds(ALGORITHM_CHAIN, this.kernel)) {\n      const',
    'if (!holds(ALGORITHM_CHAIN, this.kernel)) {\n      const',
  ],
  [
    19,
    'no penalty for CPUs',
    `${TIERS}demotion.ts`,
    'Number(candidate < node) + Number(withCpus.has(candidate))',
    'Number(candidate < node)',
  ],
  [
    19,
    'no penalty for lower ids',
    `${TIERS}demotion.ts`,
    'Number(candidate < node) + Number(withCpus.has(candidate))',
    'Number(withCpus.has(candidate))',
  ],
  [
    19,
    'all at the least distance are preferred',
    `${TIERS}demotion.ts`,
    'const end = ranked.findIndex(({ distance }) => distance !== ranked[0]!.distance);',
    'const least = Math.min(...ranked.map(({ distance }) => distance));\n  return ranked.filter(({ distance }) => distance === least).map(({ node }) => node).sort((a, b) => a - b);\n  const end = 0;',
  ],
  [
    20,
    'no loads',
    `${TIERS}demotion.ts`,
    'ranked.penalised * MAX_NUMNODES + (nodeLoad.get(ranked.node) ?? 0)',
    '0',
  ],
  [
    20,
    'loads are counted with CPUs from the start',
    `${TIERS}memory-tiering.ts`,
    '{ ...this.order(), withCpus: new Set() }',
    'this.order()',
  ],
  [
    20,
    'loads are counted once',
    `${TIERS}memory-tiering.ts`,
    'this.nodeLoad = buildNodeLoad(this.possibleNodes(), this.order());',
    '',
  ],
  [
    21,
    'fallback is the next tier',
    `${TIERS}memory-tiering.ts`,
    'const fallback = below.flatMap(',
    'const fallback = below.slice(0, 1).flatMap(',
  ],
  [
    21,
    'every lower tier is preferred',
    `${TIERS}memory-tiering.ts`,
    'rankNodes(node, this.types.nodesOf(below[0]), order)',
    'rankNodes(node, fallback, order)',
  ],
  [
    22,
    'an empty tier stays',
    `${TIERS}memory-types.ts`,
    'if (tier.types.length === 0) this.tiers',
    'if (tier.types.length > 9) this.tiers',
  ],
  [
    23,
    'a node that comes back gets a new type',
    `${TIERS}memory-tiering.ts`,
    'if (!tier || !this.types.leaveTier(node)) return;',
    'if (!tier || !this.types.leaveTier(node)) return;\n    this.types.clearNodeType(node);',
  ],
  [
    24,
    'access directories come back',
    `${TIERS}memory-tiering.ts`,
    'if (!target || this.hmatRegistered.has(node)) return;',
    'if (!target) return;',
  ],
  [
    24,
    'a generic port shows its attributes',
    `${ACPI}hmat-targets.ts`,
    'shown: target.portUid === undefined',
    'shown: true',
  ],
  [
    25,
    'picoseconds become nanoseconds',
    `${TIERS}cxl-region.ts`,
    'Math.trunc((flit * 1_000_000) / laneMegabytes)',
    'Math.ceil((flit * 1_000) / laneMegabytes)',
  ],
  [
    26,
    'the generic port is not needed',
    `${TIERS}cxl-region.ts`,
    'if (missing)\n',
    'if (missing && devices.length > 1)\n',
  ],
  [
    26,
    'the QoS answer is not needed',
    `${TIERS}cxl-region.ts`,
    'if (!machine.cxl.qosAnswered)',
    'if (machine.cxl.qosAnswered === undefined)',
  ],
  [
    27,
    'only CPU nodes are measured, always',
    `${TIERS}memory-tiering.ts`,
    'this.defaultDramNodes = late ? cpuNodes : memoryNodes;',
    'this.defaultDramNodes = cpuNodes;',
  ],
  [
    28,
    'an HMAT without matrices is no HMAT',
    `${ACPI}hmat-targets.ts`,
    'const initiators = collectInitiators(input);',
    "if (table.localities.length === 0) return { offset: undefined, reason: 'no matrices' };\n  const initiators = collectInitiators(input);",
  ],
];

const wanted = new Set(process.argv.slice(2).map(Number));
const flips = FLIPS.filter(([trap]) => wanted.size === 0 || wanted.has(trap));
let unnoticed = 0;
for (const [trap, thought, file, rule, naive] of flips) {
  const verdict = flip(trap, root + file, rule, naive);
  if (verdict !== 'caught') unnoticed++;
  console.log(`${verdict.padEnd(9)} ${String(trap).padStart(2)}  ${thought}`);
}
console.log(`${flips.length - unnoticed} of ${flips.length} caught`);
process.exit(unnoticed === 0 ? 0 : 1);

function flip(trap, path, rule, naive) {
  const source = readFileSync(path, 'utf8');
  const flipped = source.replace(rule, () => naive);
  if (flipped === source) return 'NOT FOUND';
  try {
    writeFileSync(path, flipped);
    return trapFails(trap) ? 'caught' : 'UNNOTICED';
  } finally {
    writeFileSync(path, source);
  }
}

function trapFails(trap) {
  const { stdout } = spawnSync(
    'npx',
    ['vitest', 'run', 'src/traps-in-', '--reporter=json', '-t', `(^|\\s)${trap}: `],
    { cwd: `${root}packages/testkit`, encoding: 'utf8' },
  );
  return JSON.parse(stdout.slice(stdout.indexOf('{'))).numFailedTests > 0;
}
