import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { intervalsOf, show, sourceOf } from '../testing.ts';

const row = (...fields: (number | string)[]): string =>
  fields.map((field, i) => String(field).padStart([20, 8, 16, 8, 8, 8][i])).join(' ');
const DUMP = `${row('timestamp', 'pid', 'addr', 'pages', 'accs', 'writes')}
${row('1670000000000000000', 123, '7f0000001000', 3, 2, 0)}
${row('1670000001000000000', 123, '7f0000001000', 2, 2, 2)}
`;

test('the count of a region is spread evenly over its pages', async () => {
  const trace = await openTrace(sourceOf(DUMP));
  // 2 of 3: floor(2/3), floor(4/3) - floor(2/3), 2 - floor(4/3) = 0, 1, 1; then a write of each.
  expect(await show(trace)).toBe(
    'R7f0000001@1669999999000000000*0 R7f0000002@1669999999000000000*1 R7f0000003@1669999999000000000*1 ' +
      'W7f0000001@1670000000000000000*1 W7f0000002@1670000000000000000*1',
  );
  expect(trace.declaration).toMatchObject({ format: 'memtierd', countedBy: 'region' });
});

test('a dump is a histogram since the dump before; the first is as long as the second', async () => {
  expect(await intervalsOf(await openTrace(sourceOf(DUMP)))).toEqual([
    '1669999999000000000-1670000000000000000: R7f0000001*0 R7f0000002*1 R7f0000003*1',
    '1670000000000000000-1670000001000000000: W7f0000001*1 W7f0000002*1',
  ]);
});

test('another line', async () => {
  await expect(show(await openTrace(sourceOf(`${DUMP}1 2 3\n`)))).rejects.toThrow(
    /^trace\.txt:4: expected time, process/,
  );
});
