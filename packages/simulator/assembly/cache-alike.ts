// Misses of a group that are alike: the cache is full, all pages come from one node, and all moves have one date. Then
// what they cost is a product, and what became of moves is judged for four of them at once.
import { addServed } from './access';
import { indexOf, leavingPage, leavingStanding } from './cache-ahead';
import {
  addExchanges,
  DATE,
  DATE_BITS,
  DEMOTED,
  dueBetween,
  hand,
  home,
  judged,
  nodesLater,
  ODD,
  OWED,
  OWED_HERE,
  RECENCY,
  size,
  window,
} from './cache-order';
import {
  ALIKE_BUFFERS,
  classCostTable,
  lastMoveColumn,
  MAP_COST_NS,
  MAP_NODE,
  MAP_PAGES,
  nodeOfColumn,
  PAGE_COUNT,
  pageColumn,
  residentColumn,
  standingColumn,
} from './state';

/** By page that comes: its number and its last move; by page that leaves, its last move. */
const COMING: usize = ALIKE_BUFFERS;
const MOVES: usize = COMING + 4 * 64;
const LEAVING_MOVES: usize = MOVES + 4 * 64;

/** How many pages come, how many of them are new, and how many of those that leave owe something. */
let count: u32 = 0;
let newPages: u32 = 0;
let owing: u32 = 0;
/** The largest standing of a page that leaves. */
let largest: u32 = 0;
/** The node that the first page comes from. */
let node: u32 = 0;

/** Loads the last moves of pages that come and leave, one independent of the other, so that a machine waits for all of it at once. */
// @ts-ignore: decorator
@inline
export function gather(order: i32, from: i32, missing: u64): void {
  const page = pageColumn() + (<usize>from << 2);
  const lastMoves = lastMoveColumn();
  const mapNode = <u32>load<f64>(MAP_NODE);
  const known = <u32>load<f64>(PAGE_COUNT);
  // A new page is like one that was demoted, but at no time.
  const asNew = DEMOTED | (mapNode << DATE_BITS) | DATE;
  let j: u32 = 0;
  let fresh: u32 = 0;
  for (let bits = missing; bits != 0; bits &= bits - 1) {
    const p = load<u32>(page + (<usize>ctz(bits) << 2));
    const isNew = p == known + fresh;
    fresh += <u32>isNew;
    const move = load<u32>(lastMoves + (<usize>p << 2));
    store<u32>(COMING + (<usize>j << 2), p);
    store<u32>(MOVES + (<usize>j << 2), select(asNew, move, isNew));
    j++;
  }
  count = j;
  newPages = fresh;
  let owed: u32 = 0;
  let most: u32 = 0;
  for (let k: u32 = 0; k < j; k++) {
    const standing = leavingStanding(order, k);
    const move = load<u32>(lastMoves + (<usize>leavingPage(order, k) << 2));
    store<u32>(LEAVING_MOVES + (<usize>k << 2), move);
    owed += <u32>(standing >= OWED);
    most = max(most, standing);
  }
  owing = owed;
  largest = most;
  node = (load<u32>(MOVES) >> DATE_BITS) & 255;
}

/** Whether the pages that were gathered are alike. */
// @ts-ignore: decorator
@inline
export function areAlike(): bool {
  if (largest >= ODD || <f64>newPages > load<f64>(MAP_PAGES)) return false;
  const wanted = i32x4.splat((DEMOTED >> DATE_BITS) | node);
  let others: u64 = 0;
  for (let k: u32 = 0; k < count; k += 4) {
    const move = v128.load(MOVES + (<usize>k << 2));
    const isOther = i32x4.ne(i32x4.shr_u(move, DATE_BITS), wanted);
    others |= <u64>i32x4.bitmask(isOther) << <u64>k;
  }
  // Where they are, that node is one.
  return (others & bitsBelow(count)) == 0 && <u32>dueBetween(node, home) <= OWED_HERE;
}

