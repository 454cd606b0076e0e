// One run of several through a part of a piece, by what the runs know together of where its pages are.
import { takeServed } from './access';
import { addLanes, GROUP, laneOne, LANES } from './groups';
import { CHUNK_MIN, EXACT_NS } from './replay';
import { nodeClasses, pageColumn, SCRATCH, writeColumn } from './state';

/** Sums of a chunk: all, and what each plane has; behind the counters of a walk. */
const CHUNK: usize = SCRATCH + 1024;

/**
 * Serves accesses from `from` on of run `run` until its clock reaches the deadline, and maps pages from `next` on at
 * their first touch; returns the first access that was not served. `planes` has the addresses of the planes; `counts`
 * comes to have what was served by class, and `out` the clock and the page that is mapped next.
 *
 * The piece has been counted from access `first` on in chunks of `chunk` accesses, whose lists `countChunks` has made; or not, and `chunk` is 0.
 */
export function walkPiece(
  run: i32,
  planes: usize,
  planeCount: i32,
  from: i32,
  to: i32,
  clock: f64,
  deadline: f64,
  next: u32,
  faultNs: f64,
  costs: usize,
  counts: usize,
  out: usize,
  first: i32,
  chunk: i32,
  lists: usize,
  ends: usize,
): i32 {
  const page = pageColumn();
  const write = writeColumn();
  const classes = nodeClasses();
  let costMax: f64 = 0;
  for (let kind = 0; kind < <i32>classes; kind++) {
    store<u32>(counts + (<usize>kind << 2), 0);
    costMax = max(costMax, load<f64>(costs + (<usize>kind << 3)));
  }
  let i = from;
  // Up to here accesses are taken one by one.
  let open = chunk == 0 ? to : from;
  while (i < to && clock < deadline) {
    if (i >= open) {
      const index = (i - first) / chunk;
      const start = first + index * chunk;
      open = min(to, start + chunk);
      const listAt = ends + (<usize>index << 2);
      const list = index == 0 ? lists : <usize>load<u32>(listAt - 4);
      const whole = i == start && clock < EXACT_NS / 2 && sumChunk(<u64>run, planes, planeCount, list, <usize>load<u32>(listAt), next);
      const chunkNs = whole ? chunkCost(planeCount, costs) : Infinity;
      if (clock + chunkNs < deadline) {
        clock += chunkNs;
        takeChunk(planeCount, counts);
        i = open;
        continue;
      }
    }
    const room = clock < EXACT_NS / 2 ? min(<f64>(open - i), (deadline - clock) / costMax) : 0;
    if (room >= CHUNK_MIN && <i32>classes <= LANES) {
      const end = i + <i32>room;
      i = walkGroups(<u64>run, planes, planeCount, i, end, next);
      clock += takeServed(counts, costs);
      if (i == end) continue;
      if (clock >= deadline) break;
    }
    const p = load<u32>(page + (<usize>i << 2));
    if (p >= next) {
      clock += <f64>(p - next + 1) * faultNs;
      next = p + 1;
      continue;
    }
    const kind = classOf(<u64>run, planes, planeCount, p, load<u8>(write + <usize>i));
    store<u32>(counts + (kind << 2), load<u32>(counts + (kind << 2)) + 1);
    clock += load<f64>(costs + (kind << 3));
    i++;
  }
  store<f64>(out, clock);
  store<f64>(out, <f64>next, 8);
  return i;
}

