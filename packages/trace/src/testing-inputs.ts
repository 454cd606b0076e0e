const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A small real beginning of every format; the native format has hostile tests of its own. */
export const SAMPLES: Readonly<Record<string, Buffer>> = {
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
  'gem5-text': latin1('7,r,20480,64,256,1000,4198400\n9,w,24640,64,0,2500,4198404\n'),
  ramulator: latin1('3 20480\n0 24640 8192\n12 4096\n'),
  dramsim: latin1('0x2000D5C0 READ  30\n0x1FF96FC0 WRITE   160\n'),
  ucsd: latin1('s 0x1fffff50 1\nl 0x1fffff58 1\n'),
  'oracle-general': hex(
    '6af75500 091a8f0200000000 00020000 ffffffffffffffff 6af75500 0a1a8f0200000000 00020000 ffffffffffffffff',
  ),
  'oracle-general-op-ns': hex(
    'd0aee55e 091a8f0200000000 00020000 0c 0300 ffffffffffffffff d0aee55e 0a1a8f0200000000 00020000 0d 0300 ffffffffffffffff',
  ),
  lcs: lcsSample(),
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

// A header of 1,024 bytes between two magic numbers, version 2, and two requests.
function lcsSample(): Buffer {
  const magic = hex('f0debc9a78563412');
  const header = Buffer.concat([magic, hex('0200000000000000'), Buffer.alloc(1000), magic]);
  return Buffer.concat([
    header,
    hex('05000000 091a8f0200000000 00020000 01 070000 0200000000000000'),
    hex('06000000 0a1a8f0200000000 00020000 03 070000 ffffffffffffffff'),
  ]);
}

const NAMES = Object.keys(SAMPLES);

/** Numbers of [0, 1) by `seed`: mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const below = (random: () => number, end: number): number => Math.floor(random() * end);

/** Flips, zeroes, cuts out, doubles, and pieces of other formats' samples, some at once. */
export function mutate(sample: Buffer, random: () => number): Buffer {
  let bytes = Buffer.from(sample);
  for (let change = below(random, 6); change >= 0; change--) {
    const at = below(random, bytes.length + 1);
    const size = below(random, 1 + below(random, 40));
    const before = bytes.subarray(0, at);
    const other = SAMPLES[NAMES[below(random, NAMES.length)]];
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
