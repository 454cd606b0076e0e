import type { Machine } from '@tierlab/core';

/** An amount of memory for a table: `512 MiB`, `64 GiB`, `-` for none. */
export function memoryText(size: number): string {
  if (size === 0) return '-';
  const mebibytes = size / 2 ** 20;
  if (mebibytes < 1) return `${+(size / 1024).toFixed(1)} KiB`;
  return mebibytes >= 4096
    ? `${+(mebibytes / 1024).toFixed(1)} GiB`
    : `${+mebibytes.toFixed(1)} MiB`;
}

/** A note in one line: `HMAT+0x28: ...`. */
export function noteText({ where, offset, text }: Machine['notes'][number]): string {
  return offset === undefined ? `${where}: ${text}` : `${where}+0x${offset.toString(16)}: ${text}`;
}
