import { expect, test } from 'vitest';
import { nodeList, parseNodeList } from './node-list.ts';

test.each([
  ['', []],
  ['0', [0]],
  ['0-1,3', [0, 1, 3]],
  ['2,4,6-8', [2, 4, 6, 7, 8]],
])('"%s" prints and parses', (text, nodes) => {
  expect(nodeList(nodes)).toBe(text);
  expect(parseNodeList(text)).toEqual(nodes);
});

test('order and repetition do not matter', () => {
  expect(nodeList([3, 1, 0, 3])).toBe('0-1,3');
  expect(parseNodeList(' 3,0-1,1 ')).toEqual([0, 1, 3]);
});

test.each(['x', '1-', '3-1', '0,,1', '-1', '0-99999999', '1.5'])('"%s" is refused', (text) => {
  expect(() => parseNodeList(text)).toThrow(
    expect.objectContaining({ code: 'CORE_BAD_NODE_LIST' }),
  );
});
