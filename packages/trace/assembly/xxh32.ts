// XXH32 with seed 0, its four lanes in one vector.
// Source: Yann Collet, "xxHash fast digest algorithm", doc/xxhash_spec.md version 0.1.1.

const PRIME1: u32 = 0x9e3779b1;
const PRIME2: u32 = 0x85ebca77;
const PRIME3: u32 = 0xc2b2ae3d;
const PRIME4: u32 = 0x27d4eb2f;
const PRIME5: u32 = 0x165667b1;

// @ts-ignore: decorator
@inline
function firstLanes(): v128 {
  return i32x4(PRIME1 + PRIME2, PRIME2, 0, 0 - PRIME1);
}

// @ts-ignore: decorator
@inline
function stripe(lanes: v128, at: usize): v128 {
  const mixed = i32x4.add(lanes, i32x4.mul(v128.load(at), i32x4.splat(PRIME2)));
  const turned = v128.or(i32x4.shl(mixed, 13), i32x4.shr_u(mixed, 19));
  return i32x4.mul(turned, i32x4.splat(PRIME1));
}

/** The hash of a range of `length` bytes, of which the stripes before `at` went into `lanes`; it ends at `end`. */
function finish(lanes: v128, at: usize, end: usize, length: i32): u32 {
  let hash: u32 = PRIME5;
  if (length >= 16) {
    for (; at + 16 <= end; at += 16) lanes = stripe(lanes, at);
    hash =
      rotl<u32>(i32x4.extract_lane(lanes, 0), 1) +
      rotl<u32>(i32x4.extract_lane(lanes, 1), 7) +
      rotl<u32>(i32x4.extract_lane(lanes, 2), 12) +
      rotl<u32>(i32x4.extract_lane(lanes, 3), 18);
  }
  hash += <u32>length;
  for (; at + 4 <= end; at += 4) hash = rotl<u32>(hash + load<u32>(at) * PRIME3, 17) * PRIME4;
  for (; at < end; at++) hash = rotl<u32>(hash + <u32>load<u8>(at) * PRIME5, 11) * PRIME1;
  hash = (hash ^ (hash >> 15)) * PRIME2;
  hash = (hash ^ (hash >> 13)) * PRIME3;
  return hash ^ (hash >> 16);
}

/** XXH32 of `length` bytes from `at`. */
export function xxh32(at: usize, length: i32): u32 {
  return finish(firstLanes(), at, at + length, length);
}

/**
 * The hash of a payload: XXH32 of the XXH32s of its four parts. The first three are a fourth of `length`, rounded
 * down to 16 bytes, so that the four run side by side. Writes 16 bytes at `at + length`.
 */
export function payloadHash(at: usize, length: i32): u32 {
  const part = (length >> 6) << 4;
  let lanes0 = firstLanes();
  let lanes1 = lanes0;
  let lanes2 = lanes0;
  let lanes3 = lanes0;
  const end = at + part;
  let from0 = at;
  let from1 = at + part;
  let from2 = from1 + part;
  let from3 = from2 + part;
  // Two stripes of each a round, then the one that may be left.
  for (; from0 + 32 <= end; from0 += 32) {
    lanes0 = stripe(stripe(lanes0, from0), from0 + 16);
    lanes1 = stripe(stripe(lanes1, from1), from1 + 16);
    lanes2 = stripe(stripe(lanes2, from2), from2 + 16);
    lanes3 = stripe(stripe(lanes3, from3), from3 + 16);
    from1 += 32;
    from2 += 32;
    from3 += 32;
  }
  if (from0 < end) {
    lanes0 = stripe(lanes0, from0);
    lanes1 = stripe(lanes1, from1);
    lanes2 = stripe(lanes2, from2);
    lanes3 = stripe(lanes3, from3);
    from3 += 16;
  }
  const parts = at + length;
  store<u32>(parts, finish(lanes0, end, end, part));
  store<u32>(parts, finish(lanes1, end, end, part), 4);
  store<u32>(parts, finish(lanes2, end, end, part), 8);
  store<u32>(parts, finish(lanes3, from3, parts, length - 3 * part), 12);
  return xxh32(parts, 16);
}
