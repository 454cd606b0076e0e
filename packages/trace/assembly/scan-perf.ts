// Lines of perf script; the plain scanner is src/readers/perf-script.ts with src/text/perf-line.ts.
import { countLanes, addressLanes, findLayout, hasLayout, layoutOf, sourceLanes, timeLanes } from './perf-layout';
import { appendAddress, hasRoom, ScanState, threadId } from './scan-state';
import { bits64, controlFrom, equalBits } from './text-masks';
import { eightDigits, halvesBefore, hexOf, wrongDecimals, wrongHex } from './text-numbers';

const NEWLINE: u32 = 10;
const NO_THREAD: u64 = u64.MAX_VALUE;
const ALL: u64 = u64.MAX_VALUE;

// data_src, as src/text/data-source.ts has it.
const OP_LOAD_OR_STORE: u64 = 6;
const OP_STORE: u64 = 4;
const LEVEL_MEMORY: u64 = 0x380 << 5;
/** A bit for each mem_lvl_num that is memory: CXL 9, RAM 13, PMEM 14. */
const LEVEL_NUMBERS_MEMORY: u32 = (1 << 9) | (1 << 13) | (1 << 14);

/** Whether `store` stands in the event's name, in either case. */
function isStoreEvent(from: usize, to: usize): bool {
  for (; from + 5 <= to; from += 12) {
    const letters = v128.or(v128.load(from), i8x16.splat(32));
    let mask = i8x16.bitmask(i8x16.eq(letters, i8x16.splat(115)));
    mask &= i8x16.bitmask(i8x16.eq(letters, i8x16.splat(116))) >> 1;
    mask &= i8x16.bitmask(i8x16.eq(letters, i8x16.splat(111))) >> 2;
    mask &= i8x16.bitmask(i8x16.eq(letters, i8x16.splat(114))) >> 3;
    mask &= i8x16.bitmask(i8x16.eq(letters, i8x16.splat(101))) >> 4;
    if (mask != 0) return from + ctz(mask) + 5 <= to;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function reachedMemory(source: u64): bool {
  const level = <u32>(source >> 33) & 15;
  return (source & LEVEL_MEMORY) != 0 || ((LEVEL_NUMBERS_MEMORY >> level) & 1) != 0;
}

/**
 * Reads lines from `at` on as long as there is room and they are as usual; returns where it stopped, at the start of a
 * line or at `to`. Keeps only what memory served where `memoryOnly` is set.
 */
export function scanPerf(stateAt: usize, memoryOnly: u32, at: usize, to: usize): usize {
  const state = changetype<ScanState>(stateAt);
  let lines: u32 = 0;
  while (at < to && hasRoom(state)) {
    const part0 = v128.load(at);
    const part1 = v128.load(at, 16);
    const part2 = v128.load(at, 32);
    const part3 = v128.load(at, 48);
    const part4 = v128.load(at, 64);
    const part5 = v128.load(at, 80);
    const part6 = v128.load(at, 96);
    const part7 = v128.load(at, 112);
    const end = endOfLine(at, part0, part1, part2, part3, part4, part5, part6, part7);
    // What is behind the line is as if it were blank.
    const length = <u64>(end - at);
    const blank0 =
      equalBits(part0, part1, part2, part3, <i8>BLANK) | select<u64>(ALL << length, 0, length < 64);
    const blank1 =
      equalBits(part4, part5, part6, part7, <i8>BLANK) |
      select<u64>(ALL << (max<u64>(length, 64) - 64), 0, length < 128);
    const layout = layoutOf(blank0, blank1);
    if (load<u8>(end) != NEWLINE) break;
    if (!hasLayout(layout, at, blank0, blank1) && !findLayout(layout, at, end, blank0, blank1))
      break;

    const counts = halvesBefore(at + layout.threadEnd, at + layout.periodEnd);
    const times = halvesBefore(at + layout.point, at + layout.colon);
    const addresses = v128.load(at + layout.addressEnd - 16);
    const sources = v128.load(at + layout.sourceEnd - 16);
    const wrong = v128.or(
      v128.or(wrongDecimals(counts, countLanes(layout)), wrongDecimals(times, timeLanes(layout))),
      v128.or(wrongHex(addresses, addressLanes(layout)), wrongHex(sources, sourceLanes(layout))),
    );
    // The first of nine digits of a fraction.
    let billionth: u32 = 0;
    if (layout.fraction == 9) billionth = <u32>load<u8>(at + layout.colon - 9) - 48;
    if (<u32>v128.any_true(wrong) | <u32>(billionth > 9)) break;

    const address = hexOf(addresses, addressLanes(layout));
    const source = hexOf(sources, sourceLanes(layout));
    if (address == 0) {
      state.withoutAddress++;
    } else if (layout.hasSource & memoryOnly && !reachedMemory(source)) {
      state.servedByCache++;
    } else {
      const both = eightDigits(counts, countLanes(layout));
      const number = <u64>(<u32>i32x4.extract_lane(both, 0));
      const thread = threadId(state, layout.hasThread ? number : NO_THREAD);
      if (thread < 0) break;
      const isStore =
        (source & OP_LOAD_OR_STORE) != 0
          ? (source & OP_STORE) != 0
          : isStoreEvent(at + layout.event, at + layout.eventColon);
      const parts = eightDigits(times, timeLanes(layout));
      const fraction = <f64>(<u32>i32x4.extract_lane(parts, 1));
      state.time =
        <f64>(<u32>i32x4.extract_lane(parts, 0)) * 1e9 +
        (layout.fraction == 6 ? fraction * 1000 : <f64>billionth * 1e8 + fraction);
      store<u16>(state.thread + (<usize>state.length << 1), <u16>thread);
      if (state.weight != 0) {
        const period = max(1, <u32>i32x4.extract_lane(both, 1));
        store<u32>(state.weight + (<usize>state.length << 2), period);
      }
      appendAddress(state, address, <u32>isStore);
    }
    lines++;
    at = end + 1;
  }
  state.lines += lines;
  return at;
}

const BLANK: u32 = 32;
const LAST_CONTROL: i8 = 31;

/** The first control character from `at` on, whose first 128 bytes are given; there is one. */
// @ts-ignore: decorator
@inline
function endOfLine(
  at: usize,
  part0: v128,
  part1: v128,
  part2: v128,
  part3: v128,
  part4: v128,
  part5: v128,
  part6: v128,
  part7: v128,
): usize {
  const last = i8x16.splat(LAST_CONTROL);
  const least = i8x16.min_u(i8x16.min_u(part0, part1), i8x16.min_u(part2, part3));
  if (v128.any_true(i8x16.le_u(least, last))) return controlFrom(at);
  const controls = bits64(
    i8x16.le_u(part4, last),
    i8x16.le_u(part5, last),
    i8x16.le_u(part6, last),
    i8x16.le_u(part7, last),
  );
  return controls != 0 ? at + 64 + <usize>ctz(controls) : controlFrom(at + 128);
}
