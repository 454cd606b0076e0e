// The moves of many runs, judged page by page. `src/shared/run-books.ts` says what the tables hold.

/** Entries of a chunk, as a power of two, and their bytes. */
const CHUNK_SHIFT: u32 = 9;
const ENTRY_SHIFT: u32 = 3;
/** Pages of a batch: what is known of one is loaded while that of the others is on its way. */
const BATCH: i32 = 64;
/** Where entries of a batch are: of the first pages of its pairs, then of the others. */
const ENTRIES: usize = memory.data(2 * BATCH * 4);

// Places in the table of a book.
const SLOT_OF: usize = 0;
const PAGE_OF: usize = 4;
const CHUNKS: usize = 8;
const ARENA: usize = 12;
const SLOTS: usize = 16;
const CHUNKS_USED: usize = 20;

/**
 * Judges `count` pairs of moves of run `run`, the first one of each pair and then the other: `accessed` has how often each page was
 * accessed before it moved. Adds what they come to to three sums: promotions undone within `window` steps, demotions
 * undone, promotions that had not paid.
 */
export function judgePairs(
  book: usize,
  run: u32,
  pages: usize,
  others: usize,
  accessed: usize,
  otherAccessed: usize,
  count: i32,
  date: i32,
  due: i32,
  dueBack: i32,
  window: i32,
  sums: usize,
): void {
  for (let from = 0; from < count; from += BATCH) {
    const length = min(count - from, BATCH);
    const offset = <usize>from << 2;
    findEntries(book, run, pages + offset, length, ENTRIES);
    findEntries(book, run, others + offset, length, ENTRIES + 4 * BATCH);
    for (let i = 0; i < length; i++) {
      const at = <usize>i << 2;
      judge(load<u32>(ENTRIES + at), load<u32>(accessed + offset + at), date, due, window, sums);
      judge(load<u32>(ENTRIES + 4 * BATCH + at), load<u32>(otherAccessed + offset + at), date, dueBack, window, sums);
    }
  }
}

/** As {@link judgePairs}, one move. */
export function judgeMove(
  book: usize,
  run: u32,
  pages: usize,
  accessed: u32,
  date: i32,
  due: i32,
  window: i32,
  sums: usize,
): void {
  findEntries(book, run, pages, 1, ENTRIES);
  judge(load<u32>(ENTRIES), accessed, date, due, window, sums);
}

/** Stores where the entries of these pages are in run `run`; pages that no run has moved get a slot, and runs a chunk where they have none. */
function findEntries(book: usize, run: u32, pages: usize, count: i32, into: usize): void {
  const slotOf = <usize>load<u32>(book, SLOT_OF);
  for (let i = 0; i < count; i++) {
    const page = load<u32>(pages + (<usize>i << 2));
    let slot = load<u32>(slotOf + (<usize>page << 2));
    if (slot == 0) slot = takeSlot(book, page);
    store<u32>(into + (<usize>i << 2), slot);
  }
  const chunks = <usize>load<u32>(book, CHUNKS) + (<usize>run << 2);
  const arena = <usize>load<u32>(book, ARENA);
  for (let i = 0; i < count; i++) {
    const at = into + (<usize>i << 2);
    const slot = load<u32>(at);
    const chunkAt = chunks + (<usize>(slot >> CHUNK_SHIFT) << 8);
    let chunk = load<u32>(chunkAt);
    if (chunk == 0) {
      chunk = load<u32>(book, CHUNKS_USED) + 1;
      store<u32>(book, chunk, CHUNKS_USED);
      store<u32>(chunkAt, chunk);
    }
    const entry = ((chunk - 1) << CHUNK_SHIFT) + (slot & ((1 << CHUNK_SHIFT) - 1));
    store<u32>(at, <u32>arena + (entry << ENTRY_SHIFT));
  }
}

function takeSlot(book: usize, page: u32): u32 {
  // Slot 0 is none.
  const slot = load<u32>(book, SLOTS) + 1;
  store<u32>(book, slot, SLOTS);
  store<u32>(<usize>load<u32>(book, SLOT_OF) + (<usize>page << 2), slot);
  store<u32>(<usize>load<u32>(book, PAGE_OF) + (<usize>slot << 2), page);
  return slot;
}

/** An entry has the date of the last move, negative for a demotion and 0 before the first one, and at how many accesses a promotion has paid, 0 of one that is not judged. */
// @ts-ignore: decorator
@inline
function judge(at: usize, accessed: u32, date: i32, due: i32, window: i32, sums: usize): void {
  const last = load<i32>(at);
  const paidAt = load<u32>(at, 4);
  if (due >= 0) {
    const undone = <u32>(last < 0) & <u32>(date + last <= window);
    store<u32>(sums, load<u32>(sums, 4) + undone, 4);
    store<i32>(at, date);
    store<u32>(at, due == 0 ? 0 : <u32>min<u64>(<u64>accessed + <u64>due, 0xffffffff), 4);
  } else {
    const undone = <u32>(last > 0) & <u32>(date - last <= window);
    store<u32>(sums, load<u32>(sums) + undone);
    store<u32>(sums, load<u32>(sums, 8) + <u32>(paidAt > accessed), 8);
    store<i32>(at, -date);
    store<u32>(at, 0, 4);
  }
}
