import { expect, test } from 'vitest';
import { read } from '../testing.ts';

const open = (text: string, values: Record<string, string>, lenient = false): Promise<string> =>
  read(text, { format: 'delimited', values, lenient });

test('columns in any order, with time, thread and weight', async () => {
  const text = '12 7 0x1000 R 3\n15 9 0x2040 W 1\n15 7 0x1fff R 4\n';
  expect(await open(text, { columns: 'time,tid,addr,op,weight' })).toBe(
    'R1:0@12#0*3 W2:1@15#1*1 R1:63@15#0*4',
  );
});

test('the same accesses whatever separates the columns', async () => {
  const expected = 'R1:0 W2:1 R1:63';
  for (const line of [
    'r 0x1000 8',
    '  r\t0x1000   8  \r',
    'r,0x1000,8',
    'r , 0x1000 , 8',
    'r; 0x1000;8',
    'r: 0x1000,8',
  ]) {
    const text = [
      line,
      line.replace('r', 'w').replace('0x1000', '0x2040'),
      line.replace('0x1000', '0x1fff'),
    ];
    expect(await open(text.join('\n'), { columns: 'op,addr,size' })).toBe(expected);
  }
});

test('an empty column counts', async () => {
  expect(await open('a,,0x1000\nb,,0x2000\n', { columns: 'skip,skip,addr', delim: ',' })).toBe(
    'R1:0 R2:0',
  );
});

test('radix: auto sees hexadecimal letters anywhere in the head; 10 and 16 insist', async () => {
  expect(await open('4096\n8192\n', { columns: 'addr' })).toBe('R1:0 R2:0');
  expect(await open('4096\n7f000\n', { columns: 'addr' })).toBe('R4:2 R7f:0');
  expect(await open('4096\n', { columns: 'addr', radix: '16' })).toBe('R4:2');
  await expect(open('7f000\n', { columns: 'addr', radix: '10' })).rejects.toThrow(
    'trace.txt:1: expected an address of at most 64 bits in column 1, got "7f000"',
  );
});

test('decimal addresses are exact to 64 bits', async () => {
  // 2^64 - 64 is line 63 of the last page; 2^63 the first of page 2^51.
  expect(await open('18446744073709551552\n9223372036854775808\n', { columns: 'addr' })).toBe(
    'Rfffffffffffff:63 R8000000000000:0',
  );
  await expect(open('18446744073709551616\n', { columns: 'addr' })).rejects.toMatchObject({
    code: 'TRACE_BAD_LINE',
  });
});

test('address units: lines and pages', async () => {
  expect(await open('65\n', { columns: 'addr', 'addr-unit': '64' })).toBe('R1:1');
  expect(await open('65\n', { columns: 'addr', 'addr-unit': '4096' })).toBe('R41');
  await expect(
    open('4503599627370496\n', { columns: 'addr', 'addr-unit': '4096' }),
  ).rejects.toMatchObject({ code: 'TRACE_BAD_LINE' });
});

test('clocks: seconds with a fraction, deltas, fetch lines, none', async () => {
  const seconds = '1748.500177 0x1000\n1748.500178 0x1000\n';
  expect(await open(seconds, { columns: 'time,addr', 'clock-unit': 's' })).toBe(
    'R1:0@1748500177000 R1:0@1748500178000',
  );
  expect(await open('0x1000 1\n0x1000 6\n', { columns: 'addr,delta' })).toBe('R1:0@1 R1:0@7');
  expect(
    await open('I 0x1\nL 0x1000\nI 0x2\nI 0x3\nS 0x1000\n', { columns: 'op,addr', clock: 'instr' }),
  ).toBe('R1:0@1 W1:0@3');
  expect(await open(seconds, { columns: 'time,addr', clock: 'line' })).toBe('R1:0 R1:0');
});

test('nanoseconds since 1970, which a double has to 256', async () => {
  const times = ['1748191729781395200', '1748191729781395300', '1748191729781395500'];
  const text = times.map((time) => `${time} 0x1000\n`).join('');
  const nearest = times.map((time) => `R1:0@${Number(time)}`).join(' ');
  expect(await open(text, { columns: 'time,addr' })).toBe(nearest);
  expect(nearest).toContain('1748191729781395500');
  await expect(open('99999999999999999999 0x1000\n', { columns: 'time,addr' })).rejects.toThrow(
    'expected a time in column 1',
  );
});

test('time that steps back is moved up to the access before', async () => {
  expect(await open('5 0x1000\n4 0x1000\n6 0x1000\n', { columns: 'time,addr' })).toBe(
    'R1:0@5 R1:0@5 R1:0@6',
  );
});

test("one's own words and comments", async () => {
  const values = {
    columns: 'op,addr',
    'read-tokens': 'get',
    'write-tokens': 'put,del',
    comment: '%',
  };
  expect(await open('% note\nget 0x1000\nput 0x1000\ndel 0x1000\n', values)).toBe('R1:0 W1:0 W1:0');
  await expect(open('get 0x1000\nL 0x1000\n', values)).rejects.toThrow(
    /^trace\.txt:2: expected one of/,
  );
});

test('columns are told by a header, or because one column alone can be the address', async () => {
  expect(await read('addr,op,size\n7f00,r,8\n7ffff0,w,4\n')).toBe('R7:60 W7ff:63');
  // 3212859352 = 0xbf8057d8, line 0x7d8 >> 6 = 31.
  expect(await read('R 3212859352\nW 3212859353\n#eof\n')).toBe('Rbf805:31 Wbf805:31');
  expect(await read('readd 0x1000 8\nwrite 0x2000 4\nreadi 0x3000 4\n')).toBe('R1:0 W2:0');
  await expect(read('1 2 3\n4 5 6\n')).rejects.toMatchObject({ code: 'TRACE_UNKNOWN_FORMAT' });
});

test('prose is no trace, though `a` and `face` are hexadecimal', async () => {
  for (const text of ['not a trace at all', 'a face\nto deface\n'])
    await expect(read(text)).rejects.toMatchObject({ code: 'TRACE_UNKNOWN_FORMAT' });
});

test('an option that is wrong or has no effect is refused', async () => {
  for (const values of [
    { columns: 'op' },
    { columns: 'addr,addr' },
    { columns: 'addr,colour' },
    { columns: 'addr', radix: '8' },
    { columns: 'addr', 'addr-unit': '3' },
    { columns: 'addr', clock: 'column' },
    { columns: 'addr', clock: 'instr' },
    { columns: 'addr', 'clock-unit': 's' },
    { columns: 'time,addr', 'clock-unit': 'hours' },
    { columns: 'addr', colour: 'red' },
  ])
    await expect(open('0x10\n', values)).rejects.toMatchObject({ code: 'TRACE_BAD_OPTION' });
});
