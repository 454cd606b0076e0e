export * from './cache-hits.ts';
export * from './random.ts';
