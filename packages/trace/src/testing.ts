import type { AccessTrace } from './block.ts';
import { type OpenOptions, openTrace } from './open.ts';
import type { TraceSource } from './source.ts';

/** A source of bytes at hand, in chunks of `chunkSize`. */
export function sourceOf(
  content: string | Uint8Array,
  name: string = 'trace.txt',
  chunkSize: number = 1 << 16,
): TraceSource {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
  return {
    name,
    async *bytes() {
      for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize);
    },
  };
}

/**
 * The accesses of a trace, e.g. `R1ff:3 W2`: read of line 3 of page 0x1ff, write of page 2; then
 * `@time`, `#thread`, `*weight` where the trace has them.
 */
export async function show(trace: AccessTrace): Promise<string> {
  const shown: string[] = [];
  const numbers: number[] = [];
  for await (const block of trace.blocks()) {
    if (block.newPageFirst !== numbers.length) throw new Error('page ids are not dense');
    numbers.push(...block.newPageNumber);
    for (let i = 0; i < block.length; i++)
      shown.push(
        (block.write[i] === 1 ? 'W' : 'R') +
          numbers[block.page[i]].toString(16) +
          (block.line ? `:${block.line[i]}` : '') +
          (block.time ? `@${block.time[i]}` : '') +
          (block.thread ? `#${block.thread[i]}` : '') +
          (block.weight ? `*${block.weight[i]}` : ''),
      );
  }
  return shown.join(' ');
}

/** The touch intervals of a trace, e.g. `100-200: 3 4`: pages 3 and 4 were touched from tick 100 on and before 200. */
export async function touchesOf(trace: AccessTrace): Promise<string[]> {
  const intervals: string[] = [];
  for await (const { touches = [] } of trace.blocks())
    for (const { startTime, endTime, page } of touches)
      intervals.push(`${startTime}-${endTime}: ${page.join(' ')}`);
  return intervals;
}

/** The accesses of a text or of bytes, shown. */
export async function read(
  content: string | Uint8Array,
  options: OpenOptions = {},
  chunkSize?: number,
): Promise<string> {
  return show(await openTrace(sourceOf(content, 'trace.txt', chunkSize), options));
}

/** What a trace holds in numbers: accesses, reads and pages. */
export async function count(
  trace: AccessTrace,
): Promise<{ accesses: number; reads: number; pages: number }> {
  let accesses = 0;
  let reads = 0;
  let pages = 0;
  for await (const block of trace.blocks()) {
    accesses += block.length;
    pages += block.newPageNumber.length;
    for (let i = 0; i < block.length; i++) if (block.write[i] === 0) reads++;
  }
  return { accesses, reads, pages };
}
