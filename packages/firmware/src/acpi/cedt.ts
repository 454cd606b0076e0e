import {
  CEDT_LAYOUT,
  readU32,
  readU64,
  readU8,
  walkStructures,
  type AcpiTable,
  type Structure,
} from './table.ts';

/** A CXL fixed memory window (CFMWS). */
export interface FixedWindow {
  readonly offset: number;
  readonly base: number;
  readonly size: number;
  /** ACPI `_UID` of the host bridges, in interleave order. */
  readonly hostBridges: readonly number[];
}

const CFMWS = 1;
const TARGETS_AT = 36;

/** Ways by their encoding. Source: CXL 3.1, table 8-119 (HDM decoder interleave ways). */
const INTERLEAVE_WAYS: Readonly<Record<number, number>> = {
  0: 1,
  1: 2,
  2: 4,
  3: 8,
  4: 16,
  8: 3,
  9: 6,
  10: 12,
};

/** The windows of a CEDT, in table order. Throws `FIRMWARE_TRUNCATED_TABLE`. Source: CXL 3.1, 9.18.1.3. */
export function parseCedt(table: AcpiTable): FixedWindow[] {
  return walkStructures(table, CEDT_LAYOUT)
    .structures.filter(({ type }) => type === CFMWS)
    .map((structure) => parseWindow(table, structure));
}

function parseWindow(table: AcpiTable, { offset, length }: Structure): FixedWindow {
  const ways = INTERLEAVE_WAYS[readU8(table, offset + 24)] ?? 0;
  const listed = Math.max(0, Math.floor((length - TARGETS_AT) / 4));
  const hostBridges: number[] = [];
  for (let i = 0; i < Math.min(ways, listed); i++)
    hostBridges.push(readU32(table, offset + TARGETS_AT + 4 * i));
  return {
    offset,
    base: readU64(table, offset + 8),
    size: readU64(table, offset + 16),
    hostBridges,
  };
}
