export * from './block.ts';
export * from './errors.ts';
export { type OpenOptions, openTrace } from './open.ts';
export { PAGE_LIMIT } from './pages.ts';
export type { FormatOption, FormatOptions, TraceFormat } from './readers/format.ts';
export { traceFormats } from './readers/registry.ts';
export type { TraceSource } from './source.ts';
