import { generateTrace, type AccessTrace, type SourceDeclaration } from '@tierlab/trace';

/** What a trace declares, as one of all that a program touches. */
export function touching({ declaration }: AccessTrace): SourceDeclaration {
  return { ...declaration, clock: 'accesses', level: 'cpu' };
}

/** Zipf(0.99) over `pages` pages. */
export const zipf = (pages: number, accesses: number): AccessTrace =>
  generateTrace(`zipf:pages=${pages},theta=0.99,accesses=${accesses},seed=1`);

/** Every page once and then at random, more of the early ones, made block by block: it takes no memory by page. */
export function streamed(pages: number, accesses: number): AccessTrace {
  const length = 65_536;
  const page = new Uint32Array(length);
  const write = Uint8Array.from(page, (_, i) => (i % 4 === 0 ? 1 : 0));
  const number = new Float64Array(length);
  return {
    declaration: touching(zipf(pages, accesses)),
    async *blocks() {
      let state = 1;
      const random = (): number =>
        (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
      for (let start = 0; start < pages + accesses; start += length) {
        const newPageFirst = Math.min(start, pages);
        const newPageNumber = number.subarray(0, Math.min(length, pages - newPageFirst));
        for (let i = 0; i < newPageNumber.length; i++) newPageNumber[i] = newPageFirst + i;
        for (let i = 0; i < length; i++) {
          page[i] = start + i < pages ? start + i : Math.floor(pages * random() ** 3);
        }
        yield { length, page, write, newPageFirst, newPageNumber };
      }
    },
  };
}
