// Mutates the recorded machines' firmware tables and asks for their tiers: each must give an answer
// or a coded error, in bounded time and memory. Needs built packages (`pnpm build`).
//
//   node scripts/fuzz-tables.mjs [TABLES=100000] [SEED=1]
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';

const require = createRequire(new URL('../packages/testkit/package.json', import.meta.url));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { buildTiers, InputError, parseHotplugSteps } = await load('@tierlab/core');
const { decodeAcpi } = await load('@tierlab/firmware');
const { cxlRegion, hmat } = await load('@tierlab/policy-hmat');
const { defaultDram } = await load('@tierlab/policy-default-dram');
const { createRandom, mutateTables } = await import('../packages/testkit/dist/index.js');

const wanted = Number(process.argv[2] ?? 100_000);
const random = createRandom(Number(process.argv[3] ?? 1));
const file = new URL('../packages/firmware/fixtures/oracle/tiers.jsonl.gz', import.meta.url);
const seeds = gunzipSync(readFileSync(file))
  .toString()
  .trim()
  .split('\n')
  .map((line) =>
    Object.fromEntries(
      Object.entries(JSON.parse(line).tables).map(([signature, text]) => [
        signature,
        Buffer.from(text, 'base64'),
      ]),
    ),
  );

const options = {
  tieringPolicies: [hmat, cxlRegion, defaultDram],
  steps: parseHotplugSteps('offline 1; add 1; kmem; kmem 1; online 1'),
};
const outcomes = new Map();
const started = process.cpuUsage();
let mutated = { tables: 0, bytes: 0, cases: 0 };
let slowestMs = 0;
let reported = 0;
while (mutated.tables < wanted) {
  const seed = seeds[Math.floor(random() * seeds.length)];
  const other = seeds[Math.floor(random() * seeds.length)];
  const { tables, mutatedTables, mutatedBytes } = mutateTables(seed, other, random);
  const before = performance.now();
  const outcome = answer(tables);
  slowestMs = Math.max(slowestMs, performance.now() - before);
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  mutated = {
    tables: mutated.tables + mutatedTables,
    bytes: mutated.bytes + mutatedBytes,
    cases: mutated.cases + 1,
  };
  if (mutated.tables >= reported + wanted / 10) {
    reported = mutated.tables;
    report();
  }
}
console.log(Object.fromEntries([...outcomes].sort((a, b) => b[1] - a[1])));

function answer(tables) {
  try {
    const machine = decodeAcpi(tables);
    // One in eight through hotplug as well: that costs more than reading the tables.
    if (random() < 0.125) buildTiers(machine, options);
    return machine.hmat ? 'machine with HMAT' : 'machine';
  } catch (error) {
    if (error instanceof InputError) return error.code;
    const text = Object.entries(tables).map(
      ([signature, bytes]) => `${signature} ${Buffer.from(bytes).toString('base64')}`,
    );
    console.log(text.join('\n'));
    throw error;
  }
}

function report() {
  const { user, system } = process.cpuUsage(started);
  const mib = Math.round(process.memoryUsage.rss() / 2 ** 20);
  console.log(
    `${mutated.tables} tables, ${mutated.bytes} bytes in ${mutated.cases} cases: ${Math.round((user + system) / 1e6)} s of CPU, RSS ${mib} MiB, slowest case ${slowestMs.toFixed(1)} ms`,
  );
}
