export * from './cache-hits.ts';
export { randomTables, type RandomTables } from './random-tables.ts';
export * from './random.ts';
