// The native format: size and decode rate of each codec, beside gzip'd lackey text and a plain split parser, in one
// run. node benchmarks/src/native.mjs [TRACE...] after pnpm build; a TRACE is one of traces/ or any trace's file.
//
// CPU time, least of RUNS; ratios hold on any machine, rates on this one. Replay is decoded over LONG accesses (the
// trace again and again, its clock running on), so that neither start-up nor a cache holds the figure up: all columns,
// and without the time. That takes 20 ms, so it is the least of REPLAY_RUNS: some fall between what else the host does.
import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

import { openTlt, openTrace, randomAccess, writeTlt } from '../../packages/trace/dist/index.js';

const RUNS = 9;
const REPLAY_RUNS = 60;
const LONG = 20_000_000;
const folder = fileURLToPath(new URL('../../traces/', import.meta.url));

async function bytesOf(chunks) {
  const parts = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** Least CPU nanoseconds per access over `runs`. */
async function measure(accesses, run, runs = RUNS) {
  let best = Infinity;
  for (let i = 0; i < runs; i++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, ((user + system) * 1000) / accesses);
  }
  return best;
}

/** A trace in memory: page, write bit and time, which is what every format of the comparison has. */
async function load(path) {
  const trace = await openTrace({ name: path, bytes: () => createReadStream(path) });
  const blocks = [];
  const numbers = [];
  let accesses = 0;
  for await (const { length, page, write, time, newPageFirst, newPageNumber } of trace.blocks()) {
    blocks.push({
      length,
      page: page.slice(0, length),
      write: write.slice(0, length),
      ...(time && { time: time.slice(0, length) }),
      newPageFirst,
      newPageNumber,
    });
    numbers.push(...newPageNumber);
    accesses += length;
  }
  return { declaration: trace.declaration, blocks, numbers, accesses };
}

/** `trace` so often that it has `accesses` at least. */
function repeated({ declaration, blocks, numbers, accesses }, least) {
  const times = Math.ceil(least / accesses);
  const span = (blocks.at(-1)?.time?.at(-1) ?? 0) + 1;
  async function* again() {
    for (let round = 0; round < times; round++) {
      for (const { time, ...block } of blocks) {
        const later = time && { time: time.map((tick) => tick + round * span) };
        const known = { newPageFirst: numbers.length, newPageNumber: new Float64Array(0) };
        yield { ...block, ...later, ...(round > 0 && known) };
      }
    }
  }
  return { declaration, accesses: accesses * times, blocks: again };
}

const decode = (bytes) => async () => {
  const file = await openTlt(randomAccess('bench', bytes));
  let sum = 0;
  for await (const block of file.blocks()) sum += block.page[0];
  return sum;
};

function textOf({ blocks, numbers }) {
  const lines = [];
  for (const { length, page, write } of blocks)
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
const shipped = readdirSync(folder)
  .filter((file) => file.endsWith('.tlt'))
  .map((file) => file.slice(0, -4));
process.stdout.write(
  'trace              accesses | B/access archive replay text.gz | M accesses/s archive replay no-time split(text.gz) | replay/split\n',
);
for (const name of names.length > 0 ? names : shipped) {
  const trace = await load(existsSync(name) ? name : `${folder}${name}.tlt`);
  const long = repeated(trace, LONG);
  const once = repeated(trace, 1);
  const archive = await bytesOf(writeTlt(once));
  const replay = await bytesOf(writeTlt(once, { codec: 'replay' }));
  const zipped = gzipSync(textOf(trace));
  const { accesses: n } = trace;
  const archiveNs = await measure(n, decode(archive));
  const timed = await bytesOf(writeTlt(long, { codec: 'replay' }));
  const replayNs = await measure(long.accesses, decode(timed), REPLAY_RUNS);
  const bare = await bytesOf(writeTlt(long, { codec: 'replay', omit: ['time'] }));
  const bareNs = await measure(long.accesses, decode(bare), REPLAY_RUNS);
  const splitNs = await measure(n, () => splitParse(gunzipSync(zipped).toString('latin1')));
  const sizes = [archive, replay, zipped].map(({ length }) => (length / n).toFixed(2).padStart(6));
  const rates = [archiveNs, replayNs, bareNs, splitNs].map((ns) =>
    (1000 / ns).toFixed(ns > 100 ? 1 : 0).padStart(6),
  );
  process.stdout.write(
    `${name.split('/').at(-1).padEnd(18)} ${String(n).padStart(8)} | ${sizes.join(' ')} | ${rates.join(' ')} | ${(splitNs / replayNs).toFixed(0)}\n`,
  );
}
