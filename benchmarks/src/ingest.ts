/**
 * How fast text and binary traces become dense page ids: each reader against what one would write in ten lines
 * (split into lines, match, look up in a Map), and against the same text gzip'd, in one run on one core.
 *
 * CPU time, the least of several repetitions; the ratios are what holds on another machine.
 * Usage: `pnpm bench:ingest [REPETITIONS [FORMAT...]]`, from 5 on.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { openTrace } from '@tierlab/trace';

interface Case {
  readonly format: string;
  readonly bytes: Buffer;
  /** Lines or records. */
  readonly records: number;
  /** The address of a line, for the plain parser; absent for binary formats. */
  readonly pattern?: RegExp;
  readonly radix?: 10 | 16;
  readonly values?: Readonly<Record<string, string>>;
}

const TEXT_BYTES = 48 << 20;
const CHUNK_BYTES = 1 << 20;
const repetitions = Math.max(5, Number(process.argv[2] ?? 5));
const chosen = process.argv.slice(3);

// CPU seconds of this process, all threads of it, since `work` began.
async function cpuSeconds(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

async function least(work: () => Promise<unknown>): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < repetitions; i++) best = Math.min(best, await cpuSeconds(work));
  return best;
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

async function ingest({ format, values = {} }: Case, bytes: Buffer): Promise<number> {
  const source = { name: format, bytes: () => chunks(bytes) };
  const trace = await openTrace(source, { format, values });
  let accesses = 0;
  for await (const block of trace.blocks()) accesses += block.length;
  return accesses;
}

// What one would write first: the last of the pattern's groups is the address.
async function splitParser({ bytes, pattern, radix = 16 }: Case): Promise<number> {
  const ids = new Map<number, number>();
  let accesses = 0;
  let rest = '';
  for await (const chunk of chunks(bytes)) {
    const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const match = pattern?.exec(line);
      if (!match) continue;
      const page = Math.floor(Number.parseInt(match[1], radix) / 4096);
      if (!ids.has(page)) ids.set(page, ids.size);
      accesses++;
    }
  }
  return accesses;
}

