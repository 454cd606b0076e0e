import { decompress } from './decompress/decompress.ts';
import { TraceError } from './errors.ts';
import { openContent, type TraceContent, type TraceSource } from './source.ts';

/** A range of a program's memory and where its pages were: a line of `/proc/PID/numa_maps`. */
export interface PlacedRange {
  /** First byte. */
  readonly start: number;
  /** The memory policy, e.g. `default`, `bind:0`, `prefer:1`. */
  readonly policy: string;
  /** What is mapped: a file's name, `heap`, `stack`, or empty. */
  readonly mapping: string;
  /** Pages by the number of their node. */
  readonly pagesOfNode: ReadonlyMap<number, number>;
  /** Bytes of one of these pages. */
  readonly pageBytes: number;
}

/** Whether a line is one of `/proc/PID/numa_maps`. */
export function isNumaMapsLine(line: string): boolean {
  return /^[0-9a-f]{6,16} (default|local|bind|prefer|interleave|weighted interleave|prefer \(many\)|prefer:|bind:|interleave:)/.test(
    line,
  );
}

/**
 * Where a program's pages were, from its `numa_maps`: what a replay may start with.
 * @throws TRACE_BAD_LINE, TRACE_EMPTY, TRACE_BAD_COMPRESSION
 *
 * Source: Linux fs/proc/task_mmu.c, show_numa_map, 6.12.
 */
export async function readPlacement(source: TraceSource): Promise<readonly PlacedRange[]> {
  const content = await openContent(
    source,
    (bytes) => decompress(source.name, bytes, false),
    false,
  );
  const ranges: PlacedRange[] = [];
  let number = 0;
  for await (const line of textLines(content)) {
    number++;
    if (line.trim() === '') continue;
    const range = rangeOf(line);
    if (range === undefined)
      throw new TraceError(
        'TRACE_BAD_LINE',
        `${source.name}:${number}: expected a line of numa_maps, got ${JSON.stringify(line.slice(0, 80))}`,
      );
    ranges.push(range);
  }
  if (ranges.length > 0) return ranges;
  throw new TraceError('TRACE_EMPTY', `${source.name}: no range in it`);
}

const LINE_BYTES_MAX = 64 << 10;

async function* textLines(content: TraceContent): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of content.bytes()) {
    const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_BYTES_MAX)
      throw new TraceError(
        'TRACE_LINE_TOO_LONG',
        `${content.name}: a line of more than ${LINE_BYTES_MAX} bytes`,
      );
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function rangeOf(line: string): PlacedRange | undefined {
  const [address, policy, ...words] = line.trim().split(/ +/);
  if (!/^[0-9a-f]{1,16}$/.test(address) || policy === undefined) return undefined;
  const pagesOfNode = new Map<number, number>();
  let mapping = '';
  let pageBytes = 4096;
  for (const word of words) {
    const node = /^N(\d+)=(\d+)$/.exec(word);
    if (node !== null) pagesOfNode.set(Number(node[1]), Number(node[2]));
    const size = /^kernelpagesize_kB=(\d+)$/.exec(word);
    if (size !== null) pageBytes = Number(size[1]) * 1024;
    if (word.startsWith('file=')) mapping = word.slice(5);
    if (word === 'heap' || word === 'stack') mapping = word;
  }
  return { start: Number.parseInt(address, 16), policy, mapping, pagesOfNode, pageBytes };
}
