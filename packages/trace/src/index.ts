export * from './block.ts';
