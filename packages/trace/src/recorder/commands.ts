/** Recorders that this machine may not have: what to type where they are, and how to read what comes out. */
export type ForeignRecorder = 'perf' | 'damon';

/**
 * The commands that record `program` with `recorder` and import the result, in order.
 *
 * Source: perf-mem(1) and perf-script(1) of Linux 6.6; damo 2.x USAGE.md, `damo record`.
 */
export function recordingCommands(
  recorder: ForeignRecorder,
  program: string,
  args: readonly string[],
): readonly string[] {
  const command = [program, ...args].map(quoted).join(' ');
  if (recorder === 'damon')
    return [
      `sudo damo record -o damon.data ${quoted(command)}`,
      'tierlab trace convert damon.data trace.tlt',
    ];
  return [
    `perf mem record -o perf.data -- ${command}`,
    'perf script -i perf.data --ns -F comm,pid,tid,cpu,time,period,event,addr,data_src,weight,phys_addr,data_page_size > perf.txt',
    'tierlab trace convert perf.txt trace.tlt',
  ];
}

/** A word for a POSIX shell. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
