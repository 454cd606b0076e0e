import { expect, test } from 'vitest';
import { openTrace } from './open.ts';
import { show, sourceOf } from './testing.ts';

const LAB = '0 0 W\n500000 1 W\n1000000 1 R\n';

test('a pipe is opened once: its beginning is looked at and still read', async () => {
  let opened = 0;
  const pipe = { ...sourceOf(LAB, 'stdin', 5), once: true };
  const trace = await openTrace({
    ...pipe,
    bytes() {
      opened++;
      return pipe.bytes();
    },
  });
  expect(await show(trace)).toBe('W0@0 W1@500000 R1@1000000');
  expect(opened).toBe(1);
  await expect(show(trace)).rejects.toMatchObject({ code: 'TRACE_UNSUPPORTED' });
});

test('a file is read as often as it is asked for', async () => {
  const trace = await openTrace(sourceOf(LAB));
  expect(await show(trace)).toBe(await show(trace));
});

test('stopping early ends the source', async () => {
  let ended = 0;
  const trace = await openTrace({
    name: 'endless',
    async *bytes() {
      try {
        for (;;) yield Buffer.from(LAB.repeat(1000));
      } finally {
        ended++;
      }
    },
  });
  expect(ended).toBe(1);
  for await (const block of trace.blocks()) if (block.length > 0) break;
  expect(ended).toBe(2);
});

test('nothing, a wrong name, an option of another format', async () => {
  await expect(openTrace(sourceOf(''))).rejects.toMatchObject({ code: 'TRACE_EMPTY' });
  await expect(openTrace(sourceOf(LAB), { format: 'lab' })).rejects.toThrow(
    'trace.txt: no format "lab"; one of lackey,',
  );
  await expect(
    openTrace(sourceOf(LAB), { format: 'lab-stream', values: { columns: 'addr' } }),
  ).rejects.toThrow('trace.txt: format lab-stream has no option --columns; it has none');
  await expect(openTrace(sourceOf('what is this\nreally\n'))).rejects.toMatchObject({
    code: 'TRACE_UNKNOWN_FORMAT',
  });
});
