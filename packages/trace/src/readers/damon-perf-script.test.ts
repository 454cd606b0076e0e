import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { intervalsOf, show, sourceOf } from '../testing.ts';

const SCRIPT = `       kdamond.0  4452 [000] 82820.952659: damon:damon_aggregated: target_id=18446623435582458880 nr_regions=2 94253027950592-94253027958784: 0
       kdamond.0  4452 [000] 82820.952663: damon:damon_aggregated: target_id=18446623435582458880 nr_regions=2 94253027958784-94253027962880: 20 3
       kdamond.0  4452 [000] 82821.052663: damon:damos_before_apply: ctx_idx=0 scheme_idx=0 target_idx=0 nr_regions=11 121932607488-135128711168: 0 136
       kdamond.0  4452 [000] 82821.052664: damon:damon_aggregated: target_id=18446623435582458880 nr_regions=1 94253027950592-94253027954688: 1
`;

test('a snapshot ends at its first line; with and without age', async () => {
  const trace = await openTrace(sourceOf(SCRIPT));
  // 94253027950592 = 0x55b8fe400000.
  expect(await show(trace)).toBe(
    'R55b8fe400@82820852654000*0 R55b8fe401@82820852654000*0 R55b8fe402@82820852654000*20 R55b8fe400@82820952659000*1',
  );
  expect(trace.leftOut).toEqual(new Map([['event damon:damos_before_apply', 1]]));
});

test('each snapshot is a histogram; the first is as long as the second', async () => {
  expect(await intervalsOf(await openTrace(sourceOf(SCRIPT)))).toEqual([
    '82820852654000-82820952659000: R55b8fe400*0 R55b8fe401*0 R55b8fe402*20',
    '82820952659000-82821052664000: R55b8fe400*1',
  ]);
});

test('a region that is none', async () => {
  await expect(
    show(
      await openTrace(
        sourceOf(`${SCRIPT}${SCRIPT.replace('94253027958784: 0', '94253027950592: 0')}`),
      ),
    ),
  ).rejects.toThrow(/^trace\.txt:5: expected target_id=N nr_regions=N START-END: COUNT/);
});
