// Replays every recorded scenario in fixtures/ and prints the tables and curves of docs/validation.md:
//   node packages/kernel-lab/scripts/write-validation.mjs [SCENARIO...]
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { placementCurve, replayLabRecord, validationTable } from '../dist/index.js';

const fixtures = join(import.meta.dirname, '../fixtures');
const load = (name) =>
  JSON.parse(gunzipSync(readFileSync(join(fixtures, `${name}.json.gz`))).toString());
const named = process.argv.slice(2);
const names =
  named.length > 0
    ? named
    : readdirSync(join(fixtures, 'goldens')).map((file) => file.slice(0, -8));
const scenarios = names.map((name) => {
  const runs = [load(`goldens/${name}`), load(`ensemble/${name}~b`), load(`ensemble/${name}~c`)];
  return { runs, replay: replayLabRecord({ ...runs[0], intervals: [] }) };
});
process.stdout.write(`${validationTable(scenarios)}\n`);
for (const { runs, replay } of scenarios)
  process.stdout.write(`\n${runs[0].name}\n\n\`\`\`\n${placementCurve(runs[0], replay)}\n\`\`\`\n`);
