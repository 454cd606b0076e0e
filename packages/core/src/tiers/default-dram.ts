import { kernelName, holds, type KernelVersion } from '../kernel.ts';
import type { AccessCoordinate } from '../machine.ts';
import type { NodeId } from '../units.ts';
import {
  bandwidthSum,
  dramMismatch,
  latencySum,
  performanceToAdistance,
  type DramReference,
} from './adistance.ts';
import type { TieringAnswer, TieringPass } from './policy.ts';
import { WIDE_ADISTANCE } from './rules.ts';

/** The DRAM that distances are measured against, and the error that turns them off. */
export class DefaultDram {
  reference: DramReference | undefined;
  private mismatch: string | undefined;
  private readonly kernel: KernelVersion;

  constructor(kernel: KernelVersion) {
    this.kernel = kernel;
  }

  /** Source: Linux mm/memory-tiers.c mt_set_default_dram_perf. */
  set(node: NodeId, coordinate: AccessCoordinate, source: string): string | undefined {
    if (this.mismatch !== undefined) return this.mismatch;
    if (latencySum(coordinate) === 0 || bandwidthSum(coordinate) === 0)
      return `DRAM node ${node} has no latency or no bandwidth (${coordinateText(coordinate)})`;
    if (!this.reference) {
      this.reference = { node, coordinate, source };
      return undefined;
    }
    const field = dramMismatch(coordinate, this.reference.coordinate);
    if (field === undefined) return undefined;
    const reference = this.reference.coordinate[field];
    this.mismatch = `DRAM node ${node} mismatches reference node ${this.reference.node}: ${field} ${coordinate[field]} is more than 10 % off ${reference}`;
    return this.mismatch;
  }

  /** Source: Linux mm/memory-tiers.c mt_perf_to_adistance. */
  adistanceOf(coordinate: AccessCoordinate): TieringAnswer | TieringPass {
    if (this.mismatch !== undefined) return { pass: this.mismatch };
    if (latencySum(coordinate) === 0) return { pass: 'no latency is known' };
    if (bandwidthSum(coordinate) === 0) return { pass: 'no bandwidth is known' };
    if (!this.reference) return { pass: 'no DRAM node was measured, so there is no reference' };
    const dram = this.reference.coordinate;
    const wide = holds(WIDE_ADISTANCE, this.kernel);
    const adistance = performanceToAdistance(coordinate, dram, wide);
    const formula = `576 * ${latencySum(coordinate)} / ${latencySum(dram)} * ${bandwidthSum(dram)} / ${bandwidthSum(coordinate)}`;
    const width = wide
      ? ''
      : `, in 32 bits (${kernelName(this.kernel)}, rule ${WIDE_ADISTANCE.name} does not hold)`;
    return {
      adistance,
      reason: `${formula} = ${adistance}${width}; reference is node ${this.reference.node}`,
    };
  }
}

/** `rl/wl ns, rb/wb MB/s`. */
export const coordinateText = (c: AccessCoordinate): string =>
  `${c.readLatency}/${c.writeLatency} ns, ${c.readBandwidth}/${c.writeBandwidth} MB/s`;
