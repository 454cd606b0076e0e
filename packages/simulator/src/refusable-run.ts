import { InputError } from '@tierlab/core';
import type { Run } from './run.ts';
import type { Outlook } from './shared/skip.ts';

/** Why a run cannot be made although its trace, its machine and its parameters are in order: the policy or the model cannot do it. */
const REFUSALS: ReadonlySet<string> = new Set([
  'POLICY_OUT_OF_REACH',
  'SIM_NO_TOUCHES',
  'SIM_NO_LOOKAHEAD',
  'SIM_OUT_OF_MEMORY',
  'SIM_TOO_MANY_PAGES',
  'SIM_BAD_SETTING',
]);

/** Whether `error` concerns the run that it stopped, and no other. */
function isRefusal(error: unknown): error is InputError {
  return error instanceof InputError && REFUSALS.has(error.code);
}

/**
 * The run that `make` makes, which may come to be refused at any time: then it takes no further part, and `finish`
 * throws the reason.
 */
export function createRefusableRun(make: () => Run): Run {
  let refusal: InputError | undefined;
  const attempt = <T>(instead: T, work: () => T): T => {
    if (refusal !== undefined) return instead;
    try {
      return work();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusal = error;
      return instead;
    }
  };
  const run = attempt<Run | undefined>(undefined, make);
  return {
    recency: run?.recency,
    accept: (block) => attempt(undefined, () => run!.accept(block)),
    look(into) {
      if (refusal === undefined) attempt(undefined, () => run!.look(into));
      if (refusal !== undefined) passAnything(into);
    },
    mapAhead: (piece, touchedAt) => attempt(false, () => run!.mapAhead(piece, touchedAt)),
    takePassed: (passed) => attempt(undefined, () => run!.takePassed(passed)),
    parts: {
      areQuietUntil: (endNs) => attempt(true, () => run!.parts.areQuietUntil(endNs)),
      begin: () => attempt(undefined, () => run!.parts.begin()),
      take: (passed) => attempt(undefined, () => run!.parts.take(passed)),
      happen: () => attempt(undefined, () => run!.parts.happen()),
      end: (length) => attempt(undefined, () => run!.parts.end(length)),
    },
    tellPlaces: (firstPage, endPage) =>
      attempt(undefined, () => run!.tellPlaces(firstPage, endPage)),
    finish(given) {
      const record = attempt(undefined, () => run!.finish(given));
      if (record === undefined) throw refusal!;
      return record;
    },
  };
}

/** A refused run passes whatever comes. */
function passAnything(into: Outlook): void {
  into.followed = true;
  into.clockNs = 0;
  into.costNs.fill(0);
  into.nextNs = Infinity;
  into.intervalNs = Infinity;
  into.othersNs = Infinity;
  into.intervalsLeft = 0;
  into.pageCount = 0;
  into.roomIndex = 0;
  into.roomPages = Infinity;
}