/** What the misses take longer than hits, where `written` of them are writes. */
// @ts-ignore: decorator
@inline
export function longerNs(openLoop: bool, written: u32): f64 {
  if (openLoop) return 0;
  const near = classCostTable() + 16 * <usize>home;
  const far = classCostTable() + 16 * <usize>node;
  const read = <f64>(count - written) * (load<f64>(far) - load<f64>(near));
  const write = <f64>written * (load<f64>(far, 8) - load<f64>(near, 8));
  return read + write + <f64>newPages * load<f64>(MAP_COST_NS);
}

/** Lets the pages come at `date`. */
// @ts-ignore: decorator
@inline
export function takeAlike(order: i32, written: u32, date: u32): void {
  addServed(2 * node, count - written);
  addServed(2 * node + 1, written);
  if (newPages > 0) mapNewPages();
  addExchanges(node, count);
  judge(date);
  const lastMoves = lastMoveColumn();
  const residents = residentColumn();
  const standings = standingColumn();
  const due = <u32>dueBetween(node, home);
  const demoted = DEMOTED | (node << DATE_BITS) | date;
  const all = count;
  const slots = size;
  const first = hand;
  for (let k: u32 = 0; k < all; k++) {
    const p = <usize>load<u32>(COMING + (<usize>k << 2));
    const victim = <usize>leavingPage(order, k);
    store<u32>(lastMoves + (p << 2), date);
    store<u32>(lastMoves + (victim << 2), demoted);
    if (order != RECENCY) {
      const slot = first + indexOf(order, k);
      store<u32>(residents + (<usize>(slot < slots ? slot : slot - slots) << 2), <u32>p);
    }
    const at = standings + (p << 1);
    const standing = <u32>load<u16>(at);
    // Since it was taken as a use it has counted down from what fits.
    const owed = due - min(due, OWED_HERE - standing / OWED);
    store<u16>(at, (standing & (OWED - 1)) | (owed * OWED));
  }
  if (!nodesLater) setNodes(order);
}

/** Brings the column of nodes up to date. */
function setNodes(order: i32): void {
  const nodeOf = nodeOfColumn();
  for (let k: u32 = 0; k < count; k++) {
    store<u8>(nodeOf + <usize>load<u32>(COMING + (<usize>k << 2)), home);
    store<u8>(nodeOf + <usize>leavingPage(order, k), node);
  }
}

// @ts-ignore: decorator
@inline
function judge(date: u32): void {
  const now = i32x4.splat(date);
  const dates = i32x4.splat(DATE);
  const within = i32x4.splat(window);
  let comebacks: u64 = 0;
  let returns: u64 = 0;
  for (let k: u32 = 0; k < count; k += 4) {
    const move = v128.load(MOVES + (<usize>k << 2));
    const came = i32x4.le_u(i32x4.sub(now, v128.and(move, dates)), within);
    comebacks |= <u64>i32x4.bitmask(came) << <u64>k;
    const last = v128.load(LEAVING_MOVES + (<usize>k << 2));
    const lastDate = v128.and(last, dates);
    const near = i32x4.le_u(i32x4.sub(now, lastDate), within);
    const never = i32x4.eq(lastDate, i32x4.splat(0));
    const left = v128.andnot(near, v128.or(never, i32x4.shr_s(last, 31)));
    returns |= <u64>i32x4.bitmask(left) << <u64>k;
  }
  const those = bitsBelow(count);
  judged(<u32>popcnt(comebacks & those), <u32>popcnt(returns & those), owing);
}

/** Maps the new pages, which come in the order of their numbers. */
function mapNewPages(): void {
  const first = <u32>load<f64>(PAGE_COUNT);
  memory.fill(nodeOfColumn() + <usize>first, <u8>node, <usize>newPages);
  store<f64>(PAGE_COUNT, <f64>(first + newPages));
  store<f64>(MAP_PAGES, load<f64>(MAP_PAGES) - <f64>newPages);
}

// @ts-ignore: decorator
@inline
function bitsBelow(k: u32): u64 {
  return k >= 64 ? <u64>-1 : (<u64>1 << <u64>k) - 1;
}
