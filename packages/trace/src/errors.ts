import { InputError } from '@tierlab/core';

/** Why a trace could not be read; the codes are stable. */
export type TraceErrorCode =
  /** No reader knows the content, or several know it equally well. */
  | 'TRACE_UNKNOWN_FORMAT'
  /** The content is known, and this part of the format is not read. */
  | 'TRACE_UNSUPPORTED'
  /** An option is not one of this format's, or its value makes no sense. */
  | 'TRACE_BAD_OPTION'
  /** The source has no record. */
  | 'TRACE_EMPTY'
  /** The compressed stream is broken, or its decoder is not installed. */
  | 'TRACE_BAD_COMPRESSION'
  /** A line is not what the format says. */
  | 'TRACE_BAD_LINE'
  /** A line is longer than any trace's. */
  | 'TRACE_LINE_TOO_LONG'
  /** A binary record is not what the format says. */
  | 'TRACE_BAD_RECORD'
  /** The source ends inside a record. */
  | 'TRACE_TRUNCATED'
  /** A checksum or a figure of a native file is wrong. */
  | 'TRACE_CORRUPT'
  /** A recorder, or what it needs, is not on this machine. */
  | 'TRACE_NO_RECORDER'
  /** A generator's spec does not make sense. */
  | 'TRACE_BAD_GENERATOR'
  /** More pages than the reader may hold. */
  | 'TRACE_TOO_MANY_PAGES';

/** A trace that cannot be read: the message names the source, and the line or byte. */
export class TraceError extends InputError<TraceErrorCode> {
  override readonly name: string = 'TraceError';
}
