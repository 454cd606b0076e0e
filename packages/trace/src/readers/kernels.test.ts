import { expect, test } from 'vitest';
import { openContent } from '../source.ts';
import { show, sourceOf } from '../testing.ts';
import { createRandom, mutate, SAMPLES } from '../testing-inputs.ts';
import { traceFormats } from './registry.ts';

/** Random inputs a format; `FUZZ_INPUTS=100000 npx vitest run src/readers/kernels.test.ts` tries more. */
const FUZZ_INPUTS = Number(process.env['FUZZ_INPUTS'] ?? 300);
const FUZZ_TIMEOUT_MS = 60_000 + FUZZ_INPUTS * 20;

interface Reading {
  readonly name: string;
  readonly values?: Readonly<Record<string, string>>;
  readonly lenient?: boolean;
  readonly pageLimit?: number;
  readonly chunkSize?: number;
}

// What a format makes of a content, all of it: accesses, what was left out, or the error.
async function outcome(content: Uint8Array, reading: Reading, plain: boolean): Promise<string> {
  const { name, values = {}, lenient = false, pageLimit, chunkSize } = reading;
  const format = traceFormats.find((one) => one.name === name)!;
  const source = sourceOf(content, 'trace.txt', chunkSize);
  try {
    const opened = await openContent(source, (bytes) => bytes, lenient);
    const trace = format.open(opened, { values, plain, ...(pageLimit && { pageLimit }) });
    const accesses = await show(trace);
    const leftOut = [...(trace.leftOut ?? [])].map(([reason, number]) => `${reason}: ${number}`);
    return `${accesses} | ${leftOut.toSorted().join(', ')}`;
  } catch (error) {
    return String(error);
  }
}

async function expectEqual(content: Uint8Array, reading: Reading): Promise<string> {
  const plain = await outcome(content, reading, true);
  const fast = await outcome(content, reading, false);
  if (fast !== plain)
    throw new Error(
      `${JSON.stringify(reading)}\n${JSON.stringify(Buffer.from(content).toString('latin1'))}\nplain ${plain.slice(0, 500)}\nfast  ${fast.slice(0, 500)}`,
    );
  return plain;
}

