// Records of object requests; the plain scanner is src/readers/oracle-general.ts.
import { appendPage, hasRoom, homeSlot, ScanState } from './scan-state';

/** Records whose slots are looked at before they are read. */
const AHEAD: usize = 32;

/**
 * Reads records of `size` bytes from `at` on, of u32 seconds at 0 and u64 object at 4, as long as there is room; returns
 * where it stopped.
 */
export function scanObjects(stateAt: usize, size: usize, at: usize, to: usize): usize {
  const state = changetype<ScanState>(stateAt);
  while (at < to && hasRoom(state)) {
    // Objects are many and far apart. Reading a record branches on what its slot holds, so that one that is slow to
    // come holds up those behind it; looked at without a branch, they come side by side.
    const end = min(to, at + AHEAD * size);
    let sum: u64 = 0;
    for (let next = at; next < end; next += size) {
      sum += load<u64>(homeSlot(state, load<u64>(next, 4)));
    }
    state.ahead = sum;
    for (; at < end && hasRoom(state); at += size) {
      state.time = <f64>load<u32>(at) * 1e9;
      appendPage(state, load<u64>(at, 4), 0);
    }
  }
  return at;
}
