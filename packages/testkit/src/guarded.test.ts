import { defineMigrationPolicy } from '@tierlab/policy';
import type { MigrationContext, MigrationHooks, MigrationPolicy, Signal } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { MIGRATION_CONFORMANCE } from './index.ts';

const watching = MIGRATION_CONFORMANCE.find(({ name }) => name.startsWith('it reads what it'))!;

/** What the case that watches a policy says of one that is written as if nothing were read-only. */
async function saidOf(
  signals: readonly Signal[],
  create: (context: Loose) => unknown,
): Promise<string> {
  const policy: MigrationPolicy = defineMigrationPolicy({
    name: 'careless',
    doc: 'For one test.',
    signals,
    create: (context) => create(context as unknown as Loose) as MigrationHooks,
  });
  return watching.check(policy).then(
    () => 'nothing',
    (error: Error) => error.message,
  );
}

/** The parts of a context that tests here use, without what a compiler would say. */
interface Loose extends Pick<MigrationContext, 'clock' | 'memory' | 'moves'> {
  readonly pages: { nodeOf: Uint8Array; inRange(...given: number[]): Uint32Array };
  readonly signals: {
    readonly hintFaults: { protect(page: number): boolean };
    readonly samples: { open(spec: object): { drain(): { page: Uint32Array } } };
  };
}

interface View {
  readonly accesses: Uint32Array;
  readonly touched: Uint32Array;
  readonly touchedCount: number;
  readonly pageCount: number;
}

test('hooks that are methods of a class are watched, too', async () => {
  class Writer {
    epoch({ accesses, touched }: View): void {
      accesses[touched[0]] = 0;
    }
  }
  expect(await saidOf(['accesses'], () => new Writer())).toMatch(/epoch writes to the view acc/);
});

test.each([
  ['Date.now', () => Date.now()],
  ['new Date()', () => new Date()],
  ['Date()', () => Date()],
  ['performance.now', () => performance.now()],
  ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(1))],
  ['crypto.randomUUID', () => crypto.randomUUID()],
  ['process.hrtime', () => process.hrtime()],
])('%s is out of reach while a policy runs, and back afterwards', async (what, ask) => {
  const said = await saidOf(['accesses'], () => ({ epoch: () => void ask() }));
  expect(said).toBe(`careless uses ${what}; use the context's random and clock`);
  expect(ask).not.toThrow();
});

test('a date that is written down is no clock', async () => {
  const datedSaid = await saidOf(['accesses'], (): unknown => ({
    epoch: () => void new Date(0).getTime(),
  }));
  expect(datedSaid).toBe('nothing');
});

test('a hook that returns a promise is caught', async () => {
  const lateSaid = await saidOf(['accesses'], (): unknown => ({ epoch: () => Promise.resolve() }));
  expect(lateSaid).toMatch(/epoch returns a promise/);
});

test('writing to what is borrowed is caught, whatever shows it', async () => {
  const faultsSaid = await saidOf(['hintFaults', 'accesses'], ({ signals }: Loose): unknown => ({
    epoch({ pageCount }: View) {
      for (let page = 0; page < pageCount; page++) signals.hintFaults.protect(page);
    },
    hintFault: (fault: { page: number }) => void (fault.page = 0),
  }));
  expect(faultsSaid).toMatch(/writes to page of what/);
  const requestsSaid = await saidOf(['allocation'], (): unknown => ({
    allocate: (request: { pageNumber: number }) => void (request.pageNumber = 7),
  }));
  expect(requestsSaid).toMatch(/writes to pageNumber of what/);
  const samplesSaid = await saidOf(['samples'], ({ signals, clock }: Loose): unknown => {
    const sampler = signals.samples.open({ event: 'all', period: 2 });
    clock.every(1e6, () => void sampler.drain().page.fill(7));
    return {};
  });
  expect(samplesSaid).toMatch(/a hook writes to the view page/);
  const rangesSaid = await saidOf(['accesses'], ({ pages }: Loose): unknown => ({
    epoch: () => void pages.inRange(0, 0, Infinity).fill(7),
  }));
  expect(rangesSaid).toMatch(/a hook writes to the view inRange/);
});

test('looking at what was borrowed when its hook has returned is caught', async () => {
  const keeperSaid = await saidOf(['accesses'], ({ clock }: Loose): unknown => {
    let kept: View | undefined;
    clock.every(1e6, () => void kept?.touchedCount);
    return { epoch: (view: View) => void (kept = view) };
  });
  expect(keeperSaid).toMatch(/reads touchedCount of what it was lent/);
  // A column alone cannot tell who reads it: it holds a node that there is not.
  const hoarderSaid = await saidOf(
    ['accesses'],
    ({ pages: { nodeOf }, memory }: Loose): unknown => ({
      epoch: ({ touchedCount }: View) => void (touchedCount > 0 && memory.node(nodeOf[0] ?? 255)),
    }),
  );
  expect(hoarderSaid).toMatch(/no node 255 has memory/);
});

test('a hook that is called within another one ends no loan of it', async () => {
  const nestedSaid = await saidOf(['accesses', 'pressure'], ({ moves }: Loose): unknown => ({
    epoch(view: View) {
      for (let page = 0; page < view.pageCount; page++) moves.request(page, 0 as never);
      return void view.touchedCount;
    },
    pressure() {},
  }));
  expect(nestedSaid).toBe('nothing');
});
