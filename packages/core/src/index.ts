export * from './content-hash.ts';
export * from './errors.ts';
export * from './kernel.ts';
export * from './machine.ts';
export * from './node-list.ts';
export * from './runrecord.ts';
export * from './units.ts';
