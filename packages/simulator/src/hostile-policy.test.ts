import { PolicyError } from '@tierlab/policy';
import type { MigrationContext, MigrationHooks, Signal } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { letterTrace, replay, tinyMemory } from './index.ts';
import { bare, policyOf } from './policy-of.testing.ts';

const memory = tinyMemory([
  { pages: 2, latencyNs: 100 },
  { pages: 8, latencyNs: 300 },
]);

/** What a run under a policy with all these signals throws; its hooks need not be those that a compiler lets pass. */
async function thrownBy(
  signals: readonly Signal[],
  create: (context: MigrationContext) => unknown,
): Promise<string> {
  const policy = policyOf(signals, (context) => create(context) as MigrationHooks);
  const settings = { ...bare, epochAccesses: 2 };
  try {
    await replay({ trace: letterTrace('abcabc'), memory, policy, settings, watchedPages: [0] });
  } catch (error) {
    const code = error instanceof PolicyError ? `${error.code} ` : '';
    return `${code}${(error as Error).message}`;
  }
  return 'nothing';
}

const atEpoch =
  (work: (context: MigrationContext) => unknown) =>
  (context: MigrationContext): unknown => ({ epoch: () => void work(context) });

test.each([
  ['charge', atEpoch(({ cpu }) => cpu.charge(-1)), 'cpu: a charge of -1 ns'],
  ['charge', atEpoch(({ cpu }) => cpu.charge(NaN)), 'cpu: a charge of NaN ns'],
  ['count', atEpoch(({ count }) => count('pgscan', NaN)), 'count pgscan: NaN'],
  ['count', atEpoch(({ count }) => count('pgscan', -1)), 'count pgscan: -1'],
  ['count', atEpoch(({ count }) => count('pgfault', 1)), 'count pgfault: the engine counts'],
  ['every', atEpoch(({ clock }) => clock.every(NaN, () => {})), 'clock: a tick in NaN ns'],
  ['every', atEpoch(({ clock }) => clock.every(Infinity, () => {})), 'a tick in Infinity ns'],
])('%s takes amounts only: case %#', async (_, create, message) => {
  expect(await thrownBy([], create)).toContain(message);
});

test('ticks that call each other without delay are told, not waited for', async () => {
  const said = await thrownBy([], ({ clock }: MigrationContext): unknown => {
    const tick = (): void => void clock.after(0, tick);
    tick();
    return {};
  });
  expect(said).toMatch(/ticks at 0 ns: they call each other/);
});

test('a source of a signal that is not declared is told by its name', async () => {
  const message = /^POLICY_SIGNAL_UNDECLARED of-the-test reads signals.samples/;
  expect(await thrownBy(['accesses'], ({ signals }) => signals.samples)).toMatch(message);
});

test.each([
  [{ period: -1 }, 'sampler: period -1'],
  [{ period: 1.5 }, 'sampler: period 1.5'],
  [{ period: 1, event: 'fetches' as 'all' }, 'sampler: event fetches; there are: loads'],
  [{ period: 1, bufferSamples: 0 }, 'sampler: a buffer of 0 samples'],
  [{ period: 1, bufferSamples: 2.5 }, 'sampler: a buffer of 2.5 samples'],
])('a sampler counts whole events: %j', async (spec, message) => {
  const create = ({ signals }: MigrationContext): unknown => {
    signals.samples.open({ event: 'all', ...spec });
    return {};
  };
  expect(await thrownBy(['samples'], create)).toContain(message);
});

const read = (work: (context: MigrationContext) => unknown): Promise<string> =>
  thrownBy(['accessedBits'], atEpoch(work));
const room = (size: number): Uint8Array => new Uint8Array(size);

