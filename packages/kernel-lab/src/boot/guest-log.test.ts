import { expect, test } from 'vitest';

import { readRecordedFacts } from './guest-log.ts';

// Ten pages on two nodes; between the guest's lines stand the kernel's own.
const log = `
[    0.000000] Linux version 6.12
@kernel 6.12.107+deb13-amd64
@knob /proc/sys/kernel/numa_balancing:2
@knob /sys/kernel/mm/transparent_hugepage/enabled:[always] madvise never
@tier memory_tier27 1
@tier memory_tier4 0
@demotion [    1.187475] Demotion targets for Node 0: preferred: 1, fallback: 1
@zone Node 0, zone      DMA
@zone   pages free     3808
@free node0 48178
@free node1 126265
@vmstat pgpromote_success=0 numa_hint_faults=2
@interval ms=500 drift_us=-3 query_us=7 n0=6 n1=3 n8=1
@placement 06 13 x1
@vmstat pgpromote_success=4 numa_hint_faults=9
[    2.000000] some warning
@interval ms=1000 drift_us=5 query_us=7 n1=10
@placement 1a
@vmstat pgpromote_success=5 numa_hint_faults=12
@free node0 1
@free node1 2
@end accesses=300 ms=1000
@exit 0
@done`.split('\n');

const without = (start: string): string[] => log.filter((line) => !line.startsWith(start));

test('a serial log becomes the fields of a record', () => {
  expect(readRecordedFacts(log, 10)).toEqual({
    kernel: '6.12.107+deb13-amd64',
    knobs: {
      '/proc/sys/kernel/numa_balancing': '2',
      '/sys/kernel/mm/transparent_hugepage/enabled': '[always] madvise never',
    },
    tiers: { memory_tier27: '1', memory_tier4: '0' },
    demotion: ['Demotion targets for Node 0: preferred: 1, fallback: 1'],
    zoneinfo: 'Node 0, zone      DMA\n  pages free     3808',
    start: {
      free: { node0: 48178, node1: 126265 },
      vmstat: { pgpromote_success: 0, numa_hint_faults: 2 },
    },
    intervals: [
      {
        ms: 500,
        drift_us: -3,
        query_us: 7,
        n0: 6,
        n1: 3,
        n8: 1,
        placement: '06 13 x1',
        vmstat: { pgpromote_success: 4, numa_hint_faults: 9 },
      },
      {
        ms: 1000,
        drift_us: 5,
        query_us: 7,
        n1: 10,
        placement: '1a',
        vmstat: { pgpromote_success: 5, numa_hint_faults: 12 },
      },
    ],
    end: 'E accesses=300 ms=1000',
  });
});

test('a schedule shorter than a step has a start and no interval', () => {
  const short = log.filter(
    (line) => !/^@(interval|placement|vmstat pgpromote_success=[45])/.test(line),
  );
  expect(readRecordedFacts(short, 10)).toMatchObject({
    start: { free: { node0: 48178, node1: 126265 } },
    intervals: [],
  });
});

test('a placement that a kernel message tore is not handed on', () => {
  const torn = log.map((line) =>
    line === '@placement 06 13 x1' ? '@placement 06[ 1.0] 13' : line,
  );
  expect(() => readRecordedFacts(torn, 10)).toThrow(/at 500 ms: expected the place of 10 pages/);
});

test('a setting that the kernel refused is bad input, with its words', () => {
  const refused = [
    ...log,
    "@complaint /lab/setup: line 1: can't create /proc/nothing: nonexistent",
  ];
  expect(() => readRecordedFacts(refused, 10)).toThrow(/refused a setting: .*\/proc\/nothing/);
});

test("an agent that failed is told with the agent's words", () => {
  const failed = [
    ...without('@end').filter((line) => line !== '@exit 0'),
    'agent: no mapping',
    '@exit 2',
  ];
  expect(() => readRecordedFacts(failed, 10)).toThrow(/got 2\. agent: no mapping/);
  expect(() => readRecordedFacts(without('@exit'), 10)).toThrow(/got none/);
});
