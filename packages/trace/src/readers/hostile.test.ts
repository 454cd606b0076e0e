import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { TraceError } from '../errors.ts';
import { openTrace } from '../open.ts';
import { count, sourceOf } from '../testing.ts';
import { traceFormats } from './registry.ts';

/**
 * Random inputs a reader. `FUZZ_INPUTS=100000 npx vitest run src/readers/hostile.test.ts` tries more, and from 1000
 * on every flipped bit instead of a share of them.
 */
const FUZZ_INPUTS = Number(process.env['FUZZ_INPUTS'] ?? 30);
const BIT_STEP = FUZZ_INPUTS < 1000 ? 13 : 1;
const FUZZ_TIMEOUT_MS = 60_000 + FUZZ_INPUTS * 20;

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

// A small real beginning of every format; the native format has hostile tests of its own.
const SAMPLES: Readonly<Record<string, Buffer>> = {
  lackey: latin1('==1== Lackey\nI  0401ab70,3\n S 1fff000688,8\n L 0402bbd8,8\n M 0402bbe0,4\n'),
  delimited: latin1('time_ns,tid,op,addr,weight\n5,1,R,0x1040,3\n6,9,W,0x2000,1\n'),
  'perf-script': latin1(
    ' web 4  46572/7 [002] 544966.882384:  10000  mem-loads/P: 7ffdf1391b0c  10268100142 |OP LOAD|LVL L1 hit| 5\n' +
      ' hashjoin 17283/17283  544967.501065: page-faults:     7f9bacc1bdb0 \n',
  ),
  'perf-data': Buffer.concat([
    latin1('PERFILE2'),
    hex('6800000000000000 9000000000000000 6800000000000000 9000000000000000'),
    hex('f800000000000000 6000000000000000').fill(0, 16),
    Buffer.alloc(48),
    hex('04000000 80000000 0000000000000000 0100000000000000 0e80000000000000'),
    Buffer.alloc(112),
    hex('09000000 0000 2800 01000000 05000000 0a00000000000000 0010000000000000 0200000000000000'),
    hex('44000000 0000 0800'),
    hex('09000000 0000 2800 01000000 06000000 0b00000000000000 0020000000000000 0400000000000000'),
    hex('44000000 0000 0800'),
  ]),
  'damon-json': latin1(
    '[{"kdamond_idx": 0, "target_id": null, "snapshots": [{"start_time": "5", "end_time": "1,009", "regions": [' +
      '{"start": "4,096", "end": "12,288", "nr_accesses": {"samples": 3, "percent": null}, "age": {"usec": null}}]}]}]',
  ),
  'damon-perf-script': latin1(
    'kdamond.0  4452 [000] 82820.952659: damon:damon_aggregated: target_id=1844 nr_regions=1 4096-12288: 0 3\n',
  ),
  'damon-record': Buffer.concat([
    latin1('damon_recfmt_ver'),
    hex('02000000 1b02000000000000 47097b3600000000 01000000 805497814892ffff 01000000'),
    hex('0000a0ba3e560000 0020a0ba3e560000 05000000'),
  ]),
  drmemtrace: hex(
    '19000000 0700000000000000 16000400 b4510d0000000000 1c000200 151e173013d92e00 ' +
      '0a000100 0010400000000000 01000800 90ebdfda877f0000 00000800 00e0dfda877f0000',
  ),
  'drmemtrace-view': latin1(
    '  8   1: W0.T3256418 ifetch       3 byte(s) @ 0x00007fc205a61940 48 89 e7\n' +
      '  9   2: W0.T3256418 write        8 byte(s) @ 0x00007fff9a9e3528 by PC 0x00007fc205a61943\n',
  ),
  'memtrace-simple': latin1('0x00007f59c2d002d3:  5, call\n0x00007ffeacab0ec8:  8, w\n'),
  'memtrace-x86': latin1('Format: <instr address>\n0x7f59c2d002d3,w,8,0x7ffeacab0ec8\n'),
  pin: latin1('0x7f1c4a: R 0x7ffe1040\n0x7f1c4f: W 0x7ffe1fc0\n#eof\n'),
  champsim: Buffer.concat([
    hex('0010400000000000 0000 0000 00000000 4010000000000000 0000000000000000'),
    hex('0050000000000000 c06f000000000000 0000000000000000 0000000000000000'),
  ]),
  gem5: Buffer.concat([
    latin1('gem5'),
    hex('0c 0a0161 1001 18 80a094a58d1d'),
    hex('0c 08e807 1001 188020 2040 2800'),
    hex('0c 08c413 1007 18c040 2040 2800'),
  ]),
  ramulator: latin1('3 20480\n0 24640 8192\n12 4096\n'),
  dramsim: latin1('0x2000D5C0 READ  30\n0x1FF96FC0 WRITE   160\n'),
  ucsd: latin1('s 0x1fffff50 1\nl 0x1fffff58 1\n'),
  'oracle-general': hex(
    '6af75500 091a8f0200000000 00020000 ffffffffffffffff 6af75500 0a1a8f0200000000 00020000 ffffffffffffffff',
  ),
  vscsi: hex('f4000080 00020000 01000000 2a00 0001 091a8f0200000000 22cf82be1f050000'),
  'libcachesim-csv': latin1(
    'version,time,op,size,lbn\n1,5,2a,512,42932745\n1,6,28,6656,40409911\n',
  ),
  twr: hex(
    '01000000 0500000000000000 f4018002 100e0001 01000000 0600000000000000 f4018002 100e0003',
  ),
  memtierd: latin1(
    '           timestamp      pid             addr    pages     accs   writes\n' +
      ' 1670000000000000000      123     7f0000001000        3        2        0\n',
  ),
  'lab-stream': latin1('0 0 W\n500000 1 W\n1000000 1 R\n'),
  rec16: hex('00b1c80b40000000 00000000 40 00 0000 40b1c80b40000000 1a000000 40 01 0000'),
};
const names = traceFormats.map(({ name }) => name).filter((name) => name !== 'tlt');
const IS_TEXT = (name: string): boolean => !SAMPLES[name].includes(0);

