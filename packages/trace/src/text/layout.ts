/** What a column of a delimited text holds. */
export type ColumnKind =
  /** Read or write, as one of the tokens. */
  | 'op'
  /** Address, in units of `addressUnit` bytes. */
  | 'addr'
  /** Absolute time, in ticks of `timeUnit`. */
  | 'time'
  /** Instructions, or ticks, since the access before. */
  | 'delta'
  /** A thread's number, any 64-bit number. */
  | 'tid'
  /** Accesses that the line stands for. */
  | 'weight'
  /** Anything else: size, program counter, comment. */
  | 'skip';

/** How number columns are written. `auto`: hexadecimal with a leading `0x`, else decimal. */
export type Radix = 'auto' | '10' | '16';

/** The layout of a delimited text: what stands where, and what each word means. */
export interface TextLayout {
  readonly columns: readonly ColumnKind[];
  /** Radix of addresses; other numbers are decimal, or hexadecimal with a leading `0x`. */
  readonly radix: Radix;
  /** Bytes that each end a column. Blanks and tabs also do, a run of them as one. */
  readonly delimiters: string;
  readonly readTokens: readonly string[];
  readonly writeTokens: readonly string[];
  /** Words of lines that are instruction fetches: not accesses, counted where `clock` is `instr`. */
  readonly fetchTokens: readonly string[];
  /** What such a line is, by name, among what is left out. */
  readonly fetchReason: string;
  /** A line that starts with one of these is no record. */
  readonly comments: readonly string[];
  /** Bytes of one step of the address column. */
  readonly addressUnit: number;
  /** `column`: the `time` or `delta` column; `line`: none but the order; `instr`: fetch lines so far. */
  readonly clock: 'column' | 'line' | 'instr';
  /** Ticks of the trace's clock in one unit of the time column, e.g. 1e9 for seconds. */
  readonly timeScale: number;
  /** Lines at the beginning that name the columns. */
  readonly headerLines: number;
  /** A line may have more columns than are named, which are skipped. */
  readonly moreColumns: boolean;
  /** Any other word in the op column is an instruction fetch, e.g. a machine instruction's name. */
  readonly otherWordsFetch: boolean;
  /** The address is an object's id, which is a page. */
  readonly objects: boolean;
}

/** Words for reads, writes and fetches of the tools that tierlab knows. Source: reference layouts in docs/formats. */
export const READ_TOKENS: readonly string[] =
  'L,R,r,l,IFETCH,ld,LD,RD,rd,read,READ,Read,readd,load,LOAD,0x28'.split(',');
export const WRITE_TOKENS: readonly string[] =
  'S,W,w,s,st,ST,WR,wr,write,WRITE,Write,writed,store,STORE,M'.split(',');
export const FETCH_TOKENS: readonly string[] = 'I,i,ifetch,readi,fetch'.split(',');

export const DEFAULT_LAYOUT: Omit<TextLayout, 'columns'> = {
  radix: 'auto',
  delimiters: ',;:',
  readTokens: READ_TOKENS,
  writeTokens: WRITE_TOKENS,
  fetchTokens: FETCH_TOKENS,
  fetchReason: 'instruction fetch',
  comments: ['#', '==', '--', '//'],
  addressUnit: 1,
  clock: 'column',
  timeScale: 1,
  headerLines: 0,
  moreColumns: false,
  otherWordsFetch: false,
  objects: false,
};
