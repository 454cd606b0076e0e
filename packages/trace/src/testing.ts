import type { AccessTrace } from './block.ts';
import { type OpenOptions, openTrace } from './open.ts';
import type { TraceSource } from './source.ts';

/** A source of bytes at hand, in chunks of `chunkSize`: each is gone when the next one is asked for. */
export function sourceOf(
  content: string | Uint8Array,
  name: string = 'trace.txt',
  chunkSize: number = 1 << 16,
): TraceSource {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
  return {
    name,
    async *bytes() {
      for (let at = 0; at < bytes.length; at += chunkSize) {
        const chunk = Uint8Array.prototype.slice.call(bytes, at, at + chunkSize);
        yield chunk;
        chunk.fill(0xa5);
      }
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

/** The intervals that a histogram counts, with their accesses, e.g. `100-200: R3*5`, a line each; blocks of one interval together. */
export async function intervalsOf(trace: AccessTrace): Promise<string[]> {
  const lines: string[] = [];
  const numbers: number[] = [];
  let last = '';
  for await (const { interval, length, page, write, weight, newPageNumber } of trace.blocks()) {
    numbers.push(...newPageNumber);
    const name = interval ? `${interval.startTime}-${interval.endTime}:` : 'no interval:';
    if (name !== last) lines.push(name);
    last = name;
    for (let i = 0; i < length; i++)
      lines.push(
        `${lines.pop()} ${write[i] === 1 ? 'W' : 'R'}${numbers[page[i]].toString(16)}*${weight?.[i]}`,
      );
  }
  return lines;
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
