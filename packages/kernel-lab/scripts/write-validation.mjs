// Replays every recorded scenario in fixtures/, writes the tables of docs/validation.md and a picture of each golden:
//   node packages/kernel-lab/scripts/write-validation.mjs
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { placementPicture, replayLabRecord, validationTable } from '../dist/index.js';

const home = join(import.meta.dirname, '..');
const docs = join(home, '../../docs');
const load = (name) =>
  JSON.parse(gunzipSync(readFileSync(join(home, `fixtures/${name}.json.gz`))).toString());
const filesOf = (folder) =>
  readdirSync(join(home, `fixtures/${folder}`)).map((file) => file.replace('.json.gz', ''));
const scenarioOf = (...files) => {
  const runs = files.map(load);
  return { runs, replay: replayLabRecord({ ...runs[0], intervals: [] }) };
};
const names = filesOf('goldens');
const scenarios = names.map((name) =>
  scenarioOf(`goldens/${name}`, `ensemble/${name}~b`, `ensemble/${name}~c`),
);
const holdOutFiles = filesOf('hold-outs');
const holdOuts = holdOutFiles
  .filter((file) => file.endsWith('~b'))
  .map((file) => file.slice(0, -2))
  .map((name) =>
    scenarioOf(
      ...holdOutFiles
        .filter((file) => file === name || file.startsWith(`${name}~`))
        .toSorted()
        .map((file) => `hold-outs/${file}`),
    ),
  );

mkdirSync(join(docs, 'validation'), { recursive: true });
for (const scenario of scenarios)
  writeFileSync(join(docs, `validation/${scenario.runs[0].name}.svg`), placementPicture(scenario));
const pictures = names
  .map((name) => `### ${name}\n\n![${name}: pages on node 0 over time](validation/${name}.svg)`)
  .join('\n\n');

const page = join(docs, 'validation.md');
const between = (text, name, content) =>
  text.replace(
    new RegExp(`(<!-- ${name} -->\\n)[^]*(<!-- end of ${name} -->)`),
    (_, start, end) => `${start}\n${content}\n\n${end}`,
  );
let text = readFileSync(page, 'utf8');
text = between(text, 'table', validationTable(scenarios));
text = between(text, 'hold-outs', validationTable(holdOuts));
text = between(text, 'pictures', pictures);
writeFileSync(page, text);
