/**
 * ACPI tables to a machine. A module of its own: it is all that most calls of the command line need,
 * and starting is most of what they cost.
 */
export { decodeAcpi, type AcpiOptions, type AcpiTables } from './acpi/decode.ts';
export { parseMemoryMap } from './acpi/memory-map.ts';
export { tableOfFile } from './acpi/table-file.ts';
