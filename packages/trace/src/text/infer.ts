import type { Head } from '../source.ts';
import type { ColumnKind, TextLayout } from './layout.ts';

/** What splitting a line into words needs to know. */
export type Wording = Pick<
  TextLayout,
  'delimiters' | 'comments' | 'readTokens' | 'writeTokens' | 'fetchTokens'
>;

/** Whether a line is a comment. */
export function isCommentLine(line: string, wording: Wording): boolean {
  const text = line.trimStart();
  return text === '' || wording.comments.some((comment) => text.startsWith(comment));
}

/** The words of a line, as the scanner of columns splits it. */
export function wordsOf(line: string, wording: Wording): string[] {
  const words: string[] = [];
  let word = '';
  let ended = true;
  for (const char of line.trim()) {
    const blank = char === ' ' || char === '\t' || char === '\r';
    const separator = !(char === ' ') && wording.delimiters.includes(char);
    if (!blank && !separator) {
      if (ended && word !== '') {
        words.push(word);
        word = '';
      }
      ended = false;
      word += char;
    } else if (separator && ended && word === '') {
      words.push('');
    } else if (separator) {
      words.push(word);
      word = '';
      ended = true;
    } else {
      ended = true;
    }
  }
  if (word !== '') words.push(word);
  return words;
}

/** Names that a header line may give the columns. */
const HEADER_NAMES: Readonly<Record<string, ColumnKind>> = {
  addr: 'addr',
  address: 'addr',
  vaddr: 'addr',
  paddr: 'addr',
  data_addr: 'addr',
  op: 'op',
  rw: 'op',
  type: 'op',
  access: 'op',
  operation: 'op',
  time: 'time',
  timestamp: 'time',
  time_ns: 'time',
  instructions: 'time',
  cycles: 'time',
  tid: 'tid',
  thread: 'tid',
  weight: 'weight',
  count: 'weight',
};

/**
 * The columns of a text whose head is `head`: from a first line that names them, or because one
 * column alone can be the address. Undefined where neither tells.
 */
export function inferColumns(
  head: Head,
  wording: Wording,
): { readonly columns: readonly ColumnKind[]; readonly clockUnit?: string } | undefined {
  const lines = head.lines.filter((line) => !isCommentLine(line, wording)).slice(0, 200);
  if (lines.length === 0) return undefined;
  const first = wordsOf(lines[0].toLowerCase(), wording);
  const named = first.map((word): ColumnKind => HEADER_NAMES[word] ?? 'skip');
  if (once(named)) return { columns: named, clockUnit: clockUnitOf(first) };

  const rows = lines.map((line) => wordsOf(line, wording));
  const width = rows[0].length;
  if (width > 16 || rows.some((row) => row.length !== width)) return undefined;
  const column = (at: number): string[] => rows.map((row) => row[at]);
  const isOp = (at: number): boolean => column(at).every((word) => isToken(word, wording));
  const isAddress = (at: number): boolean => column(at).every((word) => ADDRESS.test(word));
  // Words such as `a` and `face` are numbers only beside some that have a digit.
  const isNumber = (at: number): boolean =>
    column(at).every((word) => /^(0x)?[0-9a-f]+$/i.test(word)) &&
    column(at).some((word) => /[0-9]/.test(word));
  const every = Array.from({ length: width }, (_, at) => at);
  const op = every.find(isOp);
  const numbers = every.filter((at) => at !== op && isNumber(at));
  const addresses = numbers.length === 1 ? numbers : numbers.filter(isAddress);
  if (addresses.length !== 1) return undefined;
  return {
    columns: every.map((at) => (at === op ? 'op' : at === addresses[0] ? 'addr' : 'skip')),
  };
}

// What tells an address from sizes, counts and times.
const ADDRESS = /^0x[0-9a-f]+$/i;

// A column of time may be named by its unit.
function clockUnitOf(names: readonly string[]): string {
  return names.find((name) => name === 'instructions' || name === 'cycles') ?? 'ns';
}

function once(columns: readonly ColumnKind[]): boolean {
  return (
    columns.filter((kind) => kind === 'addr').length === 1 &&
    ['op', 'time', 'tid', 'weight'].every(
      (kind) => columns.filter((other) => other === kind).length <= 1,
    )
  );
}

function isToken(word: string, wording: Wording): boolean {
  return (
    wording.readTokens.includes(word) ||
    wording.writeTokens.includes(word) ||
    wording.fetchTokens.includes(word)
  );
}

/** Whether a line names columns instead of holding an access: its address is no number. */
export function isHeaderLine(
  line: string,
  columns: readonly ColumnKind[],
  wording: Wording,
): boolean {
  const word = wordsOf(line, wording)[columns.indexOf('addr')] ?? '';
  return /[a-z_]/i.test(word) && !/^(0x)?[0-9a-f]+$/i.test(word);
}
