import type { AccessTrace, SourceDeclaration } from '../block.ts';
import { TraceError } from '../errors.ts';
import type { Head, TraceContent } from '../source.ts';
import { inferColumns, isCommentLine, isHeaderLine, type Wording, wordsOf } from '../text/infer.ts';
import { type ColumnKind, DEFAULT_LAYOUT, type Radix, type TextLayout } from '../text/layout.ts';
import { columnTrace } from './parts/column-trace.ts';
import type { FormatOptions, TraceFormat } from './format.ts';

/** Any text with one access a line, in columns: what no other reader knows, described by options. */
export const delimited: TraceFormat = {
  name: 'delimited',
  summary: 'text with one access a line; say what the columns are with --columns',
  options: [
    {
      name: 'columns',
      value: 'LIST',
      summary: 'what each column is: op, addr, size, time, delta, tid, weight, ip, skip',
    },
    { name: 'radix', value: 'auto|10|16', summary: 'how addresses are written (auto)' },
    { name: 'delim', value: 'CHARS', summary: 'what ends a column, beside blanks and tabs (,;:)' },
    { name: 'read-tokens', value: 'LIST', summary: 'words of a read' },
    { name: 'write-tokens', value: 'LIST', summary: 'words of a write' },
    {
      name: 'fetch-tokens',
      value: 'LIST',
      summary: 'words of an instruction fetch, which is no access',
    },
    { name: 'comment', value: 'LIST', summary: 'how lines that are no record begin (#,==,--,//)' },
    {
      name: 'addr-unit',
      value: 'BYTES',
      summary: 'bytes of one address step, e.g. 64 or 4096 (1)',
    },
    {
      name: 'clock',
      value: 'column|line|instr',
      summary: 'time from the time or delta column, the order only, or the fetch lines so far',
    },
    { name: 'clock-unit', value: 'ns|us|ms|s|cycles|instructions', summary: 'unit of that column' },
    { name: 'level', value: 'cpu|memory', summary: 'every access (cpu), or what missed the cache' },
  ],
  score: (head) => (inferColumns(head, DEFAULT_LAYOUT) === undefined ? 0 : 20),
  open(content, options): AccessTrace {
    const { layout, clock } = chooseLayout(content, options);
    return columnTrace(
      content,
      layout,
      {
        format: 'delimited',
        level: oneOf(content, options, 'level', ['cpu', 'memory']) ?? 'cpu',
        addressSpace: 'virtual',
        clock,
      },
      options,
    );
  },
};

const COLUMN_NAMES: Readonly<Record<string, ColumnKind>> = {
  op: 'op',
  addr: 'addr',
  time: 'time',
  delta: 'delta',
  tid: 'tid',
  weight: 'weight',
  size: 'skip',
  ip: 'skip',
  skip: 'skip',
};

type Clock = SourceDeclaration['clock'];

// Ticks of the trace's clock in each unit.
const CLOCK_UNITS: Readonly<Record<string, { clock: Clock; scale: number }>> = {
  ns: { clock: 'nanoseconds', scale: 1 },
  us: { clock: 'nanoseconds', scale: 1e3 },
  ms: { clock: 'nanoseconds', scale: 1e6 },
  s: { clock: 'nanoseconds', scale: 1e9 },
  cycles: { clock: 'cycles', scale: 1 },
  instructions: { clock: 'instructions', scale: 1 },
};

