import { DATE_END, DEMOTED } from './cache-slots.ts';
import type { CacheSlots } from './cache-slots.ts';
import type { Engine } from './engine.ts';
import {
  DATE_BASE,
  DEMOTED_THEN_PROMOTED,
  PING_PONG_STEPS,
  PROMOTED_THEN_DEMOTED,
  STEPS_PER_NS,
  WASTED,
} from './kernels/span.ts';
import { dateSteps } from './move-judge.ts';
import type { MoveJudge } from './move-judge.ts';

/** A step of which the date still fits. */
const DATE_MAX: number = DATE_END - 2;

/**
 * Judges each move when it happens, by what the slots of a cache know: its loop counts off, access by
 * access, what each promotion still owes. `assembly/cache.ts` has the same compiled.
 */
export function createCacheJudge(
  { span, settings }: Pick<Engine, 'span' | 'settings'>,
  cache: CacheSlots,
): MoveJudge {
  const { stepsPerNs, window } = dateSteps(settings.pingPongWindow);
  span.registers[STEPS_PER_NS] = stepsPerNs;
  span.registers[PING_PONG_STEPS] = window;

  /** The date of a move now; the base moves up to it where it must. */
  const dateOf = (timeNs: number): number => {
    const step = Math.floor(timeNs * stepsPerNs);
    const { registers } = span;
    if (step - registers[DATE_BASE] >= DATE_MAX) {
      cache.redate(step - registers[DATE_BASE] - window - 1);
      registers[DATE_BASE] = step - window - 1;
    }
    return step - registers[DATE_BASE] + 1;
  };

  return {
    enter(_position, page, timeNs, due) {
      const { registers } = span;
      const date = dateOf(timeNs);
      const last = cache.lastMove(page);
      const near = last.date > 0 && date - (last.date % DEMOTED) <= window;
      if (due >= 0) {
        if (near && last.date > DEMOTED) registers[DEMOTED_THEN_PROMOTED]++;
        cache.setMove(page, { owed: due, date });
      } else {
        if (near && last.date < DEMOTED) registers[PROMOTED_THEN_DEMOTED]++;
        if (last.owed > 0) registers[WASTED]++;
        cache.setMove(page, { owed: 0, date: DEMOTED + date });
      }
    },
    endBlock: () => {},
    outcome() {
      const { registers } = span;
      return {
        promotedThenDemotedPages: registers[PROMOTED_THEN_DEMOTED],
        demotedThenPromotedPages: registers[DEMOTED_THEN_PROMOTED],
        wastedPromotionPages: registers[WASTED],
        unpaidPromotionPages: cache.unpaid(),
      };
    },
  };
}