/** Sums up the chunk whose list this is, of reads in the low and writes in the high 16 bits: all, and those that each plane has. False: a page is not mapped yet. */
function sumChunk(run: u64, planes: usize, planeCount: i32, list: usize, end: usize, next: u32): bool {
  let all: u32 = 0;
  if (planeCount == 1) {
    const plane = <usize>load<u32>(planes);
    let far: u32 = 0;
    for (let at = list; at < end; at += 8) {
      const p = load<u32>(at);
      if (p >= next) return false;
      const count = load<u32>(at, 4);
      all += count;
      far += count * <u32>((load<u64>(plane + (<usize>p << 3)) >> run) & 1);
    }
    store<u32>(CHUNK, all);
    store<u32>(CHUNK, far, 4);
    return true;
  }
  for (let k = 1; k <= planeCount; k++) store<u32>(CHUNK + (<usize>k << 2), 0);
  for (let at = list; at < end; at += 8) {
    const p = load<u32>(at);
    if (p >= next) return false;
    const count = load<u32>(at, 4);
    all += count;
    for (let k = 0; k < planeCount; k++) {
      const bit = <u32>((load<u64>(<usize>load<u32>(planes + (<usize>k << 2)) + (<usize>p << 3)) >> run) & 1);
      const sumAt = CHUNK + (<usize>k << 2);
      store<u32>(sumAt, load<u32>(sumAt, 4) + count * bit, 4);
    }
  }
  store<u32>(CHUNK, all);
  return true;
}

/** Of the chunk just summed up: what is left to the node with index 0. */
// @ts-ignore: decorator
@inline
function chunkRest(planeCount: i32): u32 {
  let rest = load<u32>(CHUNK);
  for (let k = 1; k <= planeCount; k++) rest -= load<u32>(CHUNK + (<usize>k << 2));
  return rest;
}

/** What the chunk just summed up costs. */
function chunkCost(planeCount: i32, costs: usize): f64 {
  let ns: f64 = 0;
  for (let k = 0; k <= planeCount; k++) {
    const sum = k == 0 ? chunkRest(planeCount) : load<u32>(CHUNK + (<usize>k << 2));
    const cost = costs + (<usize>k << 4);
    ns += <f64>(sum & 0xffff) * load<f64>(cost) + <f64>(sum >> 16) * load<f64>(cost, 8);
  }
  return ns;
}

/** Counts the chunk just summed up as served. */
function takeChunk(planeCount: i32, counts: usize): void {
  for (let k = 0; k <= planeCount; k++) {
    const sum = k == 0 ? chunkRest(planeCount) : load<u32>(CHUNK + (<usize>k << 2));
    const at = counts + (<usize>k << 3);
    store<u32>(at, load<u32>(at) + (sum & 0xffff));
    store<u32>(at, load<u32>(at, 4) + (sum >> 16), 4);
  }
}

/** Serves accesses without a look at the clock, up to a page that is not mapped; what it served is for `takeServed`. */
function walkGroups(run: u64, planes: usize, planeCount: i32, from: i32, to: i32, next: u32): i32 {
  const page = pageColumn();
  const write = writeColumn();
  const plane = <usize>load<u32>(planes);
  let i = from;
  while (i < to) {
    const end = min(to, i + GROUP);
    let served = i8x16.splat(0);
    for (; i < end; i++) {
      const p = load<u32>(page + (<usize>i << 2));
      if (p >= next) break;
      const w = load<u8>(write + <usize>i);
      const kind =
        planeCount == 1
          ? <usize>w + (<usize>(load<u64>(plane + (<usize>p << 3)) >> run) & 1) * 2
          : classOf(run, planes, planeCount, p, w);
      served = i8x16.add(served, laneOne(kind));
    }
    addLanes(served);
    if (i < end) break;
  }
  return i;
}

/** The class of an access to page `p`: twice the index of the node that the run has it on, plus 1 for a write. */
// @ts-ignore: decorator
@inline
function classOf(run: u64, planes: usize, planeCount: i32, p: u32, w: u32): usize {
  let kind = <usize>w;
  for (let k = 0; k < planeCount; k++) {
    const word = load<u64>(<usize>load<u32>(planes + (<usize>k << 2)) + (<usize>p << 3));
    kind += (<usize>(word >> run) & 1) * <usize>(2 * k + 2);
  }
  return kind;
}
