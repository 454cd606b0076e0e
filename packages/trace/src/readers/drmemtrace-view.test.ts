import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { show, sourceOf } from '../testing.ts';

const VIEW = `Output format:
<--record#-> <--instr#->: <Wrkld.Tid> <record details>
------------------------------------------------------------
           1           0: W0.T3256418 <marker: version 4>
           2           0: W0.T3256418 <marker: timestamp 13312410768080478>
           8           1: W0.T3256418 ifetch       3 byte(s) @ 0x00007fc205a61940 48 89 e7             mov    %rsp -> %rdi
           9           2: W0.T3256418 ifetch       5 byte(s) @ 0x00007fc205a61943 e8 b8 0c 00 00       call   $0x7fc2
          10           2: W0.T3256418 write        8 byte(s) @ 0x00007fff9a9e3528 by PC 0x00007fc205a61943
          11           2: W0.T3256419 read         8 byte(s) @ 0x00007fff9a9e3fc0 by PC 0x00007fc205a61943
View tool results:
              2 : total instructions
`;

test('reads and writes with their thread and the fetches before them', async () => {
  const trace = await openTrace(sourceOf(VIEW));
  expect(await show(trace)).toBe('W7fff9a9e3:20@2#0 R7fff9a9e3:63@2#1');
  expect(trace.declaration.format).toBe('drmemtrace-view');
});

test('older versions: no workload, no ordinals', async () => {
  const old =
    'T123 read  4 byte(s) @ 0x00001040 by PC 0x1\nT123 write 4 byte(s) @ 0x00002040 by PC 0x1\n';
  expect(await show(await openTrace(sourceOf(` ${old.replaceAll('\n', '\n ')}`)))).toBe(
    'R1:1@0#0 W2:1@0#0',
  );
});

test('a read without its address', async () => {
  await expect(
    show(
      await openTrace(sourceOf(`${VIEW}          12           2: W0.T1 read         8 byte(s)\n`)),
    ),
  ).rejects.toThrow(/^trace\.txt:12: expected a size and an address/);
});
