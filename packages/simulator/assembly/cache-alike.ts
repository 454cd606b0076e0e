// Misses of a group that are alike: the cache is full, all pages come from one node, and all moves have one date. Then
// what they cost is a product, and what became of moves is judged for four of them at once.
import { addServed } from './access';
import { indexOf, leavingPage, leavingStanding, leavingStandings } from './cache-ahead';
import {
  addExchanges,
  dueBetween,
  hand,
  home,
  judged,
  nodesLater,
  RECENCY,
  SECOND_CHANCE,
  size,
  window,
} from './cache-order';
import {
  asDemotedTo,
  DATE_SHIFT,
  demotedNode,
  demotedTo,
  ODD,
  OWED,
  OWED_HERE,
  settled,
} from './cache-standing';
import {
  ALIKE_BUFFERS,
  classCostTable,
  MAP_COST_NS,
  MAP_NODE,
  MAP_PAGES,
  nodeOfColumn,
  PAGE_COUNT,
  pageColumn,
  residentColumn,
  standingColumn,
} from './state';

/** By page that comes: its number and its standing before; by page that leaves, its standing. */
const COMING: usize = ALIKE_BUFFERS;
const STANDINGS: usize = COMING + 4 * 64;
const LEAVING_STANDINGS: usize = STANDINGS + 4 * 64;

/** How many pages come, and how many of them are new. */
let count: u32 = 0;
let newPages: u32 = 0;
/** Where the standings of the pages that leave are. */
let leavingAt: usize = 0;
/** The node that the first page comes from. */
let node: u32 = 0;

/** Gathers the pages that come and leave, where `before` has the standings before the accesses from `from` on. */
// @ts-ignore: decorator
@inline
export function gather(order: i32, from: i32, missing: u64, before: usize): void {
  const page = pageColumn() + (<usize>from << 2);
  const asNew = asDemotedTo(<u32>load<f64>(MAP_NODE));
  const known = <u32>load<f64>(PAGE_COUNT);
  let j: u32 = 0;
  let fresh: u32 = 0;
  for (let bits = missing; bits != 0; bits &= bits - 1) {
    const k = <usize>ctz(bits) << 2;
    const p = load<u32>(page + k);
    const isNew = p == known + fresh;
    fresh += <u32>isNew;
    store<u32>(COMING + (<usize>j << 2), p);
    store<u32>(STANDINGS + (<usize>j << 2), select(asNew, load<u32>(before + k), isNew));
    j++;
  }
  count = j;
  newPages = fresh;
  node = demotedNode(load<u32>(STANDINGS));
  leavingAt = leavingStandings();
  if (order != SECOND_CHANCE) return;
  leavingAt = LEAVING_STANDINGS;
  for (let k: u32 = 0; k < j; k++) {
    store<u32>(LEAVING_STANDINGS + (<usize>k << 2), leavingStanding(order, k));
  }
}

/** Whether the pages that were gathered are alike: demoted to one node or new on it, and such as a group can let leave. */
// @ts-ignore: decorator
@inline
export function areAlike(): bool {
  if (<f64>newPages > load<f64>(MAP_PAGES)) return false;
  const field = i32x4.splat(ODD);
  const wanted = i32x4.splat(demotedTo(node, 0));
  let others: u64 = 0;
  for (let k: u32 = 0; k < count; k += 4) {
    const standing = v128.load(STANDINGS + (<usize>k << 2));
    const isOther = i32x4.ne(v128.and(standing, field), wanted);
    const neverMoved = i32x4.eq(standing, i32x4.splat(0));
    const isOdd = i32x4.eq(v128.and(v128.load(leavingAt + (<usize>k << 2)), field), field);
    const isOne = v128.or(isOdd, v128.or(isOther, neverMoved));
    others |= <u64>i32x4.bitmask(isOne) << <u64>k;
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
  const residents = residentColumn();
  const standings = standingColumn();
  const promoted = (date << DATE_SHIFT) | (<u32>dueBetween(node, home) * OWED);
  const demoted = demotedTo(node, date);
  const all = count;
  const slots = size;
  const first = hand;
  for (let k: u32 = 0; k < all; k++) {
    const p = <usize>load<u32>(COMING + (<usize>k << 2));
    store<u32>(standings + (<usize>leavingPage(order, k) << 2), demoted);
    if (order != RECENCY) {
      const slot = first + indexOf(order, k);
      store<u32>(residents + (<usize>(slot < slots ? slot : slot - slots) << 2), <u32>p);
    }
    const at = standings + (p << 2);
    store<u32>(at, settled(load<u32>(at), promoted));
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
  const within = i32x4.splat(window);
  const none = i32x4.splat(0);
  let comebacks: u64 = 0;
  let returns: u64 = 0;
  let unpaid: u64 = 0;
  for (let k: u32 = 0; k < count; k += 4) {
    const demoted = i32x4.shr_u(v128.load(STANDINGS + (<usize>k << 2)), DATE_SHIFT);
    const came = i32x4.le_u(i32x4.sub(now, demoted), within);
    comebacks |= <u64>i32x4.bitmask(came) << <u64>k;
    const leaving = v128.load(leavingAt + (<usize>k << 2));
    const promoted = i32x4.shr_u(leaving, DATE_SHIFT);
    const near = i32x4.le_u(i32x4.sub(now, promoted), within);
    const left = v128.andnot(near, i32x4.eq(promoted, none));
    returns |= <u64>i32x4.bitmask(left) << <u64>k;
    const owes = i32x4.ne(v128.and(leaving, i32x4.splat(ODD)), none);
    unpaid |= <u64>i32x4.bitmask(owes) << <u64>k;
  }
  const those = bitsBelow(count);
  judged(
    <u32>popcnt(comebacks & those),
    <u32>popcnt(returns & those),
    <u32>popcnt(unpaid & those),
  );
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
