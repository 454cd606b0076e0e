import { expect, test } from 'vitest';
import type { AccessTrace } from '../block.ts';
import { openTrace } from '../open.ts';
import { read, show, sourceOf } from '../testing.ts';
import { writeDelimited, writeLackey } from './text.ts';

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('latin1');
}
const open = (text: string): Promise<AccessTrace> => openTrace(sourceOf(text));

const LACKEY =
  'I  0401ab70,3\n S 1fff000688,8\nI  04000abc,3\nI  04000abc,3\n L ffffffffffffffc0,8\n M 10,4\n';

test('lackey text read back gives the same accesses', async () => {
  const shown = await read(LACKEY);
  expect(shown).toBe('W1fff000:26@1 Rfffffffffffff:63@3 R0:0@3 W0:0@3');
  const written = await textOf(writeLackey(await open(LACKEY)));
  expect(written.split('\n').slice(0, 3)).toEqual([
    'I  00000000,1',
    ' S 1fff000680,1',
    'I  00000000,1',
  ]);
  expect(await read(written)).toBe(shown);
});

test('delimited text names its columns, and is read back with its clock', async () => {
  const written = await textOf(writeDelimited(await open(LACKEY)));
  expect(written.split('\n')[0]).toBe('instructions,op,addr');
  const trace = await open(written);
  expect(await show(trace)).toBe(await read(LACKEY));
  expect(trace.declaration).toMatchObject({ format: 'delimited', clock: 'instructions' });
});

test('threads and weights', async () => {
  const text = 'time_ns,tid,op,addr,weight\n5,1,R,0x1040,3\n6,9,W,0x2000,1\n';
  const shown = 'R1:1@5#0*3 W2:0@6#1*1';
  expect(await read(text)).toBe(shown);
  expect(await read(await textOf(writeDelimited(await open(text))))).toBe(shown);
  await expect(textOf(writeLackey(await open(text)))).rejects.toMatchObject({
    code: 'TRACE_UNSUPPORTED',
  });
});

test('objects become the CSV of libCacheSim', async () => {
  const text = 'version,time,op,size,lbn\n1,5,2a,512,42932745\n1,6.5,28,6656,7\n';
  const written = await textOf(writeDelimited(await open(text)));
  expect(written).toBe('time,op,obj_id\n5,W,42932745\n6.500000000,R,7\n');
  expect(await read(written)).toBe(await read(text));
});
