import { expect, test } from 'vitest';
import { accessesByMs, parseAccessProgram, programLength } from './access-program.ts';

const pagesOf = (text: string): number[] => {
  const pages: number[] = [];
  for (const chunk of accessesByMs(parseAccessProgram(text))) pages.push(...chunk.pages);
  return pages;
};

test('every page is touched once in order, then the phases run', () => {
  expect(pagesOf('5 3 1 s:0.003:1:2:0:0')).toEqual([0, 1, 2, 3, 4, 1, 2, 1, 2, 1, 2, 1, 2, 1]);
});

test('the length of the schedule is known before it runs', () => {
  const program = parseAccessProgram('5 3 1 s:0.003:1:2:0:0 u:0.002:0:5:0:0');
  const chunks = [...accessesByMs(program)].map((chunk) => chunk.pages.length);
  expect(programLength(program)).toEqual({
    milliseconds: chunks.length,
    accesses: chunks.reduce((sum, count) => sum + count, 0),
  });
});

test('agrees with the agent: pages of its emit mode, compiled from C', () => {
  // agent emit 1000 4 7 u:0.003:100:50:0:20 z:0.003:0:1000:0.9:20
  const phases = pagesOf('1000 4 7 u:0.003:100:50:0:20 z:0.003:0:1000:0.9:20').slice(1000);
  expect(phases).toEqual(AGENT_PAGES);
});

test.each([
  '',
  '10 3',
  '10 0 1 u:1:0:10:0:0',
  '0 3 1 u:1:0:10:0:0',
  '10 3 1 q:1:0:10:0:0',
  '10 3 1 u:1:5:6:0:0',
  '10 3 1 u:1:0:5:0',
])('what is no program is refused: %j', (text) => {
  expect(() => parseAccessProgram(text)).toThrow(/agent: expected/);
});

const AGENT_PAGES = [
  137, 103, 148, 125, 140, 130, 147, 149, 110, 139, 132, 118, 619, 476, 856, 666, 693, 380, 710,
  904, 761, 713, 698, 248,
];