// Lines as tools write them and as they might, for each format that has a kernel.
const LINES: Readonly<Record<string, readonly string[]>> = {
  lackey: [
    'I  0401ab70,3',
    ' S 1fff000688,8',
    ' L 0402bbd8,16',
    ' M 0402bbe0,4',
    'S 1fff000198,8',
    ' L 10,4 ',
    ' L 7ffeacab0ec8,4\r',
    '==1== banner, with a comma',
    ' L fffffffffffffff0,1',
    'I 4,1',
    'L  4f,1',
  ],
  delimited: [
    '5,1,R,0x1040,3',
    '6,9,W,0x7fffffffffff,1',
    '7.25,9,I,0x2000,1',
    '1e3,1,R,0x1,1',
    '8, 9 , st , 4096 , 7',
    '# comment',
    '',
    '8,18446744073709551615,load,0x10000000000000001,7',
    '9,0x10,LOAD,18446744073709551615,4294967295',
    '3,3,W,12345678901234567,4294967296',
    '123456789012345.123456789012345,1,R,0X1f,1\r',
    '1748191729781395201,1,W,0x3000,2',
    '99999999999999999999,1,W,0x3000,2',
    '9007199254740993.5,1,W,0x3000,2',
    '10,1,R,0x,1',
    '11,,R,0x1040,3',
    '12,1,R,0x1040',
    '13,1,R,0x1040,3,4',
  ],
  'perf-script': [
    ' web 4  46572/7 [002] 544966.882384:  10000  mem-loads/P: 7ffdf1391b0c  10268100142 |OP LOAD|LVL L1 hit| 5',
    ' hashjoin 17283/17283  544967.501065: page-faults:     7f9bacc1bdb0 ',
    ' a:b 1.234567: 3 [000] 1748.501065123: cpu/mem-stores/P: ffff8880 26868100142 |OP STORE|LVL RAM hit|N/A',
    '123 1748.501066: llc-miss: 7f9bacc1bdb0',
    '  1748.501067:          1  MEM_INST_RETIRED.ALL_STORES: 7f9bacc1bdb0 [unknown] (/usr/lib64/libglib-2.0.so.0.8000.3)',
    ' web 5 [001] 1748.501068: ev: 0',
    ' web 5 [001] 1748.501069: ev: 7ff |OP LOAD|',
    '\tffffffff81000000 do_syscall_64 ([kernel.kallsyms])',
    '# captured on: 1.234567: ev: 7f',
    ' web 5 [001] 1748.501070: ev:\t7ff',
    ' very-long-command-name-of-a-thread 123456 1.000001:   0 x:y: z/: 1f abcdefabcdefabcdef |OP NA|',
    ' web 5 [001] 1748.501071: ev:',
    '   a very long name 46572/46572 [002] 544966.882384123:      10000  cpu_core/MEM_UOPS_RETIRED.LOAD_LATENCY_ABOVE_THRESHOLD/P:     7ffdf1391b0c  10268100142 |OP STORE|',
    '   chromium-browse 46572/46572 [002] 544966.882384:      10000  cpu_core/MEM_UOPS_RETIRED.LOAD_LATENCY/:     7ffdf1391b0c  10268100142 |OP LOAD|LVL RAM hit|',
    '   chromium-browse 46572/46573 [001] 544966.882385:      10000  cpu_core/MEM_UOPS_RETIRED.LOAD_LATENCY/:     7ffdf1391b0c  7fad7c47425d [unknown] (/usr/lib64/libc.so)',
  ],
  'drmemtrace-view': [
    '           9           2: W0.T3256418 write        8 byte(s) @ 0x00007fff9a9e3528 by PC 0x00007fc205a61943',
    '           8           1: W0.T3256418 ifetch       3 byte(s) @ 0x00007fc205a61940 48 89 e7  mov  %rsp -> %rdi',
    '           3           0: W0.T3256418 <marker: timestamp 13312410768080478>',
    'T123 read 8 byte(s) @ 0x1040 by PC 0x1',
    '   10   2: T7 read         8 byte(s) @ 0x2040 by PC 0x1\r',
    '   10   2: W1.T7 write     128 byte(s) @ 0xffffffffffffffff1 by PC 0x1',
    '   10   2: W1.T7 writes    128 byte(s) @ 0xff by PC 0x1',
    '',
    ': T9 read @ 0x1',
  ],
  ramulator: [
    '3 20480',
    '0 24640 8192',
    '12  4096 ',
    '4294967296 4096',
    '7 0x1f40 0x2000',
    '5',
    '3 1 2 3',
  ],
  'gem5-text': [
    '7,r,20480,64,256,1000,4198400',
    '7,u,64,64,0,1500,0',
    '8,w,24640,64,0,900,1',
    '8,w',
  ],
  dramsim: [
    '0x2000D5C0 READ  30',
    '0x1FF96FC0 WRITE   160',
    '0x5 P_LOCK_RD 161',
    '0x5 P_MEM_WR 162',
  ],
  ucsd: ['s 0x1fffff50 1', 'l 0x1fffff58 1 20 30', 'l 0x1fffff58'],
  pin: ['0x7f1c4a: R 0x7ffe1040', '0x7f1c4f: W 0x7ffe1fc0', '#eof', '0x7f1c4f: X 0x7ffe1fc0'],
  'memtrace-simple': [
    '0x00007f59c2d002d3:  5, call',
    '0x00007ffeacab0ec8:  8, w',
    '0x8:  8, vpclmulqdq',
  ],
  'memtrace-x86': [
    'Format: <instr address>',
    '0x7f59c2d002d3,w,8,0x7ffeacab0ec8',
    'Fa,r,8,ffffffffffffffff',
  ],
  'libcachesim-csv': [
    'version,time,op,size,lbn',
    '1,5,2a,512,42932745',
    '1,6,28,6656,18446744073709551615',
  ],
  'lab-stream': ['0 0 W', '500000 4503599627370495 R', '500000 4503599627370496 R'],
};
const VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  delimited: { columns: 'time,tid,op,addr,weight' },
};
const names = Object.keys(LINES);

test.each(names)('%s: lines in any order, the kernel reads as the plain scanner', async (name) => {
  const random = createRandom(names.indexOf(name) + 1);
  const seen = new Set<string>();
  for (let input = 0; input < FUZZ_INPUTS / 10; input++) {
    const count = 1 + Math.floor(random() * 30);
    const pick = (): string => LINES[name][Math.floor(random() * LINES[name].length)];
    // Of each kind of line: alone among good ones, where an error tells, and leniently.
    const lines = Array.from({ length: count }, () => (random() < 0.7 ? LINES[name][0] : pick()));
    const content = Buffer.from(lines.join('\n') + (random() < 0.8 ? '\n' : ''), 'latin1');
    const values = VALUES[name] ?? {};
    const chunkSize = 1 + Math.floor(random() * 200);
    seen.add(await expectEqual(content, { name, values, chunkSize }));
    seen.add(await expectEqual(content, { name, values, chunkSize, lenient: true }));
    await expectEqual(content, { name, values, pageLimit: 1 + Math.floor(random() * 3) });
  }
  expect(seen.size).toBeGreaterThan(5);
});

