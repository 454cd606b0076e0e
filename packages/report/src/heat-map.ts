/**
 * A map of time (to the right) and address (upward), as bytes.
 *
 * `accesses`: 0 where nothing was accessed, otherwise 1 to 255, growing with the logarithm of the accesses.
 * `hot`: 0 where nothing was accessed, otherwise 1 plus 254 times the share of the accessed pages in the hot set: the most
 * accessed pages of the moment, as many as the fastest tier holds.
 * `placement`: 0 where no page is mapped, otherwise 1 plus 254 times the share of the pages in the fastest tier.
 */
export interface HeatMap {
  readonly kind: 'accesses' | 'hot' | 'placement';
  readonly trace: string;
  /** For a placement: the policy and machine that it is of. */
  readonly policy?: string;
  readonly machine?: string;
  readonly columns: number;
  readonly rows: number;
  /** Accesses of the trace from the left to the right edge. */
  readonly accesses: number;
  /** Pages from the bottom to the top edge, by ascending address; pages never touched take no room. */
  readonly pages: number;
  readonly pageBytes: number;
  /** Accesses of a cell that has the value 255. */
  readonly accessesMax?: number;
  /** Pages that the fastest tier holds, for the hot set. */
  readonly hotPages?: number;
  /** Base64 of `rows * columns` bytes, row by row from the top. */
  readonly cells: string;
}
