/** Pages that are to swap places. */
export interface Pairs {
  arriving: Uint32Array<ArrayBuffer>;
  leaving: Uint32Array<ArrayBuffer>;
  count: number;
}

/** No pairs. */
export function createPairs(): Pairs {
  return { arriving: new Uint32Array(0), leaving: new Uint32Array(0), count: 0 };
}

/** Makes room for so many. */
export function reservePairs(pairs: Pairs, room: number): void {
  if (room <= pairs.arriving.length) return;
  pairs.arriving = new Uint32Array(2 * room);
  pairs.leaving = new Uint32Array(2 * room);
}

/** Adds a pair, for which there is room. */
export function addPair(pairs: Pairs, arriving: number, leaving: number): void {
  pairs.arriving[pairs.count] = arriving;
  pairs.leaving[pairs.count++] = leaving;
}

/** Those that there are; there are none then. */
export function takePairs(pairs: Pairs): Pick<Pairs, 'arriving' | 'leaving'> {
  const { count } = pairs;
  pairs.count = 0;
  return {
    arriving: pairs.arriving.subarray(0, count),
    leaving: pairs.leaving.subarray(0, count),
  };
}
