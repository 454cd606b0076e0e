// Random whole runs, each with every check of the engine on. Usage:
//   node scripts/any-run.mjs [SEED [COUNT [POLICY]]]
// runs COUNT seeds from SEED on and stops at the first one that fails, with the line that repeats it.
import { migrationPolicies } from '../packages/migration-policies/dist/index.js';
import { anyRun } from '../packages/testkit/dist/any-run.js';

const [first = 1, count = 1000] = process.argv.slice(2, 4).map(Number);
const name = process.argv[4];
const policies = [...migrationPolicies.values()].filter(
  (policy) => name === undefined || policy.name === name,
);
if (policies.length === 0 || !(count > 0)) {
  process.stderr.write('usage: node scripts/any-run.mjs [SEED [COUNT [POLICY]]]\n');
  process.exit(2);
}
let moved = 0;
for (let seed = first; seed < first + count; seed++) {
  moved += (await anyRun(seed, policies)).totals.movedRequests;
  if ((seed - first + 1) % 1000 === 0) process.stdout.write(`${seed - first + 1} runs\n`);
}
process.stdout.write(`${count} runs from seed ${first}, ${moved} moves, no check failed\n`);
