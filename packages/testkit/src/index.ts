export * from './cache-hits.ts';
export * from './mutate-tables.ts';
export * from './random.ts';
export { randomTables, type RandomTables } from './random-tables.ts';
