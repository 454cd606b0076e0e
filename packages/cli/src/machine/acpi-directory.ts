import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { MappedRange, TableSignature } from '@tierlab/core';
import { parseMemoryMap, type AcpiTables } from '@tierlab/firmware';

import { fileError } from '../files/read-file.ts';

const signatures: ReadonlySet<string> = new Set<TableSignature>([
  'SRAT',
  'SLIT',
  'HMAT',
  'APIC',
  'CEDT',
  'CDAT',
]);

/** Raw tables of a directory, and its memory map where it has one. */
export interface AcpiDirectory {
  readonly tables: AcpiTables;
  readonly memoryMap?: readonly MappedRange[];
}

/** The table that a file name stands for: `SRAT` as in `/sys/firmware/acpi/tables`, `srat.dat` as of `acpixtract`. */
function signatureOf(name: string): TableSignature | undefined {
  const stem = name.replace(/\.(?:dat|bin|aml)$/i, '').toUpperCase();
  return signatures.has(stem) ? (stem as TableSignature) : undefined;
}

/** Whether a directory with these files holds ACPI tables. */
export function holdsAcpiTables(names: readonly string[]): boolean {
  return names.some((name) => signatureOf(name) !== undefined);
}

/**
 * Reads the tables and the memory map of a directory whose files are `names`; other files are none of ours.
 *
 * At once rather than asynchronously: the files are small, and a thousand machines a call are usual.
 */
export function readAcpiDirectory(path: string, names: readonly string[]): AcpiDirectory {
  const tables: Partial<Record<TableSignature, Uint8Array>> = {};
  let memoryMap: readonly MappedRange[] | undefined;
  for (const name of names.toSorted()) {
    const signature = signatureOf(name);
    if (signature !== undefined) tables[signature] ??= readSmallFile(join(path, name));
    else if (name === 'memmap') {
      memoryMap = parseMemoryMap(new TextDecoder().decode(readSmallFile(join(path, name))));
    }
  }
  return { tables, ...(memoryMap !== undefined && { memoryMap }) };
}

function readSmallFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fileError(path, error);
  }
}
