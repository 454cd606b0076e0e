export * from './registry.ts';
export * from './research/kleio-history.ts';
export * from './rulers/all-fast.ts';
export * from './rulers/all-slow.ts';
export * from './rulers/stay-put.ts';
