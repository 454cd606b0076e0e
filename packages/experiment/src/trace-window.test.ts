import { letterTrace } from '@tierlab/simulator';
import type { AccessTrace } from '@tierlab/trace';
import { expect, test } from 'vitest';

import { equalWindows, measureTrace, traceWindow } from './trace-window.ts';

/** The accesses of a trace as letters, read through its page numbers; upper case writes. */
async function letters(trace: AccessTrace): Promise<string> {
  let text = '';
  const numberOf: number[] = [];
  for await (const block of trace.blocks()) {
    expect(block.newPageFirst).toBe(numberOf.length);
    numberOf.push(...block.newPageNumber);
    for (let i = 0; i < block.length; i++) {
      // Ids are dense, in the order of first touch: an id beyond those known would be a hole.
      expect(block.page[i]).toBeLessThan(numberOf.length);
      const letter = String.fromCharCode(97 + numberOf[block.page[i]]);
      text += block.write[i] === 1 ? letter.toUpperCase() : letter;
    }
  }
  return text;
}

test('a window is a trace of the same accesses, whatever the blocks', async () => {
  const text = 'abAcbDddaBezzaC';
  for (const blockAccesses of [1, 2, 3, 100]) {
    const trace = letterTrace(text, blockAccesses);
    for (let start = 0; start < text.length; start++) {
      for (let end = start + 1; end <= text.length; end++) {
        expect(await letters(traceWindow(trace, { start, end }))).toBe(text.slice(start, end));
      }
    }
  }
});

test('windows beside each other, and what is no window', async () => {
  expect(equalWindows(10, 3)).toEqual([
    { start: 0, end: 3 },
    { start: 3, end: 6 },
    { start: 6, end: 9 },
  ]);
  expect(() => equalWindows(2, 3)).toThrow('3 windows of a trace of 2 accesses');
  expect(() => traceWindow(letterTrace('abc'), { start: 2, end: 2 })).toThrow('accesses 2 to 2');
  await expect(letters(traceWindow(letterTrace('abc'), { start: 1, end: 4 }))).rejects.toThrow(
    'accesses 1 to 4 of a trace of 3',
  );
  expect(await measureTrace(letterTrace('abcab', 2))).toEqual({ accesses: 5, pages: 3 });
});
