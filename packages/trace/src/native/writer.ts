import type { AccessBlock, AccessTrace, SourceDeclaration } from '../block.ts';
import { packBlocks } from '../pack.ts';
import { createEncoderScratch, encodeBlock, type KeptColumns } from './encode-block.ts';
import { type BlockEntry, createFrameSink } from './frames.ts';
import type { CodecName } from './layout.ts';

/** How a trace is written. */
export interface TltOptions {
  /** `archive` (deflate: small) unless told otherwise; `replay` is larger and decodes at memory speed. */
  readonly codec?: CodecName;
  /** Columns to leave out. */
  readonly omit?: readonly (keyof KeptColumns)[];
  /** What else is known of the trace; kept in the header as JSON. */
  readonly about?: Readonly<Record<string, unknown>>;
  /** Deflate's level, 6 unless told otherwise. */
  readonly level?: number;
  /** Once aborted, the file ends after the block at hand, whole and with its index. */
  readonly signal?: AbortSignal;
}

/** `trace` as the bytes of a `.tlt` file, from beginning to end: nothing is written twice. */
export async function* writeTlt(
  trace: AccessTrace,
  options: TltOptions = {},
): AsyncGenerator<Uint8Array> {
  const { codec = 'archive', omit = [], about = trace.about ?? {}, level = 6, signal } = options;
  const keep = (column: keyof KeptColumns): boolean => !omit.includes(column);
  const kept: KeptColumns = {
    writes: keep('writes') && trace.declaration.writes,
    time: keep('time'),
    line: keep('line'),
    thread: keep('thread'),
    weight: keep('weight'),
  };
  const sink = createFrameSink(codec, level);
  const scratch = createEncoderScratch();
  yield sink.begin({ declaration: declarationOf(trace.declaration, kept), about });
  for await (const block of packBlocks(trace.blocks())) {
    const { payload, columns } = encodeBlock(block, kept, codec, scratch);
    yield sink.block(countsOf(block, kept), columns, payload);
    if (signal?.aborted) break;
  }
  yield sink.end();
}

/** What the file carries: the source's declaration without the columns that are left out. */
function declarationOf(source: SourceDeclaration, kept: KeptColumns): SourceDeclaration {
  const { clock, clockHz, ...rest } = source;
  return {
    ...rest,
    ...(kept.time ? { clock, ...(clockHz !== undefined && { clockHz }) } : { clock: 'accesses' }),
    threads: source.threads && kept.thread,
    writes: kept.writes,
  };
}

function countsOf(block: AccessBlock, kept: KeptColumns): Omit<BlockEntry, 'offset'> {
  const { length, write } = block;
  let writes = 0;
  if (kept.writes) for (let i = 0; i < length; i++) writes += write[i];
  const [firstTime, lastTime] = timesOf(block, kept);
  return {
    accesses: length,
    writes,
    firstTime,
    lastTime,
    newPageFirst: block.newPageFirst,
    newPages: block.newPageNumber.length,
  };
}

function timesOf({ length, time, interval }: AccessBlock, kept: KeptColumns): [number, number] {
  if (interval !== undefined) return [interval.startTime, interval.endTime];
  return kept.time && time && length > 0 ? [time[0], time[length - 1]] : [0, 0];
}