// The same lines, made of the addresses of a real program.
function textOf(format: string, line: (address: string, write: boolean, i: number) => string) {
  const parts: string[] = [];
  let size = 0;
  for (let i = 0; size < TEXT_BYTES / 2; i++) {
    const { address, write } = accesses[i % accesses.length];
    const text = line(address, write, i);
    parts.push(text);
    size += text.length;
  }
  return { format, bytes: Buffer.from(parts.join(''), 'latin1'), records: parts.length };
}

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../packages/trace/fixtures/${name}`, import.meta.url));
const log = gunzipSync(fixture('lackey-hello.gz'));
const accesses = [...log.toString('latin1').matchAll(/^ ([LS]) ([0-9a-f]+),/gm)].map((match) => ({
  address: match[2],
  write: match[1] === 'S',
}));

function repeated(bytes: Buffer, size: number): Buffer {
  return Buffer.concat(Array.from({ length: Math.ceil(size / bytes.length) }, () => bytes));
}

function lineCount(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === 10) count++;
  return count;
}

function oracleGeneral(): Case {
  const records = 2_000_000;
  const words = new Uint32Array(records * 6);
  for (let i = 0; i < records; i++) {
    words[6 * i] = Math.floor(i / 1000);
    // A skewed stream over 2^18 objects.
    words[6 * i + 1] = Math.floor(2 ** 18 * ((Math.imul(i + 1, 0x9e3779b1) >>> 0) / 2 ** 32) ** 4);
    words[6 * i + 3] = 4096;
    words[6 * i + 4] = 0xffffffff;
    words[6 * i + 5] = 0xffffffff;
  }
  return { format: 'oracle-general', bytes: Buffer.from(words.buffer), records };
}

const lackeyBytes = repeated(log, TEXT_BYTES);
const cases: readonly Case[] = [
  {
    format: 'lackey',
    bytes: lackeyBytes,
    records: lineCount(lackeyBytes),
    pattern: /^ [LSM] ([0-9a-f]+),/,
  },
  {
    ...textOf('delimited', (address, write) => `${write ? 'W' : 'R'},0x${address},8\n`),
    pattern: /^[RW],0x([0-9a-f]+),/,
    values: { columns: 'op,addr,size' },
  },
  {
    ...textOf('dramsim', (address, write, i) => `0x${address} ${write ? 'WRITE' : 'READ'} ${i}\n`),
    pattern: /^0x([0-9a-f]+) \w+ \d+/,
  },
  {
    ...textOf('ucsd', (address, write) => `${write ? 's' : 'l'} 0x${address} 3\n`),
    pattern: /^[ls] 0x([0-9a-f]+) \d+/,
  },
  {
    ...textOf('pin', (address, write) => `0x401000: ${write ? 'W' : 'R'} 0x${address}\n`),
    pattern: /^0x[0-9a-f]+: [RW] 0x([0-9a-f]+)/,
  },
  {
    ...textOf('ramulator', (address) => `3 ${Number.parseInt(address, 16)}\n`),
    pattern: /^\d+ (\d+)/,
    radix: 10,
  },
  {
    ...textOf(
      'perf-script',
      (address, write, i) =>
        `  redis-server 46572/46580 [002] ${1000 + Math.floor(i / 1e6)}.${String(i % 1e6).padStart(6, '0')}:      10000  cpu/mem-${write ? 'stores' : 'loads'}/P: ${address}     1a05080142 |OP LOAD|LVL RAM hit|\n`,
    ),
    pattern: /: +\d+ +\S+: +([0-9a-f]+) /,
  },
  {
    ...textOf(
      'drmemtrace-view',
      (address, write, i) =>
        `${String(2 * i).padStart(12)}${String(i).padStart(12)}: W0.T3256418 ${write ? 'write' : 'read '}        8 byte(s) @ 0x${address.padStart(16, '0')} by PC 0x00007fc205a61943\n`,
    ),
    pattern: /(?:read|write) +\d+ byte\(s\) @ 0x([0-9a-f]+)/,
  },
  {
    ...textOf(
      'memtrace-simple',
      (address, write) => `0x${address.padStart(16, '0')}:  8, ${write ? 'w' : 'r'}\n`,
    ),
    pattern: /^0x([0-9a-f]+): +\d+, [rw]/,
  },
  {
    ...textOf(
      'memtrace-x86',
      (address, write) => `0x7f59c2d002d3,${write ? 'w' : 'r'},8,0x${address}\n`,
    ),
    pattern: /^0x[0-9a-f]+,[rw],\d+,0x([0-9a-f]+)/,
  },
  {
    ...textOf(
      'gem5-text',
      (address, write, i) =>
        `${write ? 'w' : 'r'},${Number.parseInt(address, 16)},64,256,${1000 + 500 * i}\n`,
    ),
    pattern: /^[rw],(\d+),/,
    radix: 10,
  },
  {
    ...textOf(
      'libcachesim-csv',
      (address, write, i) =>
        `1,${Math.floor(i / 1000)},${write ? '2a' : '28'},512,${Number.parseInt(address, 16)}\n`,
    ),
    values: { 'time-col': '2', 'op-col': '3', 'obj-id-col': '5' },
    pattern: /^\d+,\d+,\w+,\d+,(\d+)/,
    radix: 10,
  },
  {
    ...textOf(
      'lab-stream',
      (address, write, i) =>
        `${i * 100} ${Number.parseInt(address, 16) >>> 12} ${write ? 'W' : 'R'}\n`,
    ),
    pattern: /^\d+ (\d+) [RW]/,
    radix: 10,
  },
  oracleGeneral(),
];

const out = (line: string): boolean => process.stdout.write(`${line}\n`);
out(
  `node ${process.version}, CPU time, least of ${repetitions}; a plain loop over bytes as the machine's measure`,
);
out('format           M records/s     MB/s  of plain loop  times split+regex  from gzip M/s');
for (const one of cases) {
  const { format, bytes, records, pattern } = one;
  if (chosen.length > 0 && !chosen.includes(format)) continue;
  const reader = await least(() => ingest(one, bytes));
  const loop = await least(async () => lineCount(bytes));
  const naive = pattern === undefined ? undefined : await cpuSeconds(() => splitParser(one));
  const zipped = gzipSync(bytes);
  const fromGzip = await least(() => ingest(one, zipped));
  out(
    format.padEnd(16) +
      (records / reader / 1e6).toFixed(1).padStart(12) +
      (bytes.length / reader / 1e6).toFixed(0).padStart(9) +
      (loop / reader).toFixed(2).padStart(15) +
      (naive === undefined ? '' : (naive / reader).toFixed(1)).padStart(19) +
      (records / fromGzip / 1e6).toFixed(1).padStart(15),
  );
}
