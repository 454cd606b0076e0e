/** Where the tables of the decoders begin: a constant, so that a look-up is one instruction. The module's own data end before. */
export const TABLES: usize = 4096;
/** Bytes of StreamVByte tables: three width sets of 256 shuffles of 16 bytes and 256 lengths. */
export const STREAM_TABLE_BYTES: usize = 3 * (256 * 16 + 256);
/** Bytes of the tables of packed columns: five vectors for each width from 0 to 25. */
export const PACKED_TABLE_BYTES: usize = 26 * 5 * 16;

export const PACKED_TABLES: usize = TABLES + STREAM_TABLE_BYTES;

if (__heap_base > TABLES) unreachable();

/** First byte that the module does not use itself, a multiple of 16: columns live from here on. */
export function heapBase(): usize {
  return PACKED_TABLES + PACKED_TABLE_BYTES;
}
