/** Bytes of StreamVByte tables: three width sets of 256 shuffles of 16 bytes and 256 lengths. */
export const TABLE_BYTES: usize = 3 * (256 * 16 + 256);
export const TABLES: usize = (__heap_base + 15) & ~15;

/** First byte that the module does not use itself, a multiple of 16: columns live from here on. */
export function heapBase(): usize {
  return TABLES + TABLE_BYTES;
}