test('bits are written where there is room, of nodes that there are', async () => {
  expect(await read(({ signals }) => signals.accessedBits.readMany([0, 1], 1, room(1)))).toContain(
    'accessedBits: 2 of 2 pages into 1 bytes',
  );
  expect(await read(({ signals }) => signals.accessedBits.readMany([0], 1, room(9), 2))).toContain(
    'accessedBits: 2 of 1 pages into 9 bytes',
  );
  const take = (node: number, pages: number[], to: number, taken: number): Promise<string> =>
    read(({ signals }) => {
      const list = Uint32Array.from(pages);
      return signals.accessedBits.takeOnNode(node, list, 0, to, new Uint32Array(taken));
    });
  expect(await take(0, [0, 1], 2, 1)).toContain('accessedBits: pages 0 to 2 of 2 into 1');
  expect(await take(0, [0], 2, 9)).toContain('accessedBits: pages 0 to 2 of 1 into 9');
  expect(await take(0, [9], 1, 9)).toContain('page 9 is not mapped');
  expect(await take(5, [0], 1, 9)).toContain('no node 5 has memory');
  expect(await read(({ signals }) => signals.accessedBits.readNode(0, 1, room(1)))).toContain(
    'accessedBits: 2 pages into 1 bytes',
  );
  expect(await read(({ signals }) => signals.accessedBits.readNode(5, 1, room(9)))).toContain(
    'no node 5 has memory',
  );
});

test.each([
  ['allocate', { allocate: () => [7] }, 'hook allocate: expected a list of nodes'],
  ['allocate', { allocate: () => 0 }, 'hook allocate: expected a list of nodes'],
  ['cache', { cache: { order: 'recency', pages: NaN, nodes: [0] } }, 'hook cache: expected'],
  ['cache', { cache: { order: 'lifo', pages: 1, nodes: [0] } }, 'hook cache: expected'],
  ['cache', { cache: { order: 'recency', pages: 1, nodes: [7] } }, 'hook cache: expected'],
  ['cache', { cache: { order: 'recency', pages: 1, nodes: [] } }, 'hook cache: expected'],
  ['bound', { bound: () => ({ placementNs: NaN, attained: true }) }, 'hook bound: expected a time'],
])('the hook %s is told what it may say: case %#', async (_, hooks, message) => {
  const thrown = await thrownBy(['allocation', 'accessStream'], () => hooks);
  expect(thrown).toMatch(/^POLICY_BAD_HOOKS /);
  expect(thrown).toContain(message);
});

test.each([
  ['a capacity', ({ memory }: Loose) => (memory.nodes[0].capacityPages = 9)],
  ['the tiers', ({ memory }: Loose) => memory.tiers.reverse()],
  ['a tier', ({ memory }: Loose) => memory.tiers[0].push(1)],
  ['demotion targets', ({ memory }: Loose) => (memory.preferredTargets(0).length = 0)],
  ['fallback targets', ({ memory }: Loose) => memory.fallbackTargets(0).pop()],
  ['watermarks', ({ memory }: Loose) => (memory.watermarks(0).lowPages = 9)],
  ['costs', ({ costs }: Loose) => (costs.faultNs = 0)],
  ['parameters', ({ params }: Loose) => (params['fill'] = 1)],
])('%s cannot be written: the machine is that of other runs, too', async (_, write) => {
  const create = (context: MigrationContext): unknown => (write(context as unknown as Loose), {});
  expect(await thrownBy([], create)).toMatch(
    /read only|not extensible|Cannot (?:delete|add|assign)/,
  );
});

/** A context that lets its author write to everything. */
interface Loose {
  readonly memory: {
    readonly nodes: { capacityPages: number }[];
    readonly tiers: number[][];
    preferredTargets(id: number): number[];
    fallbackTargets(id: number): number[];
    watermarks(id: number): { lowPages: number };
  };
  readonly costs: { faultNs: number };
  readonly params: Record<string, number>;
}

test('the reason of a move is a text', async () => {
  const said = await thrownBy([], ({ moves }: MigrationContext): unknown => ({
    epoch: () => void moves.request(0, 1 as never),
    explain: () => 42,
  }));
  expect(said).toContain('explain: a number, not a text');
});
