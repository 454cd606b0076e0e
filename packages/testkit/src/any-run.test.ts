import { defineMigrationPolicy } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { anyRun, drawRun } from './index.ts';

const restless = defineMigrationPolicy({
  name: 'restless',
  doc: 'Uses every way of moving a page.',
  signals: ['hintFaults', 'accessedBits', 'samples', 'telemetry', 'pressure', 'accesses'],
  create({ moves, clock, signals, pages, memory, random }) {
    const any = (): number => Math.floor(random() * pages.pageCount);
    const node = (): (typeof memory.nodes)[number]['id'] =>
      memory.nodes[Math.floor(random() * memory.nodes.length)].id;
    const sampler = signals.samples.open({ event: 'all', period: 17, bufferSamples: 50 });
    const acts = [
      () => moves.request(any(), node()),
      () => moves.exchange(any(), any()),
      () => moves.exchangeMany([any(), any()], [any(), any()]),
      () => moves.enqueue(any(), node()),
      () => moves.enqueueTransaction(any(), node(), random() < 0.5),
      () => moves.remapToShadow(any()),
      () => moves.dropShadows(node(), 2),
      () => moves.splitHugePage(any()),
      () => moves.collapseHugePage(any()),
      () => moves.requestBatch([any(), any(), any()], node()),
      () => signals.hintFaults.protect(any()),
      () => signals.accessedBits.read(any(), 3),
      () => sampler.drain().length,
      () => signals.telemetry.occupancyNs(memory.nodes[0].id),
    ];
    clock.every(2000, () => {
      if (pages.pageCount > 0) acts[Math.floor(random() * acts.length)]();
    });
    return {
      hintFault: ({ page }) => void moves.request(page, node()),
      pressure: (target) => {
        if (pages.pageCount > 0 && random() < 0.5) moves.dropShadows(target, 1);
      },
    };
  },
});

test('hundreds of random runs, every checker on, and pages do move', async () => {
  let moved = 0;
  for (let seed = 1; seed <= 200; seed++) {
    moved += (await anyRun(seed, [restless])).totals.movedRequests;
  }
  expect(moved).toBeGreaterThan(1000);
});

test('a failure names the line that repeats it', async () => {
  const broken = defineMigrationPolicy({
    name: 'broken',
    doc: 'Fails.',
    create: () => ({
      start() {
        throw new Error('out of luck');
      },
    }),
  });
  await expect(anyRun(41, [broken])).rejects.toThrow(
    'broken: out of luck; to repeat: node scripts/any-run.mjs 41 1 broken',
  );
});

test('a seed draws the same run every time', () => {
  const { trace: _, ...first } = drawRun(9, [restless]);
  const { trace: __, ...second } = drawRun(9, [restless]);
  expect(first).toEqual(second);
});
