import type { AccessTrace } from './block.ts';
import { decompress } from './decompress/decompress.ts';
import { TraceError } from './errors.ts';
import { isNumaMapsLine } from './placement.ts';
import type { TraceFormat } from './readers/format.ts';
import { traceFormats } from './readers/registry.ts';
import { type Head, openContent, type TraceSource } from './source.ts';

/** How a trace is to be read. */
export interface OpenOptions {
  /** Name of its format; told from the content where absent. */
  readonly format?: string;
  /** Read what can be read: skip what is not understood, end where the source was cut. */
  readonly lenient?: boolean;
  /** Pages that the reader may hold: {@link PAGE_LIMIT} where absent. */
  readonly pageLimit?: number;
  /** The format's own options by name, as `traceFormats` lists them. */
  readonly values?: Readonly<Record<string, string>>;
}

/**
 * The trace that a source holds, whatever its format and compression.
 *
 * Reads the beginning only; errors of the records come while the blocks are read.
 * @throws TRACE_UNKNOWN_FORMAT, TRACE_BAD_OPTION, TRACE_BAD_COMPRESSION, TRACE_EMPTY
 */
export async function openTrace(
  source: TraceSource,
  options: OpenOptions = {},
): Promise<AccessTrace> {
  const { lenient = false, values = {}, pageLimit } = options;
  const content = await openContent(
    source,
    (bytes) => decompress(source.name, bytes, lenient),
    lenient,
  );
  if (content.head.bytes.length === 0)
    throw new TraceError('TRACE_EMPTY', `${source.name}: the file is empty`);
  const format = chooseFormat(source.name, content.head, options.format, Object.keys(values));
  return format.open(content, { values, ...(pageLimit !== undefined && { pageLimit }) });
}

function chooseFormat(
  name: string,
  head: Head,
  wanted: string | undefined,
  optionNames: readonly string[],
): TraceFormat {
  const takesOptions = (format: TraceFormat): boolean =>
    optionNames.every((option) => format.options.some((one) => one.name === option));
  if (wanted !== undefined) {
    const format = traceFormats.find((one) => one.name === wanted);
    if (format === undefined)
      throw new TraceError(
        'TRACE_UNKNOWN_FORMAT',
        `${name}: no format ${JSON.stringify(wanted)}; one of ${names(traceFormats)}`,
      );
    if (!takesOptions(format)) throw unknownOption(name, format, optionNames);
    return format;
  }

  // Options say what a content's beginning does not: only formats that take them all are asked.
  const candidates = traceFormats.filter(takesOptions);
  if (candidates.length === 1 && optionNames.length > 0) return candidates[0];
  const ranked = (
    formats: readonly TraceFormat[],
  ): readonly { format: TraceFormat; score: number }[] =>
    formats
      .map((format) => ({ format, score: format.score(head) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score);
  const [best, second] = ranked(candidates);
  if (best !== undefined && best.score > (second?.score ?? 0)) return best.format;
  if (best !== undefined && second !== undefined)
    throw new TraceError(
      'TRACE_UNKNOWN_FORMAT',
      `${name}: could be ${best.format.name} or ${second.format.name}; pass --format`,
    );
  if (head.lines.length > 0 && isNumaMapsLine(head.lines[0]))
    throw new TraceError(
      'TRACE_UNSUPPORTED',
      `${name}: numa_maps says where pages are and has no accesses; it is a placement to start from: --placement of run and compare`,
    );
  const [known] = ranked(traceFormats);
  if (known !== undefined) throw unknownOption(name, known.format, optionNames);
  throw new TraceError(
    'TRACE_UNKNOWN_FORMAT',
    `${name}: the content is of no known format; pass --format (${names(traceFormats)}), or --columns where it is text with one access a line`,
  );
}

function unknownOption(
  name: string,
  format: TraceFormat,
  optionNames: readonly string[],
): TraceError {
  const known = format.options.map((one) => one.name);
  const unknown = optionNames.filter((option) => !known.includes(option));
  return new TraceError(
    'TRACE_BAD_OPTION',
    `${name}: format ${format.name} has no option ${unknown.map((option) => `--${option}`).join(', ')}; it has ${known.join(', ') || 'none'}`,
  );
}

function names(formats: readonly TraceFormat[]): string {
  return formats.map((format) => format.name).join(', ');
}
