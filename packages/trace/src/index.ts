export * from './block.ts';
export { readChunks } from './chunks.ts';
export * from './errors.ts';
export { type BlockEntry, isTlt, type TltHeader } from './native/frames.ts';
export type { CodecName } from './native/layout.ts';
export {
  openTlt,
  randomAccess,
  type RandomAccess,
  type ReadTltOptions,
  type TltFile,
} from './native/reader.ts';
export { readTltHeader, recodeTlt, streamTlt } from './native/stream.ts';
export { type TltOptions, writeTlt } from './native/writer.ts';
export { type OpenOptions, openTrace } from './open.ts';
export { packTrace } from './pack.ts';
export { PAGE_LIMIT } from './pages.ts';
export { type PlacedRange, readPlacement } from './placement.ts';
export type { FormatOption, FormatOptions, TraceFormat } from './readers/format.ts';
export { traceFormats } from './readers/registry.ts';
export type { TraceSource } from './source.ts';
export {
  type Heat,
  type Skew,
  summariseTrace,
  type TraceSummary,
  type WorkingSet,
} from './summary.ts';
export { writeDelimited, writeLackey } from './writers/text.ts';
export { generateTrace, generators } from './generators/generate.ts';
export type { Generator } from './generators/generator.ts';
export { labTrace } from './generators/lab.ts';
export type { GeneratorParameter } from './generators/spec.ts';
export { type CacheFilterOptions, filterTrace } from './filter/cache-filter.ts';
export { type CacheLevel, defaultLevels } from './filter/hierarchy.ts';
export { type MergedProcess, mergeThreads, mergeTraces, PROCESS_STRIDE } from './filter/merge.ts';
export { HUGE_PAGE_SHIFT, rebaseTrace } from './filter/rebase.ts';
export { cutTrace, sampleTrace, type Window, windowTrace } from './filter/select.ts';
export { type ForeignRecorder, recordingCommands } from './recorder/commands.ts';
export {
  record,
  RECORDER_LEVELS,
  RECORDER_QEMU,
  type Recording,
  type RecordOptions,
} from './recorder/record.ts';
export type { RecordingProgress } from './recorder/records.ts';
