import type { SourceDeclaration } from '../block.ts';
import { TraceError } from '../errors.ts';
import type { Head } from '../source.ts';
import { DEFAULT_LAYOUT, type TextLayout } from '../text/layout.ts';
import { columnTrace, mostLinesMatch } from './parts/column-trace.ts';
import type { TraceFormat } from './format.ts';

/**
 * What Intel Pin's example tools and their kin print: pinatrace, and its variants in the wild.
 *
 * Source: Pin 3 source/tools/ManualExamples/pinatrace.cpp, RecordMemRead, RecordMemWrite.
 */
export const pin: TraceFormat = {
  name: 'pin',
  summary: 'Intel Pin: pinatrace and its variants, or a list of missed addresses',
  options: [
    {
      name: 'variant',
      value: 'pinatrace|bare|ip-last|misses',
      summary: 'layout of a line; told from the content, but for misses',
    },
  ],
  score: (head) => (variantOf(head) === undefined ? 0 : 60),
  open(content, options) {
    const wanted = options.values['variant'];
    const variant =
      wanted === undefined ? variantOf(content.head) : VARIANTS.find(({ name }) => name === wanted);
    if (variant === undefined)
      throw new TraceError(
        'TRACE_BAD_OPTION',
        `${content.name}: --variant: one of ${VARIANTS.map(({ name }) => name).join(', ')}`,
      );
    const { columns, radix, level } = variant;
    return columnTrace(
      content,
      { ...DEFAULT_LAYOUT, columns, radix, delimiters: ':', clock: 'line', moreColumns: true },
      { format: 'pin', level, addressSpace: 'virtual', clock: 'accesses' },
      options,
    );
  },
};

interface Variant {
  readonly name: string;
  readonly columns: TextLayout['columns'];
  readonly radix: TextLayout['radix'];
  readonly level: SourceDeclaration['level'];
  /** Absent: never told from the content. */
  readonly line?: RegExp;
}

const VARIANTS: readonly Variant[] = [
  // 0xIP: R 0xADDRESS
  {
    name: 'pinatrace',
    columns: ['skip', 'op', 'addr'],
    radix: '16',
    level: 'cpu',
    line: /^(0x)?[0-9a-f]+: [RW] +0x[0-9a-f]+/i,
  },
  // R 3212859352
  {
    name: 'bare',
    columns: ['op', 'addr'],
    radix: 'auto',
    level: 'cpu',
    line: /^[RW] (\d{5,}|0x[0-9a-f]{4,})\s*$/i,
  },
  // 0xADDRESS: SIZE 0xIP
  {
    name: 'ip-last',
    columns: ['addr', 'skip', 'skip'],
    radix: '16',
    level: 'cpu',
    line: /^0x[0-9a-f]+: \d+ 0x[0-9a-f]+\s*$/i,
  },
  // 0xADDRESS, of what missed the tool's cache
  { name: 'misses', columns: ['addr'], radix: '16', level: 'memory' },
];

function variantOf(head: Head): Variant | undefined {
  return VARIANTS.find(({ line }) => line !== undefined && mostLinesMatch(head, line));
}
