import { expect, test } from 'vitest';
import { writeTlt } from '../native/writer.ts';
import { openTrace } from '../open.ts';
import { show, sourceOf } from '../testing.ts';

async function asTlt(text: string): Promise<Buffer> {
  const trace = await openTrace(sourceOf(text));
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeTlt(trace)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('is told by its magic and gives back what was written, declaration and all', async () => {
  const bytes = await asTlt('I  0401ab70,3\n S 1fff000688,8\nI  0400abcde,15\n L 0402bbd8,8\n');
  const trace = await openTrace(sourceOf(bytes));
  expect(trace.declaration.format).toBe('lackey');
  expect(await show(trace)).toBe('W1fff000:26@1 R402b:47@2');
});
