// A stream of text through a pipe into `tierlab trace convert -`: that it takes constant memory, shows its progress,
// loses nothing, and that Ctrl-C leaves a file that can be read. Needs built packages (`pnpm build`).
//
//   node scripts/stream-convert.mjs [GIGABYTES=20] [FOLDER=the system's for temporary files]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const gigabytes = Number(process.argv[2] ?? 20);
const folder = mkdtempSync(join(process.argv[3] ?? tmpdir(), 'stream-'));
const program = fileURLToPath(new URL('../packages/cli/bin/tierlab.js', import.meta.url));
const PEAK_MIB_MAX = 300;
const PIECES = 8;
const PIECE_BYTES = 8 << 20;

/** Lackey's lines over 2^16 pages, skewed, three of four fetching an instruction; and how many are accesses. */
function piece(seed) {
  const lines = [];
  let random = seed;
  let size = 0;
  let accesses = 0;
  while (size < PIECE_BYTES) {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    const isFetch = (random & 0x300) !== 0;
    const page = Math.floor(2 ** 16 * (random / 2 ** 32) ** 4) + (seed << 16);
    const address = (page * 4096 + (random & 4088)).toString(16).padStart(8, '0');
    const line = isFetch ? `I  ${address},4\n` : ` ${random & 0x400 ? 'S' : 'L'} ${address},8\n`;
    lines.push(line);
    size += line.length;
    if (!isFetch) accesses++;
  }
  return { bytes: Buffer.from(lines.join(''), 'latin1'), accesses };
}

const pieces = Array.from({ length: PIECES }, (_, i) => piece(i + 1));

/** VmHWM of a process in MiB, as long as it lives. */
function peakMib(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** That a pipe takes more, or has broken. */
const drained = (pipe) => once(pipe, 'drain').catch(() => undefined);

/** Pipes `bytes` of text into a conversion, and interrupts it after them where `interrupt` says so. */
async function convert(name, bytes, interrupt) {
  const out = join(folder, name);
  const child = spawn(process.execPath, [program, 'trace', 'convert', '-', out], {
    stdio: ['pipe', 'inherit', 'pipe'],
  });
  let progress = 0;
  child.stderr.on('data', (text) => (progress += String(text).length));
  child.stdin.on('error', () => undefined);
  const exit = once(child, 'exit');
  const start = Date.now();
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, peakMib(child.pid))), 50);
  let written = 0;
  let accesses = 0;
  for (let i = 0; written < bytes && child.exitCode === null; i++) {
    const next = pieces[i % PIECES];
    const isWritten = child.stdin.write(next.bytes);
    if (!isWritten) await Promise.race([drained(child.stdin), exit]);
    written += next.bytes.length;
    accesses += next.accesses;
  }
  // The pipe stays open, as of a program that is still running.
  if (interrupt) child.kill('SIGINT');
  else child.stdin.end();
  const [code] = await exit;
  clearInterval(watch);
  child.stdin.destroy();
  const seconds = (Date.now() - start) / 1000;
  const info = spawnSync(process.execPath, [program, 'trace', 'info', out, '--json']);
  const found = info.status === 0 ? JSON.parse(String(info.stdout)).accesses : undefined;
  return { code, written, accesses, found, peak, progress, seconds, size: statSync(out).size };
}

/** Whether a conversion took little memory, and showed its progress where it was long (a line every ten seconds). */
const isModest = ({ peak, seconds, progress }) =>
  peak > 0 && peak < PEAK_MIB_MAX && (progress > 0 || seconds < 15);

function report(name, run, isFine) {
  process.stdout.write(
    `${isFine ? 'ok  ' : 'FAIL'} ${name}: ${(run.written / 1e9).toFixed(2)} GB of text, exit ${run.code}, ` +
      `${run.found} of ${run.accesses} accesses in ${(run.size / 1e6).toFixed(1)} MB, ` +
      `peak ${run.peak.toFixed(0)} MiB, ${run.seconds.toFixed(1)} s, ${run.progress} bytes of progress\n`,
  );
  if (!isFine) process.exitCode = 1;
}

try {
  const whole = await convert('whole.tlt', gigabytes * 1e9, false);
  report('whole', whole, whole.code === 0 && whole.found === whole.accesses && isModest(whole));
  const cut = await convert('interrupted.tlt', Math.min(gigabytes, 1) * 0.5e9, true);
  const isReadable = cut.found > 0 && cut.found <= cut.accesses;
  report('interrupted', cut, cut.code === 130 && isReadable && isModest(cut));
} finally {
  rmSync(folder, { recursive: true });
}
