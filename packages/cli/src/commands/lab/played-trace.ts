import { encodePlay, type AccessPlay } from '@tierlab/kernel-lab';

import { openTraceFile } from '../../trace/open-trace-file.ts';
import { givenTraceOptions } from '../../trace/trace-options.ts';

/** Accesses in a millisecond of the guest's time, unless the command line says. */
const ACCESSES_PER_MS = 300;

/** Options of a command that plays a trace; those of its format stand beside them. */
export interface PlayOptions extends Readonly<Record<string, unknown>> {
  readonly trace?: string;
  readonly accessesPerMs?: string;
}

/** A trace file's accesses at the wanted pace. */
export async function playTraceFile(path: string, options: PlayOptions): Promise<AccessPlay> {
  const { trace } = await openTraceFile(path, givenTraceOptions(options));
  const accessesPerMs = Number(options.accessesPerMs ?? ACCESSES_PER_MS);
  return encodePlay(trace.blocks(), { accessesPerMs });
}
