export * from './errors.ts';
export { writeCpio, type CpioFile } from './qemu/cpio.ts';
