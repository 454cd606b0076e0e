import type { TableSignature } from '@tierlab/core';
import { FirmwareError } from '../errors.ts';

/**
 * A firmware table whose header was looked at: `length` bytes of `view`, little-endian.
 * Every read is checked against `length`; one past it throws `FIRMWARE_TRUNCATED_TABLE`, where a
 * kernel would take whatever lies behind the table.
 */
export interface AcpiTable {
  readonly signature: TableSignature;
  readonly view: DataView;
  readonly length: number;
  readonly revision: number;
  /** Whether all bytes sum to 0 modulo 256. */
  readonly checksumGood: boolean;
  /** Whether QEMU made it: SeaBIOS and QEMU sign their tables `BOCHS `. */
  readonly madeByQemu: boolean;
}

/** Common header of all ACPI tables. Source: ACPI 6.5, 5.2.6. */
const HEADER_BYTES = 36;
/** Header of a CDAT, which is no ACPI table. Source: CDAT 1.04, table 1. */
const CDAT_HEADER_BYTES = 16;

/**
 * Opens `bytes` as the table called `signature`; bytes behind the table's own length are left out.
 * Throws `FIRMWARE_BAD_TABLE` and `FIRMWARE_TRUNCATED_TABLE`.
 */
export function openTable(signature: TableSignature, bytes: Uint8Array): AcpiTable {
  const isCdat = signature === 'CDAT';
  const headerBytes = isCdat ? CDAT_HEADER_BYTES : HEADER_BYTES;
  if (bytes.length < headerBytes)
    throw bad(signature, 0, `${bytes.length} bytes are fewer than its header's ${headerBytes}`);
  const found = String.fromCharCode(...bytes.subarray(0, 4));
  if (!isCdat && found !== signature)
    throw bad(signature, 0, `expected the signature ${signature}, got ${JSON.stringify(found)}`);

  const all = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lengthAt = isCdat ? 0 : 4;
  const length = all.getUint32(lengthAt, true);
  if (length < headerBytes)
    throw bad(signature, lengthAt, `length ${length} is less than the header's ${headerBytes}`);
  if (length > bytes.length)
    throw new FirmwareError(
      'FIRMWARE_TRUNCATED_TABLE',
      `${signature} byte ${lengthAt}: the table says it has ${length} bytes, there are ${bytes.length}; give the whole table`,
    );
  return {
    signature,
    view: new DataView(bytes.buffer, bytes.byteOffset, length),
    length,
    revision: bytes[isCdat ? 4 : 8]!,
    checksumGood: byteSum(bytes, length) === 0,
    madeByQemu: !isCdat && String.fromCharCode(...bytes.subarray(10, 16)) === 'BOCHS ',
  };
}

function bad(signature: TableSignature, offset: number, what: string): FirmwareError {
  return new FirmwareError(
    'FIRMWARE_BAD_TABLE',
    `${signature} byte ${offset}: ${what}; give the raw table as in /sys/firmware/acpi/tables`,
  );
}

function byteSum(bytes: Uint8Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += bytes[i]!;
  return sum & 0xff;
}

/** Throws `FIRMWARE_TRUNCATED_TABLE` unless `size` bytes from `offset` are in the table. */
export function requireBytes(table: AcpiTable, offset: number, size: number): void {
  if (offset + size > table.length)
    throw new FirmwareError(
      'FIRMWARE_TRUNCATED_TABLE',
      `${table.signature} byte ${offset}: expected ${size} bytes, the table ends at ${table.length}; what a kernel finds behind it is unknown`,
    );
}

export function readU8(table: AcpiTable, offset: number): number {
  requireBytes(table, offset, 1);
  return table.view.getUint8(offset);
}

export function readU16(table: AcpiTable, offset: number): number {
  requireBytes(table, offset, 2);
  return table.view.getUint16(offset, true);
}

export function readU32(table: AcpiTable, offset: number): number {
  requireBytes(table, offset, 4);
  return table.view.getUint32(offset, true);
}

/** Exact to 2^53; a larger value is rounded, which no address that x86 can have is. */
export function readU64(table: AcpiTable, offset: number): number {
  requireBytes(table, offset, 8);
  return table.view.getUint32(offset, true) + table.view.getUint32(offset + 4, true) * 2 ** 32;
}

/** One structure of a table: where it starts and what its own header says. */
export interface Structure {
  readonly offset: number;
  readonly type: number;
  readonly length: number;
}

export interface StructureWalk {
  readonly structures: readonly Structure[];
  /** Offset of a structure of length 0, where the walk fails; the structure itself is in the list. */
  readonly zeroLengthAt: number | undefined;
}

/**
 * How a table lays out the headers of its structures: bytes of the header, where in it the type and
 * the length are and how wide both are.
 */
export interface StructureLayout {
  readonly start: number;
  readonly headerBytes: number;
  readonly type: (table: AcpiTable, offset: number) => number;
  readonly length: (table: AcpiTable, offset: number) => number;
}

/**
 * The structures of `table` in order, as Linux walks them: a next one is looked at while its header
 * ends strictly before the table does, so a bare header at the very end is not.
 * Source: Linux lib/fw_table.c acpi_parse_entries_array, 6.12.
 */
export function walkStructures(table: AcpiTable, layout: StructureLayout): StructureWalk {
  const structures: Structure[] = [];
  let offset = layout.start;
  while (offset + layout.headerBytes < table.length) {
    const length = layout.length(table, offset);
    structures.push({ offset, type: layout.type(table, offset), length });
    if (length === 0) return { structures, zeroLengthAt: offset };
    offset += length;
  }
  return { structures, zeroLengthAt: undefined };
}

const byteHeader = (start: number): StructureLayout => ({
  start,
  headerBytes: 2,
  type: (table, offset) => table.view.getUint8(offset),
  length: (table, offset) => table.view.getUint8(offset + 1),
});

const wordHeader = (start: number): StructureLayout => ({
  start,
  headerBytes: 4,
  type: (table, offset) => table.view.getUint8(offset),
  length: (table, offset) => table.view.getUint16(offset + 2, true),
});

export const SRAT_LAYOUT: StructureLayout = byteHeader(48);
export const MADT_LAYOUT: StructureLayout = byteHeader(44);
export const CEDT_LAYOUT: StructureLayout = wordHeader(36);
export const CDAT_LAYOUT: StructureLayout = wordHeader(CDAT_HEADER_BYTES);
export const HMAT_LAYOUT: StructureLayout = {
  start: 40,
  headerBytes: 8,
  type: (table, offset) => table.view.getUint16(offset, true),
  length: (table, offset) => table.view.getUint32(offset + 4, true),
};
