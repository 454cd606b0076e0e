/**
 * Doubly linked lists of pages over two columns. A page is in one list at most; `listOf[page]` says
 * in which, 0 for none. Lists are numbered from 1.
 */
export interface PageLists {
  readonly listOf: (page: number) => number;
  readonly size: (list: number) => number;
  /** Puts a page that is in no list at the head. */
  readonly pushHead: (list: number, page: number) => void;
  /** Takes the page out of its list. */
  readonly remove: (page: number) => void;
  /** The page at the tail; -1 if the list is empty. */
  readonly tail: (list: number) => number;
  /** The page before this one, nearer to the head; -1 at the head. */
  readonly towardsHead: (page: number) => number;
  /** Moves a page to the head of a list. */
  readonly moveToHead: (list: number, page: number) => void;
}

/** `listCount` empty lists. */
export function createPageLists(listCount: number): PageLists {
  // Neighbours by page, plus 1; 0 is none.
  let towards = new Uint32Array(1024);
  let away = new Uint32Array(1024);
  let listOf = new Uint8Array(1024);
  const heads = new Uint32Array(listCount + 1);
  const tails = new Uint32Array(listCount + 1);
  const sizes = new Uint32Array(listCount + 1);
  const makeRoom = (page: number): void => {
    const length = Math.max(page + 1, listOf.length * 2);
    towards = widen(towards, new Uint32Array(length));
    away = widen(away, new Uint32Array(length));
    listOf = widen(listOf, new Uint8Array(length));
  };
  const pushHead = (list: number, page: number): void => {
    if (page >= listOf.length) makeRoom(page);
    const head = heads[list];
    away[page] = head;
    towards[page] = 0;
    if (head === 0) tails[list] = page + 1;
    else towards[head - 1] = page + 1;
    heads[list] = page + 1;
    listOf[page] = list;
    sizes[list]++;
  };
  const remove = (page: number): void => {
    const list = listOf[page];
    const before = towards[page];
    const after = away[page];
    if (before === 0) heads[list] = after;
    else away[before - 1] = after;
    if (after === 0) tails[list] = before;
    else towards[after - 1] = before;
    listOf[page] = 0;
    sizes[list]--;
  };
  return {
    listOf: (page) => (page < listOf.length ? listOf[page] : 0),
    size: (list) => sizes[list],
    pushHead,
    remove,
    tail: (list) => tails[list] - 1,
    towardsHead: (page) => towards[page] - 1,
    moveToHead(list, page) {
      if (heads[list] === page + 1) return;
      remove(page);
      pushHead(list, page);
    },
  };
}

/** `wider` with the entries of `column`. */
export function widen<T extends Uint8Array | Uint32Array | Float64Array>(column: T, wider: T): T {
  wider.set(column);
  return wider;
}
