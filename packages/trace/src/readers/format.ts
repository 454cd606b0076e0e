import type { AccessTrace } from '../block.ts';
import type { Kernel } from '../kernel-scan.ts';
import type { Head, TraceContent } from '../source.ts';

/** What tierlab knows of one trace format: how to tell it, how to read it, and what may be chosen. */
export interface TraceFormat {
  /** Its name for `--format`, its file here and its page `docs/formats/NAME.md`. */
  readonly name: string;
  /** One line for help and lists. */
  readonly summary: string;
  /** Options of this format beside those of every format. */
  readonly options: readonly FormatOption[];
  /** How sure it is that a content with this head is of this format: 0 is not, 100 is a magic number. */
  score(head: Head): number;
  /**
   * The trace that `content` holds.
   * @throws TRACE_BAD_OPTION, and what reading the head brings; errors of the records come from its blocks.
   */
  open(content: TraceContent, options: FormatOptions): AccessTrace;
}

/** An option of a format, as a flag: `--name VALUE`. */
export interface FormatOption {
  readonly name: string;
  /** What stands for the value in help, e.g. `LIST`. */
  readonly value: string;
  readonly summary: string;
}

/** Options by name, as given; and the limits that every reader keeps. */
export interface FormatOptions {
  readonly values: Readonly<Record<string, string>>;
  /** Pages the reader may hold. */
  readonly pageLimit?: number;
  /** Reads every line with the plain scanner, which is the reference for the kernels. */
  readonly plain?: boolean;
}

/** `kernel`, unless the plain scanner is to read all. */
export function kernelOf({ plain = false }: FormatOptions, kernel: Kernel): Kernel | undefined {
  return plain ? undefined : kernel;
}
