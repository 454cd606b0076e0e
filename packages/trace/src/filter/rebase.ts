import type { AccessBlock, AccessTrace, TouchInterval } from '../block.ts';
import { TraceError } from '../errors.ts';

/** log2 of the bytes of a huge page on x86-64. */
export const HUGE_PAGE_SHIFT = 21;

/**
 * A trace in larger pages of 2^`pageShift` bytes: every access goes to the page that holds its own.
 * @throws TRACE_BAD_OPTION where the pages would be smaller, or the addresses are names of objects
 */
export function rebaseTrace(trace: AccessTrace, pageShift: number = HUGE_PAGE_SHIFT): AccessTrace {
  const { declaration } = trace;
  if (declaration.addressSpace === 'object')
    throw new TraceError('TRACE_BAD_OPTION', 'rebase: objects are not neighbours in memory');
  if (!Number.isInteger(pageShift) || pageShift < declaration.pageShift || pageShift > 40)
    throw new TraceError(
      'TRACE_BAD_OPTION',
      `rebase: pages of 2^${declaration.pageShift} bytes cannot become pages of 2^${pageShift}`,
    );
  return {
    declaration: { ...declaration, pageShift },
    blocks: () => rebaseBlocks(trace, 2 ** (pageShift - declaration.pageShift)),
  };
}

async function* rebaseBlocks(trace: AccessTrace, ratio: number): AsyncGenerator<AccessBlock> {
  const idOfNumber = new Map<number, number>();
  // New id of each page of the source.
  const idOf: number[] = [];
  let page = new Uint32Array(0);
  for await (const block of trace.blocks()) {
    const newPageFirst = idOfNumber.size;
    const numbers: number[] = [];
    for (const small of block.newPageNumber) {
      const number = Math.floor(small / ratio);
      let id = idOfNumber.get(number);
      if (id === undefined) {
        id = idOfNumber.size;
        idOfNumber.set(number, id);
        numbers.push(number);
      }
      idOf.push(id);
    }
    if (page.length < block.length) page = new Uint32Array(block.length);
    for (let i = 0; i < block.length; i++) page[i] = idOf[block.page[i]];
    const { line: _, touches, ...rest } = block;
    yield {
      ...rest,
      page,
      newPageFirst,
      newPageNumber: Float64Array.from(numbers),
      ...(touches && { touches: touches.map((interval) => rebaseTouches(interval, idOf)) }),
    };
  }
}

function rebaseTouches(interval: TouchInterval, idOf: readonly number[]): TouchInterval {
  const page = Uint32Array.from(new Set(Array.from(interval.page, (id) => idOf[id]))).sort();
  return { startTime: interval.startTime, endTime: interval.endTime, page };
}
