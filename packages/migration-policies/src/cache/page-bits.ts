import { widen } from './page-list.ts';

/** A small count a page, 0 at first, at most 255. */
export interface PageBits {
  readonly set: (page: number) => void;
  /** Whether the count was positive; clears it. */
  readonly take: (page: number) => boolean;
  readonly get: (page: number) => number;
  readonly put: (page: number, value: number) => void;
}

/** Counts of no page yet. */
export function createPageBits(): PageBits {
  let values = new Uint8Array(1024);
  const put = (page: number, value: number): void => {
    if (page >= values.length) {
      values = widen(values, new Uint8Array(Math.max(page + 1, values.length * 2)));
    }
    values[page] = value;
  };
  return {
    set: (page) => put(page, 1),
    put,
    get: (page) => (page < values.length ? values[page] : 0),
    take(page) {
      if (page >= values.length || values[page] === 0) return false;
      values[page] = 0;
      return true;
    },
  };
}
