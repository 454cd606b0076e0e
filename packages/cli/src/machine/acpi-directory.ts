import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { MappedRange, TableSignature } from '@tierlab/core';
import { parseMemoryMap, tableOfFile, type AcpiTables } from '@tierlab/firmware/acpi';

import { fileError } from '../files/read-file.ts';

/** Raw tables of a directory, and its memory map where it has one. */
export interface AcpiDirectory {
  readonly tables: AcpiTables;
  readonly memoryMap?: readonly MappedRange[];
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
    const table = tableOfFile(name);
    if (table === 'memmap') {
      memoryMap = parseMemoryMap(new TextDecoder().decode(readSmallFile(join(path, name))));
    } else if (table !== undefined) tables[table] ??= readSmallFile(join(path, name));
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
