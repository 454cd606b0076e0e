import { InputError } from '@tierlab/core';

/** What can be wrong with a machine that somebody gave; stable, documented in `docs/machines.md`. */
export type FirmwareErrorCode =
  /** Bytes that are no ACPI table: shorter than a header, another signature, a length that cannot be. */
  | 'FIRMWARE_BAD_TABLE'
  /** A table, or a structure in it, that goes on past the bytes that are there. */
  | 'FIRMWARE_TRUNCATED_TABLE'
  /** A memory map that is not `start end type` a line. */
  | 'FIRMWARE_BAD_MEMMAP'
  /** A kernel boot option that is not understood, or has no effect here. */
  | 'FIRMWARE_BAD_BOOT_OPTION'
  /** Not a size, a time or a bandwidth, or one without its unit. */
  | 'FIRMWARE_BAD_QUANTITY'
  /** Not YAML or JSON at all. */
  | 'FIRMWARE_BAD_SYNTAX'
  /** YAML or JSON, but not a machine. */
  | 'FIRMWARE_BAD_MACHINE_FILE'
  /** A what-if names a node, a field or a value that the machine cannot take. */
  | 'FIRMWARE_BAD_SETTING'
  /** An archive that ends early, or is no archive. */
  | 'FIRMWARE_BAD_ARCHIVE'
  /** A sysfs snapshot without NUMA nodes, or with a file that the kernel would not write. */
  | 'FIRMWARE_BAD_SYSFS'
  /** XML that hwloc did not write, or without NUMA nodes. */
  | 'FIRMWARE_BAD_HWLOC'
  /** A file or directory in which no form of machine can be recognised. */
  | 'FIRMWARE_UNKNOWN_INPUT'
  /** A machine for which a machine file has no words. */
  | 'FIRMWARE_CANNOT_WRITE'
  /** A machine that ACPI tables cannot carry. */
  | 'FIRMWARE_CANNOT_ENCODE'
  /** A machine that QEMU's command line cannot carry; its tables can. */
  | 'FIRMWARE_CANNOT_QEMU'
  /** No machine of that name in the catalogue. */
  | 'FIRMWARE_UNKNOWN_MACHINE';

/** Bad input to this room; `code` says which kind, the message where and what to do. */
export class FirmwareError extends InputError<FirmwareErrorCode> {
  override readonly name: string = 'FirmwareError';
}
