// Records of object requests; the plain scanner is src/readers/oracle-general.ts.
import { roomOf, ScanState } from './scan-state';

/**
 * Reads records of `size` bytes from `at` on, of u32 seconds at 0 and u64 object at 4, as long as there is room; returns
 * where it stopped. As `appendPage` of each, with what it keeps in the state kept at hand; the source has a clock.
 */
export function scanObjects(stateAt: usize, size: usize, at: usize, to: usize): usize {
  const state = changetype<ScanState>(stateAt);
  const length = <usize>state.length;
  const count = min<usize>((to - at) / size, roomOf(state));
  let batch = state.batch + ((length - <usize>state.batchStart) << 3);
  let clock = state.clock + (length << 3);
  let time = state.time;
  let lastTime = state.lastTime;
  let moved: u32 = 0;
  const end = at + count * size;
  for (; at < end; at += size) {
    time = <f64>load<u32>(at) * 1e9;
    moved += <u32>(time < lastTime);
    lastTime = max(lastTime, time);
    store<f64>(clock, lastTime);
    store<u64>(batch, load<u64>(at, 4));
    clock += 8;
    batch += 8;
  }
  memory.fill(state.write + length, 0, count);
  state.time = time;
  state.lastTime = lastTime;
  state.timesMoved += moved;
  state.length = <u32>(length + count);
  return at;
}
