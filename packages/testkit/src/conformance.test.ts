import { defineMigrationPolicy, hottest, nodeId } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { describeMigrationPolicy, MIGRATION_CONFORMANCE } from './index.ts';

/** What the suite says of a policy: the first complaint, or undefined. */
async function complaint(policy: MigrationPolicy): Promise<string | undefined> {
  for (const { name, check } of MIGRATION_CONFORMANCE) {
    try {
      await check(policy);
    } catch (error) {
      return `${name}: ${(error as Error).message}`;
    }
  }
  return undefined;
}

const signals = ['accesses'] as const;

/** Moves up what was accessed at least four times, in random order where not all can. */
const honest = defineMigrationPolicy({
  name: 'honest',
  doc: 'Passes.',
  signals,
  create: ({ memory, moves, random }) => ({
    epoch({ accesses, touched, touchedCount, nodeOf }) {
      for (const page of hottest(accesses, touched, touchedCount, 100, random)) {
        const target = memory.above(nodeOf[page]);
        const victim = memory.below(nodeOf[page]);
        if (accesses[page] >= 4 && target !== undefined) moves.request(page, target);
        else if (accesses[page] < 2 && victim !== undefined) moves.request(page, victim);
      }
    },
  }),
});

describeMigrationPolicy(honest);

test('a policy that writes to a view is caught', async () => {
  const writer = defineMigrationPolicy({
    name: 'writer',
    doc: 'Clears counts that are not its own.',
    signals,
    create: () => ({
      epoch: ({ accesses, touched }) => void ((accesses as Uint32Array)[touched[0]] = 0),
    }),
  });
  expect(await complaint(writer)).toMatch(/writer: epoch writes to the view accesses, entry/);
});

test('a policy that writes to a column of the trace is caught', async () => {
  const rewriter = defineMigrationPolicy({
    name: 'rewriter',
    doc: 'Decides that no page is ever accessed.',
    signals: ['runAccesses', 'accesses'],
    create: ({ signals: { runAccesses } }) => ({
      epoch: () => void ((runAccesses as Uint32Array)[0] = 0),
    }),
  });
  expect(await complaint(rewriter)).toMatch(/rewriter: a hook writes to the view runAccesses/);
});

test('a policy that writes to the columns of pages is caught', async () => {
  const mover = defineMigrationPolicy({
    name: 'mover',
    doc: 'Moves pages by writing where they are.',
    create: ({ pages, clock }) => {
      clock.every(1000, () => void ((pages.nodeOf as Uint8Array)[0] = 1));
      return { finish: () => undefined };
    },
  });
  // The engine's books or the kit's copies, whichever looks first.
  expect(await complaint(mover)).toMatch(/pages allocated|writes to the view nodeOf/);
});

test('a policy that reads what it did not declare is caught', async () => {
  const curious = defineMigrationPolicy({
    name: 'curious',
    doc: 'Looks ahead.',
    signals,
    create: () => ({
      epoch: (view) => void (view as unknown as { futureAccesses: unknown }).futureAccesses,
    }),
  });
  expect(await complaint(curious)).toMatch(/reads futureAccesses, which it did not declare/);
});

test('a policy with state outside create is caught', async () => {
  let turn = 0;
  const shared = defineMigrationPolicy({
    name: 'shared',
    doc: 'Counts epochs of all runs together.',
    signals,
    create: ({ moves, memory }) => ({
      epoch({ touched, touchedCount, nodeOf }) {
        const page = touched[turn++ % Math.max(1, touchedCount)];
        const target = memory.below(nodeOf[page] ?? 0);
        if (touchedCount > 0 && target !== undefined) moves.request(page, target);
      },
    }),
  });
  expect(await complaint(shared)).toMatch(
    /running it again changes its moves|state outside create/,
  );
});

