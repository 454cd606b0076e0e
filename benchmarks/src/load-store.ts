import type { AccessBlock } from '@tierlab/trace';

/** Loads and stores of a program with 2,583 pages: it dwells on a page, with a second one beside it. */
export async function* loadStore(accesses: number): AsyncGenerator<AccessBlock> {
  const pageCount = 2583;
  const length = 65_536;
  let state = 1;
  const random = (): number =>
    (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  let known = 0;
  let [here, there] = [0, 0];
  for (let start = 0; start < accesses; start += length) {
    const page = new Uint32Array(length);
    const newPageFirst = known;
    for (let i = 0; i < length; i++) {
      const draw = random();
      if (draw < 0.05) here = Math.min(Math.floor(pageCount * random() ** 3), known);
      else if (draw < 0.07) there = Math.min(Math.floor(pageCount * random()), known);
      page[i] = draw < 0.6 ? here : there;
      if (page[i] === known) known++;
    }
    const write = Uint8Array.from(page, (_, i) => (i % 4 === 0 ? 1 : 0));
    const newPageNumber = Float64Array.from(
      { length: known - newPageFirst },
      (_, i) => newPageFirst + i,
    );
    yield { length, page, write, newPageFirst, newPageNumber };
  }
}
