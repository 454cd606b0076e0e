import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { read, show, sourceOf } from '../testing.ts';

test('command, address, size, flags, tick; what is neither read nor write is left out', async () => {
  const trace = await openTrace(
    sourceOf('r,20480,64,256,1000\nu,64,64,0,1500\nw,24640,64,0,2500\n'),
  );
  expect(trace.declaration).toMatchObject({ format: 'gem5-text', clock: 'cycles', clockHz: 1e12 });
  expect(await show(trace)).toBe('R5:0@1000 W6:1@2500');
  expect(trace.leftOut).toEqual(new Map([['neither read nor write', 1]]));
});

test('with and without an id, flags and a program counter', async () => {
  const accesses = 'R5:0@1000 W6:1@2500';
  expect(await read('r,20480,64,1000\nw,24640,64,2500\n')).toBe(accesses);
  expect(await read('7,r,20480,64,1000\n9,w,24640,64,2500\n')).toBe(accesses);
  expect(await read('7,r,20480,64,256,1000,4198400\n7,w,24640,64,0,2500,4198404\n')).toBe(accesses);
  // A program counter may step back, a tick does not.
  expect(await read('r,20480,64,1000,4198404\nw,24640,64,2500,4198400\n')).toBe(accesses);
});

test('a line that is none', async () => {
  await expect(read('r,20480,64,0,1000\nr,20480,64\n', { format: 'gem5-text' })).rejects.toThrow(
    'trace.txt:2: expected a time in column 5, got "r,20480,64"',
  );
  await expect(read('x\n', { format: 'gem5-text' })).rejects.toThrow(
    'trace.txt:1: expected [ID,]r|w|u',
  );
});
