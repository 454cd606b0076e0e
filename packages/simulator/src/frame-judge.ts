import { DEMOTED, ELSEWHERE } from './cache-frames.ts';
import type { CacheFrames, Promotion } from './cache-frames.ts';
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
const DATE_MAX: number = DEMOTED - 2;

/**
 * Judges each move when it happens, by what the frames of a cache know: its loop counts off, access by
 * access, what each promotion still owes. `assembly/cache.ts` has the same compiled.
 */
export function createFrameJudge(
  { span, settings }: Pick<Engine, 'span' | 'settings'>,
  cache: CacheFrames,
): MoveJudge {
  const { stepsPerNs, window } = dateSteps(settings.pingPongWindow);
  span.registers[STEPS_PER_NS] = stepsPerNs;
  span.registers[PING_PONG_STEPS] = window;

  /** The date of a move now; the base moves up to it where it must. */
  const dateOf = (timeNs: number): number => {
    const step = Math.floor(timeNs * stepsPerNs);
    const { registers } = span;
    if (step - registers[DATE_BASE] >= DATE_MAX) {
      redate(cache, step - registers[DATE_BASE] - window - 1);
      registers[DATE_BASE] = step - window - 1;
    }
    return step - registers[DATE_BASE] + 1;
  };

  const lastMove = (page: number): Promotion => {
    if (!cache.holds(page))
      return cache.elsewhere.get(page) ?? { owed: 0, date: cache.place[page] };
    const frame = cache.place[page] - 1;
    return { owed: cache.owed(frame), date: cache.moved(frame) };
  };

  const setMove = (page: number, owed: number, date: number): void => {
    if (cache.holds(page)) {
      cache.setMove(cache.place[page] - 1, owed, date);
      return;
    }
    if (date < DEMOTED) cache.elsewhere.set(page, { owed, date });
    else cache.elsewhere.delete(page);
    cache.place[page] = date < DEMOTED ? ELSEWHERE : date;
  };

  return {
    enter(_position, page, timeNs, due) {
      const { registers } = span;
      const date = dateOf(timeNs);
      const last = lastMove(page);
      const near = last.date > 0 && date - (last.date % DEMOTED) <= window;
      if (due >= 0) {
        if (near && last.date > DEMOTED) registers[DEMOTED_THEN_PROMOTED]++;
        setMove(page, due, date);
      } else {
        if (near && last.date < DEMOTED) registers[PROMOTED_THEN_DEMOTED]++;
        if (last.owed > 0) registers[WASTED]++;
        setMove(page, 0, DEMOTED + date);
      }
    },
    endBlock: () => {},
    outcome() {
      const { registers } = span;
      let unpaidPromotionPages = 0;
      for (let frame = 0; frame < cache.size; frame++) {
        if (cache.owed(frame) > 0) unpaidPromotionPages++;
      }
      for (const { owed } of cache.elsewhere.values()) if (owed > 0) unpaidPromotionPages++;
      return {
        promotedThenDemotedPages: registers[PROMOTED_THEN_DEMOTED],
        demotedThenPromotedPages: registers[DEMOTED_THEN_PROMOTED],
        wastedPromotionPages: registers[WASTED],
        unpaidPromotionPages,
      };
    },
  };
}

/** Takes `steps` off every date; those that come before the first one then are the first, which no window reaches. */
function redate(cache: CacheFrames, steps: number): void {
  const { place, size, elsewhere } = cache;
  const redated = (date: number): number => {
    const step = date % DEMOTED;
    return step === 0 ? 0 : date - step + Math.max(1, step - steps);
  };
  for (let page = 0; page < place.length; page++) {
    if (place[page] > DEMOTED && place[page] < ELSEWHERE) place[page] = redated(place[page]);
  }
  for (let frame = 0; frame < size; frame++) {
    cache.setMove(frame, cache.owed(frame), redated(cache.moved(frame)));
  }
  for (const [page, { owed, date }] of elsewhere)
    elsewhere.set(page, { owed, date: redated(date) });
}