// A line whose blanks are where they were in the line before is known by its layout: any byte of it may be another.
test('perf-script: of two lines of one layout, every byte of the second may be odd', async () => {
  for (const line of LINES['perf-script']) {
    for (const byte of [' ', ':', '.', '|', '#', '/', '[', ']', 'f', 'g', '7', '\t']) {
      const lines: string[] = [];
      for (let i = 0; i < line.length; i++)
        lines.push(line, line.slice(0, i) + byte + line.slice(i + 1));
      const content = Buffer.from(lines.join('\n'), 'latin1');
      await expectEqual(content, { name: 'perf-script', lenient: true });
    }
  }
});

test.each([...names, 'oracle-general'])(
  `%s with ${FUZZ_INPUTS} random inputs, the kernel reads as the plain scanner`,
  async (name) => {
    const random = createRandom(names.indexOf(name) + 100);
    for (let input = 0; input < FUZZ_INPUTS; input++)
      await expectEqual(mutate(SAMPLES[name], random), { name, lenient: input % 2 === 0 });
  },
  FUZZ_TIMEOUT_MS,
);

// More accesses than a block, more pages than a table holds at first, more threads than the kernel keeps.
const LONG: Readonly<Record<string, (address: number, i: number) => string>> = {
  lackey: (address, i) => `I  04000000,4\n ${'LSM'[i % 3]} ${hex(address).padStart(8, '0')},8\n`,
  delimited: (address, i) => `${i},${i % 700},W,0x${hex(address)},${i}\n`,
  'perf-script': (address, i) =>
    ` web ${i % 700} [002] ${i}.000001: ${i} mem-loads: ${hex(address)} 10268100142 |OP LOAD|\n`,
  'drmemtrace-view': (address, i) =>
    `${i} 1: W0.T${i % 700} read 8 byte(s) @ 0x${hex(address)} by\n`,
  ramulator: (address, i) => `${i % 9} ${address}${i % 3 === 0 ? ` ${address + 4096}` : ''}\n`,
  'memtrace-simple': (address, i) => `0x4: 4, mov\n0x${hex(address)}: 8, ${'rw'[i % 2]}\n`,
};
const hex = (value: number): string => value.toString(16);

test.each(Object.keys(LONG))('%s: many blocks, pages and threads', async (name) => {
  const random = createRandom(7);
  const lines = Array.from({ length: 80_000 }, (_, i) =>
    LONG[name](Math.floor(random() ** 3 * 2 ** 33) + (random() < 0.1 ? 2 ** 46 : 0), i),
  );
  const content = Buffer.from(lines.join(''), 'latin1');
  const values = VALUES[name] ?? {};
  await expectEqual(content, { name, values, chunkSize: 100_003 });
  await expectEqual(content, { name, values, pageLimit: 5000 });
});

test('oracle-general: many blocks and objects', async () => {
  const random = createRandom(7);
  const words = new Uint32Array(6 * 150_000);
  for (let i = 0; i < words.length; i += 6)
    words.set([i >> 4, random() ** 3 * 2 ** 18, i % 5 === 0 ? i : 0, 4096, -1, -1], i);
  const content = new Uint8Array(words.buffer);
  await expectEqual(content, { name: 'oracle-general', chunkSize: 24 * 10_007 + 4 });
  await expectEqual(content, { name: 'oracle-general', pageLimit: 5000 });
});

test('oracle-general: many blocks and objects, and times that step back', async () => {
  const random = createRandom(8);
  const records = 150_000;
  const content = Buffer.alloc(records * 24);
  for (let i = 0; i < records; i++) {
    content.writeUInt32LE(1000 + Math.floor(i / 100) - (random() < 0.01 ? 7 : 0), i * 24);
    content.writeUInt32LE(Math.floor(random() ** 3 * 2 ** 17), i * 24 + 4);
    content.writeUInt32LE(random() < 0.1 ? 0xffffffff : 0, i * 24 + 8);
  }
  await expectEqual(content, { name: 'oracle-general', chunkSize: 100_003 });
  await expectEqual(content, { name: 'oracle-general', pageLimit: 20_000 });
});
