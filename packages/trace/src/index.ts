export * from './block.ts';
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
export { PAGE_LIMIT } from './pages.ts';
export { type PlacedRange, readPlacement } from './placement.ts';
export type { FormatOption, FormatOptions, TraceFormat } from './readers/format.ts';
export { traceFormats } from './readers/registry.ts';
export type { TraceSource } from './source.ts';
export { generateTrace, generators } from './generators/generate.ts';
export type { Generator } from './generators/generator.ts';
export { labTrace } from './generators/lab.ts';
export type { GeneratorParameter } from './generators/spec.ts';
