// Stack distances of all accesses, and the sample of pages that SHARDS takes.
// `src/capacity-curve/` holds what must come out, in TypeScript.

/**
 * Positions are numbered by access; one is live where it is its page's last access. `bits` has a bit
 * a position, `groups` the live positions of each 512, `supers` those of each 32,768: how many are live
 * after a position, the stack distance, is a sum of few of them.
 */
const GROUP_SHIFT: u32 = 9;
const SUPER_SHIFT: u32 = 15;
const GROUP_WORDS: usize = 8;
const SUPER_GROUPS: usize = 64;

/**
 * Takes `length` accesses at positions from `position` on, adds 1 to `histogram[distance]` for each
 * that is not the first of its page, and returns the next position. `last[page]` is the position of its last
 * access plus 1, `owner[position]` the page.
 */
export function stackDistances(
  page: usize,
  length: i32,
  last: usize,
  owner: usize,
  bits: usize,
  groups: usize,
  supers: usize,
  histogram: usize,
  position: u32,
): u32 {
  const end = page + 4 * <usize>length;
  for (; page < end; page += 4) {
    const p = load<u32>(page);
    const lastAt = last + 4 * <usize>p;
    const before = load<u32>(lastAt);
    if (before != 0) {
      const at = before - 1;
      const slot = histogram + 4 * <usize>liveAfter(at, position, bits, groups, supers);
      store<u32>(slot, load<u32>(slot) + 1);
      mark(at, -1, bits, groups, supers);
    }
    mark(position, 1, bits, groups, supers);
    store<u32>(owner + 4 * <usize>position, p);
    store<u32>(lastAt, ++position);
  }
  return position;
}

/** Live positions from `at + 1` to `position`. */
// @ts-ignore: decorator
@inline
function liveAfter(at: u32, position: u32, bits: usize, groups: usize, supers: usize): u32 {
  const word = at >> 6;
  let live: u64 = popcnt(load<u64>(bits + 8 * <usize>word) >> <u64>(at & 63) >> 1);
  const group = at >> GROUP_SHIFT;
  const wordsEnd = bits + 8 * GROUP_WORDS * (<usize>group + 1);
  for (let next = bits + 8 * (<usize>word + 1); next < wordsEnd; next += 8) {
    live += popcnt(load<u64>(next));
  }
  const block = at >> SUPER_SHIFT;
  const groupsEnd = groups + 2 * SUPER_GROUPS * (<usize>block + 1);
  let next = groups + 2 * (<usize>group + 1);
  for (; next < groupsEnd && (next & 15) != 0; next += 2) live += load<u16>(next);
  let sums = i32x4.splat(0);
  for (; next < groupsEnd; next += 16) {
    sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(v128.load(next)));
  }
  const supersEnd = supers + 4 * (<usize>(position >> SUPER_SHIFT) + 1);
  let beyond = supers + 4 * (<usize>block + 1);
  for (; beyond < supersEnd && (beyond & 15) != 0; beyond += 4) live += load<u32>(beyond);
  // What lies beyond the current one is 0.
  for (; beyond < supersEnd; beyond += 16) sums = i32x4.add(sums, v128.load(beyond));
  return (
    <u32>live +
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3)
  );
}

/** Makes a position live (1) or not (-1). */
// @ts-ignore: decorator
@inline
function mark(at: u32, change: i32, bits: usize, groups: usize, supers: usize): void {
  const word = bits + 8 * <usize>(at >> 6);
  store<u64>(word, load<u64>(word) ^ (<u64>1 << <u64>(at & 63)));
  const group = groups + 2 * <usize>(at >> GROUP_SHIFT);
  store<u16>(group, <u16>(<i32>load<u16>(group) + change));
  const block = supers + 4 * <usize>(at >> SUPER_SHIFT);
  store<u32>(block, load<u32>(block) + change);
}

/**
 * Renumbers the live positions below `position` from 0 on, in their order; returns how many there are.
 * The three tables, which are clear beyond `position`, are those of the new numbers then.
 */
export function renumberPositions(
  last: usize,
  owner: usize,
  bits: usize,
  groups: usize,
  supers: usize,
  position: u32,
): u32 {
  let live: u32 = 0;
  const words = (position + 63) >> 6;
  for (let word: u32 = 0; word < words; word++) {
    const wordAt = bits + 8 * <usize>word;
    let left = load<u64>(wordAt);
    store<u64>(wordAt, 0);
    for (; left != 0; left &= left - 1) {
      const p = load<u32>(owner + 4 * <usize>((word << 6) + <u32>ctz(left)));
      store<u32>(owner + 4 * <usize>live, p);
      store<u32>(last + 4 * <usize>p, ++live);
    }
  }
  memory.fill(groups, 0, 2 * (<usize>(position >> GROUP_SHIFT) + 1));
  memory.fill(supers, 0, 4 * (<usize>(position >> SUPER_SHIFT) + 1));
  markFirst(live, bits, groups, supers);
  return live;
}

/** Makes the first `count` positions of empty tables live. */
export function markFirst(count: u32, bits: usize, groups: usize, supers: usize): void {
  for (let at: u32 = 0; at < count; at++) mark(at, 1, bits, groups, supers);
}

/**
 * Adds 1 to `counts[page]` for each access, writes the accesses to pages whose hash is below
 * `threshold` to `out`, and returns how many those are. The hash is the finaliser of MurmurHash3
 * (A. Appleby, public domain).
 */
export function samplePages(
  page: usize,
  length: i32,
  threshold: u32,
  out: usize,
  counts: usize,
): i32 {
  const limit = i32x4.splat(<i32>threshold);
  const end = page + 4 * <usize>length;
  let to = out;
  for (; page + 16 <= end; page += 16) {
    countPage(counts, load<u32>(page));
    countPage(counts, load<u32>(page, 4));
    countPage(counts, load<u32>(page, 8));
    countPage(counts, load<u32>(page, 12));
    let hash = v128.load(page);
    hash = v128.xor(hash, i32x4.shr_u(hash, 16));
    hash = i32x4.mul(hash, i32x4.splat(0x85ebca6b));
    hash = v128.xor(hash, i32x4.shr_u(hash, 13));
    hash = i32x4.mul(hash, i32x4.splat(0xc2b2ae35));
    hash = v128.xor(hash, i32x4.shr_u(hash, 16));
    let chosen = i32x4.bitmask(i32x4.lt_u(hash, limit));
    for (; chosen != 0; chosen &= chosen - 1) {
      store<u32>(to, load<u32>(page + 4 * <usize>ctz(chosen)));
      to += 4;
    }
  }
  for (; page < end; page += 4) {
    const p = load<u32>(page);
    countPage(counts, p);
    if (pageHash(p) >= threshold) continue;
    store<u32>(to, p);
    to += 4;
  }
  return <i32>((to - out) >> 2);
}

// @ts-ignore: decorator
@inline
function countPage(counts: usize, page: u32): void {
  const at = counts + 4 * <usize>page;
  store<u32>(at, load<u32>(at) + 1);
}

function pageHash(page: u32): u32 {
  let hash = page;
  hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
  return hash ^ (hash >> 16);
}
