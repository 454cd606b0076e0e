// One run of several through a part of a piece, by what the runs know together of where its pages are.
import { takeServed } from './access';
import { addLanes, GROUP, laneOne, LANES } from './groups';
import { CHUNK_MIN, EXACT_NS } from './replay';
import { nodeClasses, pageColumn, writeColumn } from './state';

/**
 * Serves accesses from `from` on of run `run` until its clock reaches the deadline, and maps pages from `next` on at
 * their first touch; returns the first access that was not served. `planes` has the addresses of the planes; `counts`
 * comes to have what was served by class, and `out` the clock and the page that is mapped next.
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
  while (i < to && clock < deadline) {
    const room = clock < EXACT_NS / 2 ? min(<f64>(to - i), (deadline - clock) / costMax) : 0;
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
