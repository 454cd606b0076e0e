import type { MigrationPolicy, PageSearch } from '@tierlab/policy';
import type { AccessBlock } from '@tierlab/trace';
import type { MoveBook } from '../move-book.ts';
import type { Swaps } from '../move-judge.ts';
import type { SharedCounts } from './counts.ts';

/** What a run of a shared pass is given of the others. */
export interface SharedRun {
  readonly counts: SharedCounts;
  /** The piece that is being replayed or skipped. */
  readonly piece: () => AccessBlock;
  /** What the runs of `policy` hold together under `key`: all of them go from epoch to epoch at once. */
  together<T>(policy: MigrationPolicy, key: string, make: () => T): T;
  /** The book of its moves; asked for once. */
  readonly book: (pingPongWindowNs: number) => MoveBook;
  /** The search of a list by the indexes of nodes, as `direct` does it page by page; see `PageRows`. */
  search(list: Readonly<Uint32Array>, isOn: Readonly<Uint8Array>, direct: PageSearch): PageSearch;
  /** Told whenever a mapped page is on another node, by its index. */
  placed(page: number, nodeIndex: number): void;
  /** The same of pairs of pages that have changed places: the first ones have come from the one node to the other. */
  swapped(swaps: Swaps, fromIndex: number, toIndex: number): void;
  /** Told whenever a page comes to stop the replay, or stops it no more; see `SharedTouches`. */
  readonly setStop: (page: number, stops: boolean) => void;
}