test('a policy that changes a list after it had it searched is caught', async () => {
  const scribbler = defineMigrationPolicy({
    name: 'scribbler',
    doc: 'Has one list for all epochs.',
    signals,
    create({ memory, moves, pages }) {
      const list = new Uint32Array(1);
      return {
        epoch({ epoch, touched, touchedCount, nodeOf }) {
          if (touchedCount === 0) return;
          list[0] = touched[epoch % touchedCount];
          if (pages.search(list, memory.tiers[0]).nextElsewhere(0, 1) === 1) return;
          const target = memory.above(nodeOf[list[0]]);
          if (target !== undefined) moves.request(list[0], target);
        },
      };
    },
  });
  expect(await complaint(scribbler)).toMatch(/scribbler: a hook writes to the view search list/);
});

test('a policy that uses Math.random is caught', async () => {
  const dice = defineMigrationPolicy({
    name: 'dice',
    doc: 'Throws dice that nobody can throw again.',
    signals,
    create: () => ({ epoch: () => void Math.random() }),
  });
  expect(await complaint(dice)).toMatch(/dice uses Math.random/);
  const lateDice = defineMigrationPolicy({
    name: 'late-dice',
    doc: 'Throws them when a clock ticks.',
    create: ({ clock }) => {
      clock.every(1000, () => void Math.random());
      return {};
    },
  });
  expect(await complaint(lateDice)).toMatch(/late-dice uses Math.random/);
});

test('a policy that loops over ids when its budget binds is caught', async () => {
  const biased = defineMigrationPolicy({
    name: 'biased',
    doc: 'Goes through the pages in order and stops when the tier is full.',
    signals,
    create: ({ moves, memory }) => ({
      epoch({ accesses, pageCount, nodeOf }) {
        for (let page = 0; page < pageCount; page++) {
          if (accesses[page] < 4) continue;
          const target = memory.above(nodeOf[page]);
          if (target !== undefined && !moves.request(page, target)) return;
        }
      },
    }),
  });
  expect(await complaint(biased)).toMatch(/biased favours pages for their ids/);
});

test('a policy that asks for a page or a node that is not there is caught', async () => {
  for (const [page, node] of [
    [1 << 30, 0],
    [0, 77],
  ]) {
    const lost = defineMigrationPolicy({
      name: 'lost',
      doc: 'Asks for what is not there.',
      signals,
      create: ({ moves }) => ({ epoch: () => void moves.request(page, nodeId(node)) }),
    });
    expect(await complaint(lost)).toMatch(/is not mapped|no node 77 has memory/);
  }
});

test('a policy that moves on what the size of a block shows is caught', async () => {
  const peeking = defineMigrationPolicy({
    name: 'peeking',
    doc: 'Reads the block before it is replayed.',
    signals: ['accessStream'],
    create: ({ moves, memory, pages }) => ({
      block({ page, length, replayThrough }) {
        replayThrough(0);
        const last = page[length - 1];
        const target = last < pages.pageCount ? memory.below(pages.nodeOf[last]) : undefined;
        if (target !== undefined) moves.request(last, target);
      },
    }),
  });
  expect(await complaint(peeking)).toMatch(/the size of blocks changes its moves/);
});

test('a policy that goes by a latency in nanoseconds is caught', async () => {
  const absolute = defineMigrationPolicy({
    name: 'absolute',
    doc: 'Moves pages up from nodes slower than 250 ns, and down from others.',
    signals,
    create: ({ moves, memory }) => ({
      epoch({ touched, touchedCount, nodeOf }) {
        for (let i = 0; i < touchedCount; i += 40) {
          const node = nodeOf[touched[i]];
          const isSlow = memory.node(node).readLatency > 250;
          const target = isSlow ? memory.above(node) : memory.below(node);
          if (target !== undefined) moves.request(touched[i], target);
        }
      },
    }),
  });
  expect(await complaint(absolute)).toMatch(/absolute, seed \d+: twice as slow, it moves other/);
});

test('a policy that acts on pages that nobody accessed is caught', async () => {
  const counting = defineMigrationPolicy({
    name: 'counting',
    doc: 'In the end exchanges the first page and the last one.',
    create: ({ moves, pages }) => ({
      finish() {
        if (pages.pageCount > 1) moves.exchange(0, pages.pageCount - 1);
      },
    }),
  });
  expect(await complaint(counting)).toMatch(/a page that nobody accesses changes its run/);
});
