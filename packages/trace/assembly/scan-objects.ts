// Records of object requests; the plain scanner is src/readers/oracle-general.ts.
import { roomOf, ScanState } from './scan-state';

/** Ticks of a second. */
const SECOND: f64 = 1e9;

/**
 * Reads records of `size` bytes from `at` on, of u32 seconds at 0 and u64 object at 4, as long as there is room; returns
 * where it stopped. As `appendPage` of each, with what it keeps in the state kept at hand; the source has a clock.
 */
export function scanObjects(stateAt: usize, size: usize, at: usize, to: usize): usize {
  const state = changetype<ScanState>(stateAt);
  const count = min<usize>((to - at) / size, roomOf(state));
  if (count == 0) return at;
  const length = <usize>state.length;
  const batch = state.batch + ((length - <usize>state.batchStart) << 3);
  const clock = state.clock + (length << 3);
  if (!scanForward(state.lastTime, size, at, count, batch, clock)) {
    scanAnyTime(state, size, at, count, clock);
  } else {
    state.lastTime = load<f64>(clock + ((count - 1) << 3));
  }
  memory.fill(state.write + length, 0, count);
  state.time = <f64>load<u32>(at + (count - 1) * size) * SECOND;
  state.length = <u32>(length + count);
  return at + count * size;
}

/**
 * Reads `count` records into `batch` and `clock`, two at a time; false where a time is before that of the record it
 * follows, or before `lastTime`.
 */
function scanForward(
  lastTime: f64,
  size: usize,
  from: usize,
  count: usize,
  batch: usize,
  clock: usize,
): bool {
  const second = f64x2.splat(SECOND);
  let at = from;
  let last = f64x2.splat(lastTime);
  let isBack = i64x2.splat(0);
  let i: usize = 0;
  for (; i + 2 <= count; i += 2) {
    const one = v128.load(at);
    const other = v128.load(at + size);
    const seconds = i32x4.shuffle(one, other, 0, 4, 0, 4);
    const time = f64x2.mul(f64x2.convert_low_i32x4_u(seconds), second);
    isBack = v128.or(isBack, f64x2.lt(time, i64x2.shuffle(last, time, 1, 2)));
    last = time;
    v128.store(clock + (i << 3), time);
    v128.store(batch + (i << 3), i32x4.shuffle(one, other, 1, 2, 5, 6));
    at += size << 1;
  }
  if (i < count) {
    const time = <f64>load<u32>(at) * SECOND;
    isBack = v128.or(isBack, f64x2.lt(f64x2.splat(time), i64x2.shuffle(last, last, 1, 3)));
    store<f64>(clock + (i << 3), time);
    store<u64>(batch + (i << 3), load<u64>(at, 4));
  }
  return !v128.any_true(isBack);
}

/** The times of `count` records into `clock`, each that steps back moved up to the one before. */
function scanAnyTime(state: ScanState, size: usize, from: usize, count: usize, clock: usize): void {
  let lastTime = state.lastTime;
  let moved: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    const time = <f64>load<u32>(from + i * size) * SECOND;
    moved += <u32>(time < lastTime);
    lastTime = max(lastTime, time);
    store<f64>(clock + (i << 3), lastTime);
  }
  state.lastTime = lastTime;
  state.timesMoved += moved;
}