function chooseLayout(
  content: TraceContent,
  options: FormatOptions,
): { layout: TextLayout; clock: Clock } {
  const { values } = options;
  const base = {
    ...DEFAULT_LAYOUT,
    radix: oneOf<Radix>(content, options, 'radix', ['auto', '10', '16']) ?? 'auto',
    delimiters: values['delim']?.replaceAll(String.raw`\t`, '\t') ?? DEFAULT_LAYOUT.delimiters,
    readTokens: list(values['read-tokens']) ?? DEFAULT_LAYOUT.readTokens,
    writeTokens: list(values['write-tokens']) ?? DEFAULT_LAYOUT.writeTokens,
    fetchTokens: list(values['fetch-tokens']) ?? DEFAULT_LAYOUT.fetchTokens,
    comments: list(values['comment']) ?? DEFAULT_LAYOUT.comments,
    addressUnit: addressUnit(content, values['addr-unit']),
  };
  const given = list(values['columns'])?.map((name) => columnKind(content, name));
  const inferred = given === undefined ? inferColumns(content.head, base) : undefined;
  const columns = given ?? inferred?.columns;
  if (columns === undefined)
    throw badOption(
      content,
      'cannot tell the columns of this text; name them, e.g. --columns op,addr,size,time',
    );
  if (columns.filter((kind) => kind === 'addr').length !== 1)
    throw badOption(content, '--columns names addr once');
  for (const kind of ['op', 'time', 'delta', 'tid', 'weight'])
    if (columns.filter((other) => other === kind).length > 1)
      throw badOption(content, `--columns names ${kind} twice`);

  const timed = columns.includes('time') || columns.includes('delta');
  const clockFrom =
    oneOf(content, options, 'clock', ['column', 'line', 'instr']) ?? (timed ? 'column' : 'line');
  if (clockFrom === 'column' && !timed)
    throw badOption(content, '--clock column needs a time or delta column');
  if (clockFrom === 'instr' && !columns.includes('op'))
    throw badOption(content, '--clock instr needs an op column, which tells fetches apart');
  const named = clockFrom === 'column' ? inferred?.clockUnit : undefined;
  const unit = clockUnit(content, values['clock-unit'] ?? named, clockFrom, columns);
  const layout: TextLayout = {
    ...base,
    columns: clockFrom === 'column' ? columns : columns.map(withoutTime),
    radix: base.radix === 'auto' ? radixOf(content.head, columns, base) : base.radix,
    clock: clockFrom,
    timeScale: unit.scale,
    headerLines: headerLines(content.head, columns, base),
    moreColumns: given === undefined,
  };
  return { layout, clock: unit.clock };
}

const withoutTime = (kind: ColumnKind): ColumnKind =>
  kind === 'time' || kind === 'delta' ? 'skip' : kind;

function clockUnit(
  content: TraceContent,
  name: string | undefined,
  clockFrom: TextLayout['clock'],
  columns: readonly ColumnKind[],
): { clock: Clock; scale: number } {
  if (clockFrom !== 'column') {
    if (name !== undefined) throw badOption(content, '--clock-unit goes with --clock column');
    return { clock: clockFrom === 'line' ? 'accesses' : 'instructions', scale: 1 };
  }
  const unit = CLOCK_UNITS[name ?? (columns.includes('time') ? 'ns' : 'instructions')];
  if (unit !== undefined) return unit;
  throw badOption(content, `--clock-unit ${name}: one of ${Object.keys(CLOCK_UNITS).join(', ')}`);
}

function columnKind(content: TraceContent, name: string): ColumnKind {
  const kind = COLUMN_NAMES[name];
  if (kind !== undefined) return kind;
  throw badOption(
    content,
    `--columns has ${JSON.stringify(name)}: one of ${Object.keys(COLUMN_NAMES).join(', ')}`,
  );
}

function addressUnit(content: TraceContent, text: string | undefined): number {
  if (text === undefined) return 1;
  const unit = Number(text);
  if (Number.isInteger(unit) && unit >= 1 && unit <= 2 ** 30 && Number.isInteger(Math.log2(unit)))
    return unit;
  throw badOption(content, `--addr-unit ${text}: a power of two up to 2^30`);
}

// A file whose addresses have a hexadecimal letter somewhere in its head is hexadecimal throughout.
function radixOf(head: Head, columns: readonly ColumnKind[], base: Wording): Radix {
  const at = columns.indexOf('addr');
  const words = head.lines.map((line) => wordsOf(line, base)[at] ?? '');
  const isHex = words.some((word) => /^[0-9a-f]+$/i.test(word) && /[a-f]/i.test(word));
  return isHex ? '16' : 'auto';
}

function headerLines(head: Head, columns: readonly ColumnKind[], base: Wording): number {
  const first = head.lines.findIndex((line) => !isCommentLine(line, base));
  return first >= 0 && isHeaderLine(head.lines[first], columns, base) ? first + 1 : 0;
}

function oneOf<Value extends string>(
  content: TraceContent,
  options: FormatOptions,
  name: string,
  allowed: readonly Value[],
): Value | undefined {
  const value = options.values[name];
  if (value === undefined) return undefined;
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw badOption(content, `--${name} ${value}: one of ${allowed.join(', ')}`);
}

function list(text: string | undefined): readonly string[] | undefined {
  return text?.split(',').filter((word) => word !== '');
}

function badOption(content: TraceContent, message: string): TraceError {
  return new TraceError('TRACE_BAD_OPTION', `${content.name}: ${message}`);
}
