import { adistance, type AbstractDistance, type NodeId } from '../units.ts';
import type { AccessCoordinate } from '../machine.ts';

/** Abstract distances that share a tier: 2^7 of them. Source: Linux include/linux/memory-tiers.h, also for the next two. */
export const TIER_CHUNK_BITS = 7;
export const TIER_CHUNK: number = 1 << TIER_CHUNK_BITS;
/** Abstract distance of default DRAM: the middle of the fifth chunk. */
export const ADISTANCE_DRAM: AbstractDistance = adistance(4 * TIER_CHUNK + (TIER_CHUNK >> 1));
/** What the dax/kmem driver takes when nobody answers. Source: Linux drivers/dax/kmem.c MEMTIER_DEFAULT_DAX_ADISTANCE. */
export const ADISTANCE_DAX: AbstractDistance = adistance(ADISTANCE_DRAM * 5);

/** Where the chunk of `distance` starts; it is a signed 32-bit number. */
export const tierStart = (distance: AbstractDistance): number => distance & -TIER_CHUNK;

/** The number in `memory_tierN`: the chunk, printed unsigned, so a negative distance has ten digits. */
export const tierId = (start: number): number => (start >> TIER_CHUNK_BITS) >>> 0;

/** Read and write figures summed in 32 bits, as the kernel sums them; 0 is "not provided". */
export const latencySum = ({ readLatency, writeLatency }: AccessCoordinate): number =>
  (readLatency + writeLatency) >>> 0;
export const bandwidthSum = ({ readBandwidth, writeBandwidth }: AccessCoordinate): number =>
  (readBandwidth + writeBandwidth) >>> 0;

/**
 * Abstract distance of memory with `coordinate` where DRAM has `dram`:
 * 576 * latency / DRAM latency * DRAM bandwidth / bandwidth, from left to right, truncated at each
 * division. In 64 bits and then cut to a signed 32-bit int; not `wide`, unsigned 32 bits throughout.
 * No sum may be 0. Source: Linux mm/memory-tiers.c mt_perf_to_adistance.
 *
 * DRAM 91 + 97 ns, 30,000 + 30,000 MB/s; far memory 250 + 270 ns, 20,000 + 19,000 MB/s:
 * 576 * 520 / 188 = 1593; 1593 * 60000 / 39000 = 2450, tier 19.
 */
export function performanceToAdistance(
  coordinate: AccessCoordinate,
  dram: AccessCoordinate,
  wide: boolean,
): AbstractDistance {
  const latency = latencySum(coordinate);
  const bandwidth = bandwidthSum(coordinate);
  const dramLatency = latencySum(dram);
  const dramBandwidth = bandwidthSum(dram);
  if (!wide) {
    const scaled = Math.trunc((Math.imul(ADISTANCE_DRAM, latency) >>> 0) / dramLatency);
    return adistance(Math.trunc((Math.imul(scaled, dramBandwidth) >>> 0) / bandwidth) | 0);
  }
  const scaled = Math.trunc((ADISTANCE_DRAM * latency) / dramLatency);
  const product = scaled * dramBandwidth;
  // Beyond 2^53 a double quotient is no longer the integer one.
  if (Number.isSafeInteger(product)) return adistance(toInt32(Math.trunc(product / bandwidth)));
  const wrapped = BigInt.asIntN(64, BigInt(scaled) * BigInt(dramBandwidth));
  return adistance(Number(BigInt.asIntN(32, wrapped / BigInt(bandwidth))));
}

/** Exact below 2^53: `|` takes the value modulo 2^32. */
const toInt32 = (value: number): number => value | 0;

/** The DRAM that every other memory is compared with, and whether DRAM nodes agree with it. */
export interface DramReference {
  readonly node: NodeId;
  readonly coordinate: AccessCoordinate;
  readonly source: string;
}

const FIELDS = ['readLatency', 'writeLatency', 'readBandwidth', 'writeBandwidth'] as const;

/**
 * Whether a DRAM node is close enough to the reference: no field may be off by more than 10 %,
 * and exactly 10 % is close enough. The difference is a signed 32-bit number, ten times it wraps.
 * Source: Linux mm/memory-tiers.c mt_set_default_dram_perf.
 */
export function dramMismatch(
  coordinate: AccessCoordinate,
  reference: AccessCoordinate,
): (typeof FIELDS)[number] | undefined {
  return FIELDS.find((field) => {
    const difference = (coordinate[field] - reference[field]) | 0;
    return Math.imul(Math.abs(difference) | 0, 10) >>> 0 > reference[field];
  });
}
