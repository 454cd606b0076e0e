import { LOCAL_DISTANCE } from '@tierlab/core';
import { readU64, requireBytes, type AcpiTable } from './table.ts';

/** A SLIT: `distance(from, to)` by proximity domain, for domains below `localities`. */
export interface Slit {
  readonly localities: number;
  readonly distance: (from: number, to: number) => number;
  /** Why Linux takes no distance of the table, if it does not; the check knows no nodes, only the table. */
  readonly invalid: { readonly offset: number; readonly reason: string } | undefined;
}

const MATRIX_AT = 44;

/**
 * Reads a SLIT and judges it as a whole: one diagonal entry that is not 10, or another that is not
 * above 10, spoils the table even where no node uses it.
 * Throws `FIRMWARE_TRUNCATED_TABLE`. Source: Linux drivers/acpi/numa/srat.c slit_valid.
 */
export function parseSlit(table: AcpiTable): Slit {
  const localities = readU64(table, 36);
  requireBytes(table, MATRIX_AT, localities * localities);
  const distance = (from: number, to: number): number =>
    table.view.getUint8(MATRIX_AT + from * localities + to);
  return { localities, distance, invalid: findInvalid(localities, distance) };
}

function findInvalid(localities: number, distance: Slit['distance']): Slit['invalid'] {
  for (let from = 0; from < localities; from++) {
    for (let to = 0; to < localities; to++) {
      const value = distance(from, to);
      if (from === to ? value === LOCAL_DISTANCE : value > LOCAL_DISTANCE) continue;
      const wanted = from === to ? '10' : 'more than 10';
      return {
        offset: MATRIX_AT + from * localities + to,
        reason: `distance ${from} to ${to} is ${value}, not ${wanted}: the whole table is not used`,
      };
    }
  }
  return undefined;
}
