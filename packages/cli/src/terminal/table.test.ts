import { expect, test } from 'vitest';

import { displayWidth, renderTable } from './table.ts';

test('columns are as wide as their widest cell and lean as asked', () => {
  const table = renderTable(
    [{ head: 'tier' }, { head: 'nodes', align: 'right' }],
    [
      ['4', '0-1'],
      ['27 (slow)', '2'],
    ],
  );
  expect(table).toBe(
    ['tier       nodes', '---------  -----', '4            0-1', '27 (slow)      2', ''].join('\n'),
  );
});

test('colour takes no width', () => {
  expect(displayWidth('\u001B[31mred\u001B[0m')).toBe(3);
});
