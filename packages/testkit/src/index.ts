export * from './any-run.ts';
export * from './cache-hits.ts';
export * from './conformance.ts';
export * from './describe.ts';
export * from './draw.ts';
export * from './guarded.ts';
export { randomTables, type RandomTables } from './random-tables.ts';
export * from './random.ts';
export * from './watched-run.ts';
