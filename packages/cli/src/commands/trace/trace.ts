import { Command, Option } from 'commander';

import type { CommandContext } from '../../context.ts';
import { repeated } from '../../machine/machine-options.ts';
import { addReplayTraceOptions, addTraceOptions } from '../../trace/trace-options.ts';
import type { TraceCommandOptions } from './option-values.ts';
import type { TraceMergeOptions } from './write-trace.ts';
import type { RecordCommandOptions } from './record-trace.ts';
import type { TraceCurveOptions } from './trace-curve.ts';

/** `tierlab trace info|head|curve|convert|filter|merge|generate|record|formats`. */
export function traceCommand(context: CommandContext): Command {
  const command = new Command('trace').description(
    'look at traces, convert, filter, merge and generate them',
  );

  addTraceOptions(command.command('info'))
    .description('what a trace holds: accesses, pages, skew, working set, where it comes from')
    .argument('<trace>', 'a file, or - for standard input')
    .option('--json', 'print one JSON object')
    .option('--html <file>', 'write a page of it too, with the heat map as an image')
    .action(async (path: string, options: TraceCommandOptions) => {
      const { showTraceInfo } = await import('./trace-info.ts');
      await showTraceInfo(path, options, context);
    });

  addTraceOptions(command.command('head'))
    .description('the first accesses of a trace, as text')
    .argument('<trace>', 'a file, or - for standard input')
    .option('-n, --lines <count>', 'how many', '10')
    .action(async (path: string, options: TraceCommandOptions) => {
      const { showTraceHead } = await import('./trace-head.ts');
      await showTraceHead(path, options, context);
    });

  addReplayTraceOptions(command.command('curve'))
    .description('how often LRU placement finds a page in the fastest tier, for every size of it')
    .argument('<trace>', 'a file, or - for standard input')
    .option('--sample <share>', 'from this share of the pages, with its error (default: exact)')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  tierlab trace curve app.tlt
  tierlab trace curve large.tlt --sample 0.01`,
    )
    .action(async (path: string, options: TraceCurveOptions) => {
      const { showTraceCurve } = await import('./trace-curve.ts');
      await showTraceCurve(path, options, context);
    });

  addOutputOptions(addTraceOptions(command.command('convert')))
    .description("write a trace in tierlab's own format, or as text")
    .argument('<trace>', 'a file, or - for standard input')
    .argument('<out>', 'a file, or - for standard output')
    .addHelpText(
      'after',
      `
Examples:
  tierlab trace convert app.lackey.gz app.tlt
  perf script | tierlab trace convert - app.tlt
  tierlab trace convert app.tlt app.csv --to text`,
    )
    .action(async (path: string, out: string, options: TraceCommandOptions) => {
      const { convertTrace } = await import('./write-trace.ts');
      await convertTrace(path, out, options, context);
    });

  addOutputOptions(addTraceOptions(command.command('filter')))
    .description('write a part of a trace, a sample of it, or what a cache lets through')
    .argument('<trace>', 'a file, or - for standard input')
    .argument('<out>', 'a file, or - for standard output')
    .option(
      '--cache <size:ways>',
      'a cache level in front of memory, as 2MiB:16; from the first to the last, up to three (default, where nothing else is asked for: 32KiB:8 and a 64th of the footprint)',
      repeated,
      [],
    )
    .option('--touch-interval <ticks>', 'keep the pages touched in each interval beside the misses')
    .option('--window <from..to>', 'accesses to keep, as 1000000..2000000')
    .option('--cut <accesses>', 'keep the first accesses only')
    .option('--sample <period>', 'keep one access in so many, with its weight')
    .option('--seed <number>', 'seed of the sample (default: 1)')
    .option('--huge-pages', 'count pages of 2 MiB')
    .addHelpText(
      'after',
      `
Examples:
  tierlab trace filter app.lackey.gz app.tlt --cache 32KiB:8 --cache 2MiB:16 --touch-interval 10000000
  tierlab trace filter app.tlt part.tlt --window 1000000..2000000`,
    )
    .action(async (path: string, out: string, options: TraceCommandOptions) => {
      const { filterTraceFile } = await import('./write-trace.ts');
      await filterTraceFile(path, out, options, context);
    });

  addOutputOptions(addTraceOptions(command.command('merge')))
    .description(
      'write the traces of processes that ran side by side as one, in the order of their clocks',
    )
    .argument(
      '<trace...>',
      'files of one clock and page size; pages and threads of each stay apart',
    )
    .requiredOption('--out <file>', 'a file, or - for standard output')
    .option(
      '--start <ticks,...>',
      'when each process starts on the common clock (default: 0 for all)',
    )
    .addHelpText(
      'after',
      `
Examples:
  tierlab trace merge server.tlt client.tlt --out both.tlt
  tierlab trace merge a.tlt b.tlt --start 0,5000000 --out both.tlt`,
    )
    .action(async (paths: readonly string[], options: TraceMergeOptions) => {
      const { mergeTraceFiles } = await import('./write-trace.ts');
      await mergeTraceFiles(paths, options, context);
    });

  addOutputOptions(command.command('generate'))
    .description('write a synthetic trace, the same accesses for the same words everywhere')
    .argument('<spec>', 'as zipf:pages=1Mi,theta=0.99,accesses=20M,seed=1')
    .argument('<out>', 'a file, or - for standard output')
    .addHelpText(
      'after',
      `
Examples:
  tierlab trace generate zipf:pages=64Ki,theta=0.99,accesses=5M,seed=1 zipf.tlt
  tierlab trace generate 'lab:80000 300 2 z:14:0:80000:0.9:20' lab.tlt`,
    )
    .action(async (spec: string, out: string, options: TraceCommandOptions) => {
      const { generateTraceFile } = await import('./write-trace.ts');
      await generateTraceFile(spec, out, options, context);
    });

  command
    .command('record')
    .description('record the memory accesses of a program behind a cache, and the pages it touches')
    .argument('<program...>', 'the program and its arguments, after --')
    .option('--out <file>', 'the trace (default: the name of the program, with .tlt)')
    .addOption(
      new Option(
        '--with <recorder>',
        'qemu: its user mode with our plugin; lackey: valgrind, without a compiler and slow; perf, damon: print the commands for a machine that has them',
      )
        .choices(['qemu', 'lackey', 'perf', 'damon'])
        .default('qemu'),
    )
    .option(
      '--cache <size:ways>',
      'a cache level, first and last (default: 32KiB:8 and 2MiB:16)',
      repeated,
      [],
    )
    .option('--touch-interval <instructions>', 'an interval of touched pages; 0 keeps none')
    .option('--max-accesses <count>', 'end the program after so many data accesses')
    .option('--max-seconds <count>', 'end the program after so much time')
    .option('--max-size <size>', 'end the program when the file has this size, as 100MiB')
    .addHelpText(
      'after',
      `
Examples:
  tierlab trace record --out sort.tlt -- sort -S 64M words.txt
  tierlab trace record --with perf -- ./server --port 8080`,
    )
    .action(async (program: readonly string[], options: RecordCommandOptions) => {
      const { recordTrace } = await import('./record-trace.ts');
      await recordTrace(program, options, context);
    });

  command
    .command('formats')
    .description('list the formats that can be read, and the generators')
    .action(async () => {
      const { listFormats } = await import('./list-formats.ts');
      listFormats(context);
    });
  return command;
}

function addOutputOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--to <form>', 'tlt, or lackey or columns of text (default: tlt)').choices([
        'tlt',
        'lackey',
        'text',
      ]),
    )
    .addOption(
      new Option(
        '--codec <name>',
        'tlt: small, or decoded at memory speed (default: archive)',
      ).choices(['archive', 'replay']),
    );
}
