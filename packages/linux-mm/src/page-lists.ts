/**
 * Doubly linked lists over page ids in two columns: a page is on one list or on none.
 *
 * Ids from 0 are pages; the ids after them are the lists' own anchors. The head is where the kernel adds, the tail
 * is where it reclaims. Column length: pages + lists.
 */
export interface PageLists {
  readonly next: Int32Array;
  readonly previous: Int32Array;
  readonly pageCount: number;
}

const OFF_LIST = -1;

/** Makes `listCount` empty lists over `pageCount` pages. */
export function createPageLists(pageCount: number, listCount: number): PageLists {
  const next = new Int32Array(pageCount + listCount).fill(OFF_LIST);
  const previous = new Int32Array(pageCount + listCount).fill(OFF_LIST);
  for (let list = 0; list < listCount; list++) {
    next[pageCount + list] = pageCount + list;
    previous[pageCount + list] = pageCount + list;
  }
  return { next, previous, pageCount };
}

export function isOnList(lists: PageLists, page: number): boolean {
  return lists.next[page] !== OFF_LIST;
}

export function isEmpty(lists: PageLists, list: number): boolean {
  const anchor = lists.pageCount + list;
  return lists.next[anchor] === anchor;
}

/** Page at the tail, the oldest; -1 when the list is empty. */
export function tailOf(lists: PageLists, list: number): number {
  const page = lists.previous[lists.pageCount + list];
  return page < lists.pageCount ? page : -1;
}

export function addToHead(lists: PageLists, list: number, page: number): void {
  const anchor = lists.pageCount + list;
  link(lists, anchor, page, lists.next[anchor]);
}

export function addToTail(lists: PageLists, list: number, page: number): void {
  const anchor = lists.pageCount + list;
  link(lists, lists.previous[anchor], page, anchor);
}

export function remove(lists: PageLists, page: number): void {
  const { next, previous } = lists;
  next[previous[page]] = next[page];
  previous[next[page]] = previous[page];
  next[page] = OFF_LIST;
  previous[page] = OFF_LIST;
}

function link(lists: PageLists, before: number, page: number, after: number): void {
  lists.next[before] = page;
  lists.previous[page] = before;
  lists.next[page] = after;
  lists.previous[after] = page;
}
