import { Option, type Command } from 'commander';

import { CliError } from '../errors.ts';

/** Options of the formats of a trace: flag, value, what it says. A test holds them to the formats' own. */
const formatOptions = [
  ['columns', 'LIST', 'delimited text: what each column is, as op,addr,size'],
  ['radix', 'auto|10|16', 'delimited text: how addresses are written'],
  ['delim', 'CHARS', 'delimited text: what ends a column'],
  ['read-tokens', 'LIST', 'delimited text: words of a read'],
  ['write-tokens', 'LIST', 'delimited text: words of a write'],
  ['fetch-tokens', 'LIST', 'delimited text: words of an instruction fetch, which is no access'],
  ['comment', 'LIST', 'delimited text: how lines that are no record begin'],
  ['addr-unit', 'BYTES', 'delimited text: bytes of one address step'],
  ['clock', 'KIND', 'delimited text: column, line or instr; drmemtrace: instr or time'],
  ['clock-unit', 'UNIT', 'delimited text: unit of the time column'],
  ['level', 'cpu|memory', 'delimited text: every access, or what missed the cache'],
  ['served-by', 'any|memory', 'perf: every sample, or those that memory served'],
  ['page-size', 'SIZE', 'DAMON, memtierd: pages that a region is cut into'],
  ['bits', '32|64', 'drmemtrace: of the traced program'],
  ['variant', 'NAME', 'pin: pinatrace, bare, ip-last or misses; champsim: 64 or 96'],
  ['obj-id-col', 'N', 'libCacheSim CSV: column of the object, from 1'],
  ['time-col', 'N', 'libCacheSim CSV: column of the time in seconds'],
  ['op-col', 'N', 'libCacheSim CSV: column of the operation'],
] as const;

/** Adds `--format` and the options of formats, in a group of their own. */
export function addTraceOptions(command: Command): Command {
  command.optionsGroup('How the trace is read:');
  command.addOption(
    new Option('--format <name>', 'format of the trace (default: told from its content)'),
  );
  command
    .option('--lenient', 'skip what is not understood, and read a cut source up to where it ends')
    .option('--max-pages <count>', 'pages that the reader may hold');
  for (const [name, value, text] of formatOptions) {
    command.addOption(new Option(`--${name} <${value}>`, text));
  }
  return command.optionsGroup('Options:');
}

/** As {@link addTraceOptions}, for a command that replays the trace. */
export function addReplayTraceOptions(command: Command): Command {
  return addTraceOptions(command)
    .optionsGroup('How the trace is read:')
    .option('--no-cache', 'neither use nor keep the replay form of the trace in the cache')
    .optionsGroup('Options:');
}

/** The names of the options that {@link addTraceOptions} adds for formats. */
export const traceOptionNames: readonly string[] = formatOptions.map(([name]) => name);

/** The format and the values that the command line gave for it, under the names of the formats. */
export interface GivenTraceOptions {
  readonly format?: string;
  readonly lenient?: boolean;
  readonly pageLimit?: number;
  readonly values: Readonly<Record<string, string>>;
}

/** Picks the trace's options out of a command's. */
export function givenTraceOptions(options: Readonly<Record<string, unknown>>): GivenTraceOptions {
  const values: Record<string, string> = {};
  for (const name of traceOptionNames) {
    const key = name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const value = options[key];
    if (typeof value === 'string') values[name] = value;
  }
  const { format, lenient, maxPages } = options;
  return {
    ...(typeof format === 'string' && { format }),
    ...(lenient === true && { lenient }),
    ...(typeof maxPages === 'string' && { pageLimit: parsePageLimit(maxPages) }),
    values,
  };
}

function parsePageLimit(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new CliError('CLI_BAD_OPTION', `--max-pages ${text}: expected a count from 1 on`);
}
