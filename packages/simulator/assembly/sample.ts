// The sample of pages that SHARDS takes. `src/capacity-curve/` holds what must come out, in TypeScript.

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
