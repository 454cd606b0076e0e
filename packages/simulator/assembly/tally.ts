// What the moves of a block came to, judged where they lie among its accesses.
import {
  addTo,
  DEMOTED_THEN_PROMOTED,
  logDueColumn,
  logPageColumn,
  logPositionColumn,
  logTimeColumn,
  PING_PONG_STEPS,
  pageColumn,
  PROMOTED_THEN_DEMOTED,
  STEPS_PER_NS,
  tallyColumn,
  judgedColumn,
  WASTED,
} from './state';

/** How many of the pages below `count` owe accesses for their promotion. */
export function unpaidPages(count: i32): i32 {
  const tally = tallyColumn();
  let judged = judgedColumn();
  let unpaid = 0;
  for (let p = 0; p < count; p++, judged += 16) {
    unpaid += <i32>(load<f64>(judged) > <f64>load<u32>(tally + (<usize>p << 2)));
  }
  return unpaid;
}

/**
 * Counts the accesses of a block by page, and judges each of the log's moves where the pages have
 * been accessed as often as before it. `src/move-log.ts` says what the columns hold.
 */
export function tallyBlock(length: i32, entries: i32): void {
  const page = pageColumn();
  const tally = tallyColumn();
  const judged = judgedColumn();
  const position = logPositionColumn();
  const moved = logPageColumn();
  const timeNs = logTimeColumn();
  const due = logDueColumn();
  const windowSteps = load<f64>(PING_PONG_STEPS);
  const stepsPerNs = load<f64>(STEPS_PER_NS);
  let i = 0;
  for (let entry = 0; entry <= entries; entry++) {
    const end = entry < entries ? load<i32>(position + (<usize>entry << 2)) : length;
    for (; i < end; i++) {
      const at = tally + (<usize>load<u32>(page + (<usize>i << 2)) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
    if (entry == entries) return;
    const p = <usize>load<u32>(moved + (<usize>entry << 2));
    const owed = load<i32>(due + (<usize>entry << 2));
    const accessed = <f64>load<u32>(tally + (p << 2));
    const at = judged + (p << 4);
    const date = floor(load<f64>(timeNs + (<usize>entry << 3)) * stepsPerNs) + 1;
    const last = load<f64>(at, 8);
    const promoted = owed >= 0;
    if (last != 0 && promoted == last < 0 && date - abs(last) <= windowSteps) {
      addTo(promoted ? DEMOTED_THEN_PROMOTED : PROMOTED_THEN_DEMOTED, 1);
    }
    if (!promoted && load<f64>(at) > accessed) addTo(WASTED, 1);
    store<f64>(at, owed > 0 ? accessed + <f64>owed : 0);
    store<f64>(at, promoted ? date : -date, 8);
  }
}
