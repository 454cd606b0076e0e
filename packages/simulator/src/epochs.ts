import type { EpochView } from '@tierlab/policy';
import type { Engine } from './engine.ts';
import { CLOCK_NS, TOUCHED_COUNT } from './kernels/span.ts';
import type { SharedCounts } from './shared/counts.ts';

/** Epochs of equally many accesses, told to a policy that has the hook. */
export interface Epochs {
  /** Tells the policy of the first epoch to come. */
  start(): void;
  /** Accesses to the end of the epoch; Infinity where nobody wants to know. */
  accessesLeft(): number;
  /** Counts accesses replayed; ends the epoch with its last one. */
  replayed(accessCount: number): void;
}

/**
 * The epochs of a run; `nextEpoch` looks ahead for policies that declare `futureAccesses`. With `shared`, the counts are
 * those, and whoever counts ends their epoch.
 */
export function createEpochs(
  engine: Engine,
  nextEpoch: (() => Uint32Array) | undefined,
  shared: SharedCounts | undefined,
): Epochs {
  const { pages, span } = engine;
  const length = engine.settings.epochAccesses;
  const none = new Uint32Array(0);
  let epoch = 0;
  let left = length;
  let startNs = 0;

  const view = (futureAccesses: Uint32Array | undefined): EpochView => ({
    epoch,
    startNs,
    endNs: span.registers[CLOCK_NS],
    pageCount: pages.count,
    nodeOf: pages.nodeOf,
    touched: (shared ?? pages).touched ?? none,
    touchedCount: shared?.touchedCount ?? span.registers[TOUCHED_COUNT],
    // Absent where they were not declared, which the policy's types know.
    accesses: (shared ?? pages).accesses!,
    writes: (shared ?? pages).writes!,
    futureAccesses: futureAccesses!,
  });

  const end = (): void => {
    engine.hooks.epoch?.(view(nextEpoch?.()));
    if (shared === undefined) {
      engine.moveJudge.endEpoch?.();
      engine.columns.kernels.clearCounts();
    }
    epoch++;
    left = length;
    startNs = span.registers[CLOCK_NS];
  };

  return {
    start: () => engine.hooks.start?.(view(nextEpoch?.())),
    accessesLeft: () => (engine.hooks.epoch === undefined ? Infinity : left),
    replayed(accessCount) {
      left -= accessCount;
      if (left === 0) end();
    },
  };
}
