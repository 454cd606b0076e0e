// The native format: size and decode rate of each codec, beside gzip'd lackey text and a plain split parser, on the
// shipped traces. node benchmarks/src/native.mjs [NAME...] after pnpm build. CPU time, best of RUNS; ratios hold on
// any machine, rates on this one.
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';

import { openTlt, randomAccess, recodeTlt, writeTlt } from '../../packages/trace/dist/index.js';

const RUNS = 7;
const folder = new URL('../../traces/', import.meta.url);

async function bytesOf(chunks) {
  const parts = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

async function* once(bytes) {
  yield bytes;
}

/** Best CPU nanoseconds per access over RUNS. */
async function measure(accesses, run) {
  let best = Infinity;
  for (let i = 0; i < RUNS; i++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, ((user + system) * 1000) / accesses);
  }
  return best;
}

const decode = (bytes) => async () => {
  const file = await openTlt(randomAccess('bench', bytes));
  let sum = 0;
  for await (const block of file.blocks()) sum += block.page[0];
  return sum;
};

async function textOf(file) {
  const numbers = await file.pageNumbers();
  const lines = [];
  for await (const { length, page, write } of file.blocks())
    for (let i = 0; i < length; i++)
      lines.push(` ${write[i] ? 'S' : 'L'} ${(numbers[page[i]] * 4096).toString(16)},8\n`);
  return lines.join('');
}

function splitParse(text) {
  const ids = new Map();
  let sum = 0;
  for (const line of text.split('\n')) {
    const match = /^ ([LS]) ([0-9a-f]+),\d+$/.exec(line);
    if (match === null) continue;
    const page = Math.floor(parseInt(match[2], 16) / 4096);
    if (!ids.has(page)) ids.set(page, ids.size);
    sum += ids.get(page);
  }
  return sum;
}

const names = process.argv.slice(2);
const all = readdirSync(folder)
  .filter((file) => file.endsWith('.tlt'))
  .map((file) => file.slice(0, -4));
process.stdout.write(
  'trace              accesses | B/access archive replay text.gz | M accesses/s archive replay split(text.gz) | replay/split\n',
);
for (const name of names.length > 0 ? names : all) {
  const source = await openTlt(randomAccess(name, readFileSync(new URL(`${name}.tlt`, folder))));
  // Page, write bit and time: what every format of the comparison has, and no touches.
  const bare = {
    declaration: source.declaration,
    async *blocks() {
      for await (const { touches: _, thread: __, ...block } of source.blocks()) yield block;
    },
  };
  const archive = await bytesOf(writeTlt(bare));
  const replay = await bytesOf(recodeTlt(name, once(archive), 'replay'));
  const zipped = gzipSync(await textOf(source));
  const n = source.accesses;
  const archiveNs = await measure(n, decode(archive));
  const replayNs = await measure(n, decode(replay));
  const splitNs = await measure(n, () => splitParse(gunzipSync(zipped).toString('latin1')));
  const sizes = [archive, replay, zipped].map(({ length }) => (length / n).toFixed(2).padStart(6));
  const rates = [archiveNs, replayNs, splitNs].map((ns) => (1000 / ns).toFixed(1).padStart(7));
  process.stdout.write(
    `${name.padEnd(18)} ${String(n).padStart(8)} | ${sizes.join(' ')} | ${rates.join(' ')} | ${(splitNs / replayNs).toFixed(0)}\n`,
  );
}
