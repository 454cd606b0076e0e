/** Where the tables of the decoders begin: a constant, so that a look-up is one instruction. The module's own data end before. */
export const TABLES: usize = 4096;
/** Bytes of StreamVByte tables: three width sets of 256 shuffles of 16 bytes and 256 lengths. */
const STREAM_TABLE_BYTES: usize = 3 * (256 * 16 + 256);
/** Where the table of the places of a byte's bits begins, 256 entries of 8 bytes. */
export const PLACE_TABLE: usize = TABLES + STREAM_TABLE_BYTES;
/** Where the layouts of lines of perf script begin: 64 of 256 bytes. */
export const PERF_LAYOUTS: usize = PLACE_TABLE + 256 * 8;
/** Where the shuffles of sparse columns begin, 256 of 16 bytes. */
export const SPARSE_TABLE: usize = PERF_LAYOUTS + 64 * 256;

if (__heap_base > TABLES) unreachable();

/** First byte that the module does not use itself, a multiple of 16: columns live from here on. */
export function heapBase(): usize {
  return SPARSE_TABLE + 256 * 16;
}
