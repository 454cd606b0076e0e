/** What a matrix entry is about: HMAT type 1 and CDAT DSLBIS and SSLBIS data types. */
export const ACCESS_LATENCY = 0;
export const READ_LATENCY = 1;
export const WRITE_LATENCY = 2;
export const ACCESS_BANDWIDTH = 3;
export const READ_BANDWIDTH = 4;
export const WRITE_BANDWIDTH = 5;

export const isLatency = (dataType: number): boolean => dataType <= WRITE_LATENCY;
export const isBandwidth = (dataType: number): boolean =>
  dataType >= ACCESS_BANDWIDTH && dataType <= WRITE_BANDWIDTH;

const U32_MAX = 0xffffffff;

/**
 * Nanoseconds or MB/s of an entry in units of `base`; 0 is "not provided". All in 32 bits: what
 * does not fit is not provided, and rounding picoseconds up wraps for the last 999 values.
 *
 * Revision 1 divides every type by 10, revision 2 only latencies by 1000; a CDAT counts as 2.
 * Source: Linux drivers/acpi/numa/hmat.c hmat_normalize; ACPI 6.5, 5.2.27.4.
 */
export function normalise(entry: number, base: number, dataType: number, revision: number): number {
  if (entry === 0 || entry === 0xffff) return 0;
  if (base > Math.trunc(U32_MAX / entry)) return 0;
  const value = entry * base;
  if (revision === 1) return value < 10 ? 0 : divideUp(value, 10);
  if (revision === 2 && isLatency(dataType)) return divideUp(value, 1000);
  return value;
}

/** Rounds up by adding `divisor - 1` first, in 32 bits. Source: Linux include/uapi/linux/const.h __KERNEL_DIV_ROUND_UP. */
const divideUp = (value: number, divisor: number): number =>
  Math.trunc(((value + divisor - 1) >>> 0) / divisor);
