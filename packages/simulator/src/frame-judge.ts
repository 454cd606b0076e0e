import { ELSEWHERE, REFERENCED } from './cache-frames.ts';
import type { CacheFrames } from './cache-frames.ts';
import type { Engine } from './engine.ts';
import {
  DEMOTED_THEN_PROMOTED,
  PING_PONG_NS,
  PROMOTED_THEN_DEMOTED,
  WASTED,
} from './kernels/span.ts';
import type { MoveJudge } from './move-judge.ts';

/**
 * Judges each move when it happens, by what the frames of a cache know: its loop counts off, access by
 * access, what each promotion still owes. `assembly/cache.ts` has the same compiled.
 */
export function createFrameJudge(
  { span, settings }: Pick<Engine, 'span' | 'settings'>,
  frames: CacheFrames,
): MoveJudge {
  const windowNs = settings.pingPongWindow;
  span.registers[PING_PONG_NS] = windowNs;

  const lastMove = (page: number): { readonly owed: number; readonly movedNs: number } => {
    const frame = frames.place[page] - 1;
    if (frame >= 0) {
      return { owed: frames.owed[frame] % REFERENCED, movedNs: frames.movedNs[frame] };
    }
    return frames.elsewhere.get(page) ?? { owed: 0, movedNs: frames.place[page] };
  };

  const setMove = (page: number, owed: number, movedNs: number): void => {
    const frame = frames.place[page] - 1;
    if (frame >= 0) {
      frames.owed[frame] += owed - (frames.owed[frame] % REFERENCED);
      frames.movedNs[frame] = movedNs;
      return;
    }
    if (movedNs > 0) frames.elsewhere.set(page, { owed, movedNs });
    else frames.elsewhere.delete(page);
    frames.place[page] = movedNs > 0 ? ELSEWHERE : movedNs;
  };

  return {
    enter(_position, page, timeNs, due) {
      const { registers } = span;
      const last = lastMove(page);
      const markNs = timeNs + 1;
      const within = markNs - Math.abs(last.movedNs) <= windowNs;
      if (due >= 0) {
        if (within && last.movedNs < 0) registers[DEMOTED_THEN_PROMOTED]++;
        setMove(page, due, markNs);
      } else {
        if (within && last.movedNs > 0) registers[PROMOTED_THEN_DEMOTED]++;
        if (last.owed > 0) registers[WASTED]++;
        setMove(page, 0, -markNs);
      }
    },
    endBlock: () => {},
    outcome() {
      const { registers } = span;
      let unpaidPromotionPages = 0;
      for (let frame = 0; frame < frames.size; frame++) {
        if (frames.owed[frame] % REFERENCED > 0) unpaidPromotionPages++;
      }
      for (const { owed } of frames.elsewhere.values()) if (owed > 0) unpaidPromotionPages++;
      return {
        promotedThenDemotedPages: registers[PROMOTED_THEN_DEMOTED],
        demotedThenPromotedPages: registers[DEMOTED_THEN_PROMOTED],
        wastedPromotionPages: registers[WASTED],
        unpaidPromotionPages,
      };
    },
  };
}
