import type { Locality } from './hmat.ts';
import {
  ACCESS_BANDWIDTH,
  ACCESS_LATENCY,
  isBandwidth,
  isLatency,
  normalise,
  READ_BANDWIDTH,
  READ_LATENCY,
  WRITE_BANDWIDTH,
  WRITE_LATENCY,
} from './normalise.ts';

/** The four figures while they are being filled in; 0 is "not provided". */
export interface Coordinate {
  readLatency: number;
  writeLatency: number;
  readBandwidth: number;
  writeBandwidth: number;
}

export const noCoordinate = (): Coordinate => ({
  readLatency: 0,
  writeLatency: 0,
  readBandwidth: 0,
  writeBandwidth: 0,
});

/** Writes a value to the fields of its data type; "access" is read and write. Source: Linux hmat_update_target_access. */
export function writeCoordinate(coordinate: Coordinate, dataType: number, value: number): void {
  if (dataType === ACCESS_LATENCY || dataType === READ_LATENCY) coordinate.readLatency = value;
  if (dataType === ACCESS_LATENCY || dataType === WRITE_LATENCY) coordinate.writeLatency = value;
  if (dataType === ACCESS_BANDWIDTH || dataType === READ_BANDWIDTH)
    coordinate.readBandwidth = value;
  if (dataType === ACCESS_BANDWIDTH || dataType === WRITE_BANDWIDTH)
    coordinate.writeBandwidth = value;
}

/** A matrix with its values normalised on demand. */
export interface Matrix {
  readonly dataType: number;
  /** Of the first row and column that name the pair; 0 where none does. */
  readonly value: (initiator: number, target: number) => number;
}

export function toMatrix(locality: Locality, revision: number): Matrix {
  const row = firstIndex(locality.initiators);
  const column = firstIndex(locality.targets);
  return {
    dataType: locality.dataType,
    value: (initiator, target) => {
      const i = row.get(initiator);
      const t = column.get(target);
      if (i === undefined || t === undefined) return 0;
      return normalise(locality.entry(i, t), locality.base, locality.dataType, revision);
    },
  };
}

function firstIndex(domains: readonly number[]): Map<number, number> {
  const index = new Map<number, number>();
  for (const [i, domain] of domains.entries()) if (!index.has(domain)) index.set(domain, i);
  return index;
}

/**
 * The matrices that count: per kind the last one of the table, whatever its flags and whether or
 * not it has the target at hand. An "access" matrix is of two kinds at once.
 * Source: Linux drivers/acpi/numa/hmat.c hmat_add_locality.
 */
export interface Kinds {
  readonly writeLatency: Matrix | undefined;
  readonly readLatency: Matrix | undefined;
  readonly writeBandwidth: Matrix | undefined;
  readonly readBandwidth: Matrix | undefined;
}

export function lastOfEachKind(matrices: readonly Matrix[]): Kinds {
  const last = (own: number, access: number): Matrix | undefined =>
    matrices.findLast(({ dataType }) => dataType === own || dataType === access);
  return {
    writeLatency: last(WRITE_LATENCY, ACCESS_LATENCY),
    readLatency: last(READ_LATENCY, ACCESS_LATENCY),
    writeBandwidth: last(WRITE_BANDWIDTH, ACCESS_BANDWIDTH),
    readBandwidth: last(READ_BANDWIDTH, ACCESS_BANDWIDTH),
  };
}

/**
 * Finds the initiators that are best for `target` and writes their figures to `coordinate`.
 *
 * Kind by kind - write latency, read latency, write bandwidth, read bandwidth - those that are not
 * best drop out, so a later kind only chooses among the survivors. Where no candidate has a value
 * nobody drops out, and nothing is written: a zero never overwrites.
 * `candidates` is sorted by domain. Returns the survivors.
 * Source: Linux drivers/acpi/numa/hmat.c hmat_update_target_attrs, hmat_update_best.
 */
export function findBestInitiators(
  kinds: Kinds,
  target: number,
  candidates: readonly number[],
  coordinate: Coordinate,
): readonly number[] {
  let survivors = candidates;
  const order = [kinds.writeLatency, kinds.readLatency, kinds.writeBandwidth, kinds.readBandwidth];
  for (const matrix of order) {
    if (!matrix) continue;
    const values = survivors.map((initiator) => matrix.value(initiator, target));
    const best = values.reduce((best, value) => better(matrix.dataType, best, value), 0);
    survivors = survivors.filter((_, i) => values[i] === best);
    if (best !== 0) writeCoordinate(coordinate, matrix.dataType, best);
  }
  return survivors;
}

function better(dataType: number, best: number, value: number): number {
  if (value === 0 || best === 0) return value === 0 ? best : value;
  if (isLatency(dataType)) return Math.min(best, value);
  return isBandwidth(dataType) ? Math.max(best, value) : best;
}