// What a reader may do with anything: give accesses, or a coded error that names the source. Else the failure.
async function outcome(bytes: Uint8Array, format?: string): Promise<string> {
  try {
    const trace = await openTrace(sourceOf(bytes, 'hostile'), {
      ...(format !== undefined && { format }),
      pageLimit: 5000,
    });
    return (await count(trace)).accesses > 0 ? 'accesses' : 'neither accesses nor an error';
  } catch (error) {
    if (error instanceof TraceError && error.message.startsWith('hostile')) return error.code;
    return `not coded: ${String(error)}`;
  }
}

const isFine = (result: string): boolean => result === 'accesses' || result.startsWith('TRACE_');

test('there is a sample of every format, and each is recognised and read', async () => {
  expect(Object.keys(SAMPLES).sort()).toEqual(names.toSorted());
  for (const name of names) {
    const trace = await openTrace(sourceOf(SAMPLES[name]));
    expect(trace.declaration.format).toBe(name);
    expect((await count(trace)).accesses).toBeGreaterThan(0);
  }
});

test.each(names)('%s cut at every byte', async (name) => {
  const whole = SAMPLES[name];
  for (let size = 0; size < whole.length; size++)
    expect(await outcome(whole.subarray(0, size), size % 4 === 0 ? undefined : name)).toSatisfy(
      isFine,
    );
});

test.each(names)('%s with each bit flipped', async (name) => {
  const broken = Buffer.from(SAMPLES[name]);
  for (let bit = 0; bit < broken.length * 8; bit += BIT_STEP) {
    broken[bit >> 3] ^= 1 << (bit & 7);
    expect(await outcome(broken, name)).toSatisfy(isFine);
    broken[bit >> 3] ^= 1 << (bit & 7);
  }
});

test.each(names.filter(IS_TEXT))('%s with a line of 10 MB', async (name) => {
  for (const filler of ['a', '9', ' ', ','].map((char) => Buffer.alloc(10 << 20, char)))
    expect(await outcome(Buffer.concat([SAMPLES[name], filler, SAMPLES[name]]), name)).toSatisfy(
      isFine,
    );
});

test.each(names.filter(IS_TEXT))('%s with an address beyond 64 bits', async (name) => {
  // The longest run of digits is made longer; those that are no addresses may be anything.
  const text = SAMPLES[name].toString('latin1');
  const longest = text.match(/[0-9a-f]{2,}/g)?.sort((a, b) => b.length - a.length)[0] ?? '';
  for (const digits of ['f'.repeat(40), '9'.repeat(40), '18446744073709551616'])
    expect(await outcome(latin1(text.replaceAll(longest, digits)), name)).toSatisfy(isFine);
});

test('a name says nothing: what is in the file decides', async () => {
  const zip = await readFile(new URL('../../fixtures/compressed/trace.zip', import.meta.url));
  for (const name of ['trace.gz', 'trace.champsimtrace.xz', 'perf.data', 'a.tlt']) {
    const trace = await openTrace(sourceOf(zip, name));
    expect((await count(trace)).accesses).toBe(9000);
  }
});

// mulberry32
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const below = (random: () => number, end: number): number => Math.floor(random() * end);

// Flips, zeroes, cuts out, doubles, and pieces of other formats' samples, some at once.
function mutate(sample: Buffer, random: () => number): Buffer {
  let bytes = Buffer.from(sample);
  for (let change = below(random, 6); change >= 0; change--) {
    const at = below(random, bytes.length + 1);
    const size = below(random, 1 + below(random, 40));
    const before = bytes.subarray(0, at);
    const other = SAMPLES[names[below(random, names.length)]];
    switch (below(random, 6)) {
      case 0:
        if (at < bytes.length) bytes[at] ^= 1 << below(random, 8);
        break;
      case 1:
        if (at < bytes.length) bytes[at] = [0, 10, 32, 44, 48, 57, 127, 255][below(random, 8)];
        break;
      case 2:
        bytes = Buffer.concat([before, bytes.subarray(at + size)]);
        break;
      case 3:
        bytes = Buffer.concat([before, bytes.subarray(Math.max(0, at - size))]);
        break;
      case 4:
        bytes = Buffer.concat([before, other.subarray(0, size), bytes.subarray(at)]);
        break;
      default:
        bytes = Buffer.concat([before, Buffer.alloc(size, below(random, 256)), bytes.subarray(at)]);
    }
  }
  return bytes;
}

test.each(names)(
  `%s with ${FUZZ_INPUTS} random inputs`,
  async (name) => {
    const random = createRandom(names.indexOf(name) + 1);
    const seen = new Set<string>();
    for (let input = 0; input < FUZZ_INPUTS; input++) {
      const bytes = mutate(SAMPLES[name], random);
      const result = await outcome(bytes, input % 4 === 0 ? undefined : name);
      if (!isFine(result)) throw new Error(`input ${input}: ${result}\n${bytes.toString('hex')}`);
      seen.add(result);
    }
    // The mutations neither miss nor always break.
    expect(seen.size).toBeGreaterThan(1);
  },
  FUZZ_TIMEOUT_MS,
);
