// The sample of pages that SHARDS takes. `src/capacity-curve/` holds what must come out, in TypeScript.
import { countInBytes } from './byte-counts';

/**
 * Counts each access by its page: `counts[page]` has the low 8 bits, `carries[page]` the others. Writes the accesses to
 * pages whose hash is below `threshold` to `out`, and returns how many those are. The hash is the finaliser of
 * MurmurHash3 (A. Appleby, public domain).
 */
export function samplePages(
  page: usize,
  length: i32,
  threshold: u32,
  out: usize,
  counts: usize,
  carries: usize,
): i32 {
  const limit = i32x4.splat(<i32>threshold);
  const end = page + 4 * <usize>length;
  let to = out;
  for (; page + 16 <= end; page += 16) {
    countInBytes(counts, carries, load<u32>(page));
    countInBytes(counts, carries, load<u32>(page, 4));
    countInBytes(counts, carries, load<u32>(page, 8));
    countInBytes(counts, carries, load<u32>(page, 12));
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
    countInBytes(counts, carries, p);
    if (pageHash(p) >= threshold) continue;
    store<u32>(to, p);
    to += 4;
  }
  return <i32>((to - out) >> 2);
}

function pageHash(page: u32): u32 {
  let hash = page;
  hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
  return hash ^ (hash >> 16);
}

/** Counts up to here have a key each, larger ones share one with those within a 32nd of an octave. */
const EXACT_SHIFT: u32 = 6;
const OCTAVE_SHIFT: u32 = 5;

/**
 * Groups the pages by their counts, as `groupByCount` does: at `groups` come to be, as f64, the pages of each of
 * `keys` keys, and behind them their accesses.
 */
export function groupCounts(
  counts: usize,
  carries: usize,
  pageCount: i32,
  groups: usize,
  keys: i32,
): void {
  memory.fill(groups, 0, 16 * <usize>keys);
  const accesses = groups + 8 * <usize>keys;
  for (let p: usize = 0; p < <usize>pageCount; p++) {
    const count = (load<u32>(carries + 4 * p) << 8) + <u32>load<u8>(counts + p);
    let key = count;
    if (count >> EXACT_SHIFT != 0) {
      const octave = 31 - <u32>clz(count);
      const part = (count >> (octave - OCTAVE_SHIFT)) & ((1 << OCTAVE_SHIFT) - 1);
      key = (1 << EXACT_SHIFT) + ((octave - EXACT_SHIFT) << OCTAVE_SHIFT) + part;
      addTo(accesses, key, count);
    }
    addTo(groups, key, 1);
  }
  store<f64>(groups, 0);
  for (let key: u32 = 1; key < 1 << EXACT_SHIFT; key++) {
    const pages = load<f64>(groups + 8 * <usize>key);
    store<f64>(accesses + 8 * <usize>key, pages * <f64>key);
  }
}

// @ts-ignore: decorator
@inline
function addTo(column: usize, key: u32, value: u32): void {
  const at = column + 8 * <usize>key;
  store<f64>(at, load<f64>(at) + <f64>value);
}
