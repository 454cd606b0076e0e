// A comparison killed at random moments (SIGKILL) and started again, as often as asked. Usage:
//   node scripts/kill-sweep.mjs [COUNT [SEED]]
// Each time it must hold that every run that was finished is found again and not made a second time, and that
// all files have the bytes of a comparison that nobody killed. Prints the seed that repeats a failure.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { randomStream } from '../packages/core/dist/index.js';

const [count = 50, seed = 1] = process.argv.slice(2).map(Number);
const program = resolve(import.meta.dirname, '../packages/cli/bin/tierlab.js');
const random = randomStream(seed);
const directory = mkdtempSync(join(tmpdir(), 'tierlab-kill-'));
const at = (name) => join(directory, name);

writeFileSync(
  at('machine.yaml'),
  `nodes:
  - { cpus: 1, memory: 1 GiB, latency: 100 ns, bandwidth: 100 GB/s }
  - { memory: 1 GiB, latency: 300 ns, bandwidth: 50 GB/s }
`,
);
// 20,000 accesses to 64 pages; the pages of the second half of the addresses are touched three times as often.
writeFileSync(
  at('trace.csv'),
  Array.from({ length: 20_000 }, (_, i) => {
    const page = i % 4 === 0 ? i % 32 : 32 + ((i * 7) % 32);
    return `R,0x${(0x1000 * (16 + page)).toString(16)}\n`;
  }).join(''),
);

/** The comparison, in a process of its own. */
function start(out) {
  const inputs = ['--machine', 'machine.yaml', '--trace', 'trace.csv', '--windows', '8'];
  const runs = ['--seeds', '1,2', '--capacity', 'node0=64KiB,128KiB', '--out', out];
  const settings = ['--setting', 'epochAccesses=500', '--jobs', String(1 + random.below(2))];
  const child = spawn(process.execPath, [program, 'compare', ...inputs, ...runs, ...settings], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, said }));
  return { child, ended };
}

const filesBelow = (out) =>
  readdirSync(at(out), { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(at(out), name), { throwIfNoEntry: false })?.isFile())
    // What a kill leaves half-written has a name that begins with a dot, and is no entry.
    .filter((name) => !/(^|\/)\./.test(name))
    .toSorted();
const contents = (out) =>
  JSON.stringify(filesBelow(out).map((name) => [name, readFileSync(join(at(out), name), 'hex')]));
/** Finished runs by name: the file as the disk knows it, which changes when one is written again. */
const finished = (out) =>
  existsSync(join(at(out), 'runs'))
    ? filesBelow(join(out, 'runs')).map((name) => {
        const { ino, mtimeMs } = statSync(join(at(out), 'runs', name));
        return `${name} ${ino} ${mtimeMs}`;
      })
    : [];

function hold(condition, what) {
  if (condition) return;
  process.stderr.write(`seed ${seed}: ${what}; see ${directory}\n`);
  process.exit(1);
}

const begun = performance.now();
const whole = await start('whole').ended;
const lastsMs = performance.now() - begun;
hold(whole.code === 0, `the comparison fails: ${whole.said}`);
const expected = contents('whole');
const total = finished('whole').length;

/** Half of the kills come at a random time, half when a random number of runs is finished and a moment later. */
async function randomMoment(trial, out, child) {
  if (trial % 2 === 0) return sleep(random.unit() * lastsMs);
  const enough = random.below(total);
  while (child.exitCode === null && finished(out).length < enough) await sleep(2);
  return sleep(random.unit() * 20);
}

let killed = 0;
let between = 0;
let late = 0;
// One that had ended before it was killed does not count.
for (let trial = 0; killed < count; trial++) {
  const out = `trial${trial}`;
  const { child, ended } = start(out);
  await randomMoment(trial, out, child);
  child.kill('SIGKILL');
  if ((await ended).signal === 'SIGKILL') killed++;
  else late++;
  const before = finished(out);
  if (before.length > 0 && before.length < total) between++;
  const again = await start(out).ended;
  hold(again.code === 0, `trial ${trial}: the second call fails: ${again.said}`);
  const after = new Set(finished(out));
  hold(
    before.every((entry) => after.has(entry)),
    `trial ${trial}: a finished run was made again`,
  );
  const found = /(\d+) of \d+ runs were made before/.exec(again.said)?.[1] ?? '0';
  hold(Number(found) === before.length, `trial ${trial}: found ${found} of ${before.length} runs`);
  hold(contents(out) === expected, `trial ${trial}: other bytes than without a kill`);
  rmSync(at(out), { recursive: true });
}
rmSync(directory, { recursive: true });
process.stdout.write(
  `${killed} kills, ${between} of them with some of ${total} runs finished (${late} came too late): nothing lost, nothing twice, the same bytes\n`,
);
