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
 * Where a program's pages were, from its `numa_maps`: what a replay may start with, ranges by ascending start.
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
    if (ranges.length >= RANGES_MAX)
      throw new TraceError(
        'TRACE_UNSUPPORTED',
        `${source.name}:${number}: more than ${RANGES_MAX} ranges`,
      );
    const before = ranges.at(-1);
    if (before !== undefined && before.start >= range.start)
      throw new TraceError(
        'TRACE_BAD_LINE',
        `${source.name}:${number}: 0x${range.start.toString(16)} does not come after the range before it; is this one process's numa_maps?`,
      );
    ranges.push(range);
  }
  if (ranges.length > 0) return ranges;
  throw new TraceError('TRACE_EMPTY', `${source.name}: no range in it`);
}

/** Sixteen times what vm.max_map_count is by default. */
const RANGES_MAX = 1 << 20;
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

// A policy may have a blank in its name. Source: Linux mm/mempolicy.c, policy_modes, mpol_to_str, 6.12.
const LINE = /^([0-9a-f]{1,16}) (prefer \(many\)\S*|weighted interleave\S*|[a-z]\S*)((?: \S*)*)$/;

function rangeOf(line: string): PlacedRange | undefined {
  const [, address, policy, rest] = LINE.exec(line.trimEnd()) ?? [];
  if (address === undefined || policy === undefined || rest === undefined) return undefined;
  const pagesOfNode = new Map<number, number>();
  let mapping = '';
  let pageBytes = 4096;
  for (const word of rest.split(' ')) {
    const [, node, pages] = /^N(\d+)=(\d+)$/.exec(word) ?? [];
    if (node !== undefined && pages !== undefined) {
      if (Number(node) > NODE_MAX || Number(pages) > PAGES_MAX) return undefined;
      pagesOfNode.set(Number(node), Number(pages));
    }
    const [, size] = /^kernelpagesize_kB=(\d+)$/.exec(word) ?? [];
    if (size !== undefined) {
      pageBytes = Number(size) * 1024;
      if (pageBytes < 4096 || pageBytes > PAGE_BYTES_MAX) return undefined;
    }
    if (word.startsWith('file=')) mapping = word.slice(5);
    if (word === 'heap' || word === 'stack') mapping = word;
  }
  return { start: Number.parseInt(address, 16), policy, mapping, pagesOfNode, pageBytes };
}

/** The largest number of a node: MAX_NUMNODES is 1024 at most. Source: Linux arch/x86/Kconfig, NODES_SHIFT, 6.12. */
const NODE_MAX = 1023;
/** As many pages of 4 KiB as 64-bit addresses have room for, and the largest page of any architecture, 16 GiB. */
const PAGES_MAX = 2 ** 52;
const PAGE_BYTES_MAX = 2 ** 34;
