/** A set of pages that many are put into and taken out of: a column with a byte for each. */
export interface PageSet {
  add(page: number): void;
  /** Takes a page out; false: it was not in. */
  take(page: number): boolean;
  clear(): void;
}

/** A set without pages. */
export function createPageSet(): PageSet {
  let member = new Uint8Array(1024);
  return {
    add(page) {
      if (page >= member.length) {
        const longer = new Uint8Array(Math.max(2 * member.length, page + 1));
        longer.set(member);
        member = longer;
      }
      member[page] = 1;
    },
    take(page) {
      if (page >= member.length || member[page] === 0) return false;
      member[page] = 0;
      return true;
    },
    clear() {
      member.fill(0);
    },
  };
}
