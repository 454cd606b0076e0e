/**
 * The `limit` hottest of the first `length` entries of `pages`, those with heat 0 left out, in random
 * order; pages that tie at the edge are drawn at random as well. So no page is preferred for its id,
 * wherever the loop over the result has to stop: a loop over ids that stops when a budget is spent
 * favours the pages touched first.
 *
 * `heat[page]` is any number that is larger for a hotter page.
 */
export function hottest(
  heat: ArrayLike<number>,
  pages: ArrayLike<number>,
  length: number,
  limit: number,
  random: () => number,
): Uint32Array {
  const candidates = new Uint32Array(length);
  const values = new Float64Array(length);
  let count = 0;
  for (let i = 0; i < length; i++) {
    const page = pages[i];
    if (heat[page] <= 0) continue;
    values[count] = heat[page];
    candidates[count++] = page;
  }
  if (count <= limit) return shuffled(candidates.subarray(0, count), random);
  if (limit <= 0) return new Uint32Array(0);
  const edge = largest(values.subarray(0, count), limit);
  return shuffled(drawTies(heat, candidates, count, edge, limit, random), random);
}

/** The `limit` coldest of the first `length` entries of `pages`, with the ties of {@link hottest}. */
export function coldest(
  heat: ArrayLike<number>,
  pages: ArrayLike<number>,
  length: number,
  limit: number,
  random: () => number,
): Uint32Array {
  const coldness = new Float64Array(length);
  const place = new Uint32Array(length);
  let heatMax = 0;
  for (let i = 0; i < length; i++) heatMax = Math.max(heatMax, heat[pages[i]]);
  for (let i = 0; i < length; i++) {
    coldness[i] = heatMax - heat[pages[i]] + 1;
    place[i] = i;
  }
  return hottest(coldness, place, length, limit, random).map((i) => pages[i]);
}

/** `pages` in random order, in place. Source: R. Durstenfeld, Algorithm 235, CACM 7 (7), 1964. */
function shuffled(pages: Uint32Array, random: () => number): Uint32Array {
  for (let i = pages.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const page = pages[i];
    pages[i] = pages[j];
    pages[j] = page;
  }
  return pages;
}

/** Keeps what is hotter than `edge` and fills up to `limit` with a uniform draw of what equals it. */
function drawTies(
  heat: ArrayLike<number>,
  candidates: Uint32Array,
  count: number,
  edge: number,
  limit: number,
  random: () => number,
): Uint32Array {
  const chosen = new Uint32Array(limit);
  let above = 0;
  for (let i = 0; i < count; i++) {
    const page = candidates[i];
    if (heat[page] > edge) chosen[above++] = page;
  }
  const room = limit - above;
  let seen = 0;
  for (let i = 0; i < count; i++) {
    const page = candidates[i];
    if (heat[page] !== edge) continue;
    const slot = seen < room ? seen : Math.floor(random() * (seen + 1));
    if (slot < room) chosen[above + slot] = page;
    seen++;
  }
  return chosen;
}

/** The `rank`-th largest value, counted from 1. Reorders `values`. Source: C. A. R. Hoare, FIND, CACM 4 (7), 1961. */
function largest(values: Float64Array, rank: number): number {
  let low = 0;
  let high = values.length - 1;
  const wanted = rank - 1;
  while (low < high) {
    const pivot = values[(low + high) >>> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] > pivot) i++;
      while (values[j] < pivot) j--;
      if (i > j) break;
      const value = values[i];
      values[i++] = values[j];
      values[j--] = value;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else break;
  }
  return values[wanted];
}
