export * from './block.ts';
export * from './errors.ts';
