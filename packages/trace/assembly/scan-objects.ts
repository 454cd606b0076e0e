// Records of object requests; the plain scanner is src/readers/oracle-general.ts.
import { appendPage, hasRoom, ScanState } from './scan-state';

/**
 * Reads records of `size` bytes from `at` on, of u32 seconds at 0 and u64 object at 4, as long as there is room; returns
 * where it stopped.
 */
export function scanObjects(stateAt: usize, size: usize, at: usize, to: usize): usize {
  const state = changetype<ScanState>(stateAt);
  for (; at < to && hasRoom(state); at += size) {
    state.time = <f64>load<u32>(at) * 1e9;
    appendPage(state, load<u64>(at, 4), 0);
  }
  return at;
}
