import { assert } from '@tierlab/core';

/** An allowance that is renewed in windows of time. */
export interface Quota {
  /** Takes `amount` at time `nowNs` if the window still has it; a refusal takes nothing. */
  take(amount: number, nowNs: number): boolean;
  /** What is left of the window of `nowNs`. */
  left(nowNs: number): number;
  /** Changes the allowance of windows to come, and of this one by the difference. */
  setLimit(limit: number): void;
}

/**
 * A quota of `limit` units in every window of `windowNs`; the windows follow each other from time 0.
 *
 * What happens at the limit is the caller's rule: drop the move, defer it (ask again in the next
 * window) or rank what is left.
 */
export function quota(spec: { readonly limit: number; readonly windowNs: number }): Quota {
  assert(spec.windowNs > 0, `quota: window of ${spec.windowNs} ns`);
  let limit = spec.limit;
  let window = 0;
  let spent = 0;
  const enter = (nowNs: number): void => {
    const current = Math.floor(nowNs / spec.windowNs);
    if (current === window) return;
    window = current;
    spent = 0;
  };
  return {
    take(amount, nowNs) {
      enter(nowNs);
      if (spent + amount > limit) return false;
      spent += amount;
      return true;
    },
    left(nowNs) {
      enter(nowNs);
      return Math.max(0, limit - spent);
    },
    setLimit(next) {
      limit = next;
    },
  };
}

/** Counts every attempt in windows that start with an attempt, and says whether it was within the limit. */
export interface RateLimit {
  /** Counts `amount` attempted at `nowNs`; whether the window's attempts, this one included, were below the limit. */
  admit(amount: number, nowNs: number): boolean;
  /** Everything attempted so far, admitted or not. */
  readonly attempted: number;
}

/**
 * The kernel's rate limit of promotions: an attempt counts even when it is rejected, and a window
 * is opened by the first attempt more than `windowNs` after the last opening.
 *
 * Source: Linux kernel/sched/fair.c numa_promotion_rate_limit, 6.12.
 */
export function attemptRateLimit(spec: {
  readonly limit: number;
  readonly windowNs: number;
}): RateLimit {
  let attempted = 0;
  let windowStartNs = 0;
  let attemptedAtStart = 0;
  return {
    admit(amount, nowNs) {
      attempted += amount;
      if (nowNs - windowStartNs > spec.windowNs) {
        windowStartNs = nowNs;
        attemptedAtStart = attempted;
      }
      return attempted - attemptedAtStart < spec.limit;
    },
    get attempted() {
      return attempted;
    },
  };
}
