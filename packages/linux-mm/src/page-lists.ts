/**
 * Doubly linked lists over page ids in two columns: a page is on one list or on none.
 *
 * The first `listCount` entries are the lists' own anchors, the pages follow. The head is where the kernel adds, the
 * tail is where it reclaims.
 */
export interface PageLists {
  next: Int32Array;
  previous: Int32Array;
  readonly listCount: number;
}

const OFF_LIST = -1;

/** Makes `listCount` empty lists over `pageCount` pages. */
export function createPageLists(pageCount: number, listCount: number): PageLists {
  const next = new Int32Array(listCount + pageCount).fill(OFF_LIST);
  const previous = new Int32Array(listCount + pageCount).fill(OFF_LIST);
  for (let list = 0; list < listCount; list++) {
    next[list] = list;
    previous[list] = list;
  }
  return { next, previous, listCount };
}

/** Makes room for `pageCount` pages. */
export function growPageLists(lists: PageLists, pageCount: number): void {
  const grown = createPageLists(pageCount, lists.listCount);
  grown.next.set(lists.next);
  grown.previous.set(lists.previous);
  lists.next = grown.next;
  lists.previous = grown.previous;
}

export function isOnList(lists: PageLists, page: number): boolean {
  return lists.next[lists.listCount + page] !== OFF_LIST;
}

export function isEmpty(lists: PageLists, list: number): boolean {
  return lists.next[list] === list;
}

/** Page at the tail, the oldest; -1 when the list is empty. */
export function tailOf(lists: PageLists, list: number): number {
  const entry = lists.previous[list];
  return entry < lists.listCount ? -1 : entry - lists.listCount;
}

export function addToHead(lists: PageLists, list: number, page: number): void {
  link(lists, list, lists.listCount + page, lists.next[list]);
}

export function addToTail(lists: PageLists, list: number, page: number): void {
  link(lists, lists.previous[list], lists.listCount + page, list);
}

export function remove(lists: PageLists, page: number): void {
  const { next, previous } = lists;
  const entry = lists.listCount + page;
  next[previous[entry]] = next[entry];
  previous[next[entry]] = previous[entry];
  next[entry] = OFF_LIST;
  previous[entry] = OFF_LIST;
}

/** Moves a page from wherever it is to the head of `list`. */
export function moveToHead(lists: PageLists, list: number, page: number): void {
  const { next, previous } = lists;
  const entry = lists.listCount + page;
  const before = previous[entry];
  const after = next[entry];
  next[before] = after;
  previous[after] = before;
  link(lists, list, entry, next[list]);
}

function link(lists: PageLists, before: number, entry: number, after: number): void {
  lists.next[before] = entry;
  lists.previous[entry] = before;
  lists.next[entry] = after;
  lists.previous[after] = entry;
}
