import { bytes, type CxlRange } from '@tierlab/core';
import { noCoordinate, writeCoordinate, type Coordinate } from './best-initiator.ts';
import { toCoordinate } from './hmat-targets.ts';
import { normalise, WRITE_BANDWIDTH } from './normalise.ts';
import {
  CDAT_LAYOUT,
  readU16,
  readU64,
  readU8,
  walkStructures,
  type AcpiTable,
  type Structure,
} from './table.ts';

/** Why Linux takes nothing from a device's CDAT. */
export interface CdatRefusal {
  readonly offset: number | undefined;
  readonly reason: string;
}

const DSMAS = 0;
const DSLBIS = 1;
const STRUCTURE_BYTES = 24;
/** Figures are in picoseconds and MB/s, as in an HMAT of this revision. */
const LIKE_HMAT_REVISION = 2;

interface Range {
  readonly base: number;
  readonly size: number;
  readonly nonVolatile: boolean;
  readonly coordinate: Coordinate;
}

/**
 * Address ranges of a CXL memory device with their coordinates: DSMAS by handle, and of each DSLBIS
 * of that handle the first entry, when it is about memory and not about a cache of it.
 * Throws `FIRMWARE_TRUNCATED_TABLE`.
 * Source: Linux drivers/cxl/core/cdat.c cdat_dsmas_handler, cdat_dslbis_handler, 6.12; CDAT 1.04.
 */
export function readCdat(table: AcpiTable): readonly CxlRange[] | CdatRefusal {
  if (!table.checksumGood)
    return { offset: 5, reason: 'wrong checksum, which is verified for a CDAT' };
  const { structures, zeroLengthAt } = walkStructures(table, CDAT_LAYOUT);
  if (zeroLengthAt !== undefined) return { offset: zeroLengthAt, reason: 'structure of length 0' };
  const ranges = new Map<number, Range>();
  let latencyOrBandwidth = false;
  for (const structure of structures) {
    if (structure.type !== DSMAS) continue;
    const refusal = addRange(table, structure, ranges);
    if (refusal) return refusal;
  }
  for (const structure of structures) {
    if (structure.type !== DSLBIS) continue;
    if (structure.length !== STRUCTURE_BYTES) return malformed('DSLBIS', structure);
    latencyOrBandwidth = true;
    addFigure(table, structure, ranges);
  }
  if (ranges.size === 0) return { offset: undefined, reason: 'no address range (DSMAS)' };
  if (!latencyOrBandwidth) return { offset: undefined, reason: 'no latency or bandwidth (DSLBIS)' };
  return [...ranges.values()]
    .map(({ base, size, nonVolatile, coordinate }) => ({
      base: bytes(base),
      size: bytes(size),
      nonVolatile,
      coordinate: toCoordinate(coordinate),
    }))
    .sort((a, b) => a.base - b.base);
}

const malformed = (name: string, { offset, length }: Structure): CdatRefusal => ({
  offset,
  reason: `${name} of length ${length}, not ${STRUCTURE_BYTES}`,
});

function addRange(
  table: AcpiTable,
  structure: Structure,
  ranges: Map<number, Range>,
): CdatRefusal | undefined {
  const { offset, length } = structure;
  if (length !== STRUCTURE_BYTES) return malformed('DSMAS', structure);
  const handle = readU8(table, offset + 4);
  if (ranges.has(handle)) return { offset, reason: `second DSMAS of handle ${handle}` };
  ranges.set(handle, {
    base: readU64(table, offset + 8),
    size: readU64(table, offset + 16),
    nonVolatile: (readU8(table, offset + 5) & 4) !== 0,
    coordinate: noCoordinate(),
  });
  return undefined;
}

/** A DSLBIS of a handle without DSMAS is skipped with a warning. */
function addFigure(
  table: AcpiTable,
  { offset }: Structure,
  ranges: ReadonlyMap<number, Range>,
): void {
  const range = ranges.get(readU8(table, offset + 4));
  const hierarchy = readU8(table, offset + 5) & 0xf;
  const dataType = readU8(table, offset + 6);
  if (!range || hierarchy !== 0 || dataType > WRITE_BANDWIDTH) return;
  const base = readU64(table, offset + 8);
  const value = normalise(readU16(table, offset + 16), base, dataType, LIKE_HMAT_REVISION);
  writeCoordinate(range.coordinate, dataType, value);
}
