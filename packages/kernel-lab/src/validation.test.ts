import { expect, test } from 'vitest';
import type { KernelRecord } from './record.ts';
import { placementCurve, placementPicture, validationTable } from './validation.ts';

function record(name: string, onTop: readonly number[], promoted: number): KernelRecord {
  return {
    name,
    kernel: '',
    qemu: [],
    setup: '',
    agent: '8 300 1 u:1:0:8:0:0',
    exact: true,
    knobs: {},
    tiers: {},
    demotion: [],
    zoneinfo: '',
    start: { free: {}, vmstat: {} },
    intervals: onTop.map((n0, i) => ({
      ms: (i + 1) * 500,
      n0,
      placement: n0 === 8 ? '08' : `0${n0} 1${8 - n0}`,
      vmstat: { pgpromote_success: promoted },
    })),
    end: '',
  };
}

test('a row has our agreement, the kernel’s own, the bar and what misses it', () => {
  const runs = [record('tiny', [4, 4], 10), record('tiny~b', [4, 4], 12)];
  const table = validationTable([{ runs, replay: record('ours', [4, 8], 20) }]);
  expect(table.split('\n').at(-1)).toBe(
    '| tiny | 0.750 | 1.000 1.000 | 0.970 | 0.2500 | 0.0200 | 20 [10, 12] |  |  |  |  | pages, topShare, pgpromote_success |',
  );
});

test('the picture draws every run on one scale, ours last, with the agreement in its title', () => {
  const runs = [record('k', [0, 8], 0), record('k~b', [0, 8], 0)];
  const picture = placementPicture({ runs, replay: record('o', [8, 8], 0) });
  // 0 pages are at the bottom, 136, and 8 at the top, 8; 500 ms are half of the width between 52 and 472.
  const kernels = 'points="262.0,136.0 472.0,8.0"';
  expect(picture.split('\n').filter((line) => line.includes(kernels))).toHaveLength(2);
  expect(picture).toContain('stroke="#06c" stroke-width="2" points="262.0,8.0 472.0,8.0"');
  expect(picture).toContain("agreement of pages: ours 0.500, the kernel's own 1.000 1.000");
});

test('both curves share a scale', () => {
  expect(placementCurve(record('k', [0, 4, 8], 0), record('o', [8, 8, 8], 0))).toBe(
    'ours   ███\nkernel ▁▅█  0 to 8 pages on node 0',
  );
});
