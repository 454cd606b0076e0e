import { delimited } from './delimited.ts';
import type { TraceFormat } from './format.ts';
import { lackey } from './lackey.ts';
import { tlt } from './tlt.ts';

/** Every trace format that tierlab reads, in the order of the documentation. */
export const traceFormats: readonly TraceFormat[] = [lackey, tlt, delimited];
