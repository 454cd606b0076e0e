import type { TableSignature } from '@tierlab/core';

import { FirmwareError } from '../errors.ts';
import type { AcpiTables } from './decode.ts';

const TABLE_HEAD = /^([A-Z0-9_]{4}) @ 0x[0-9A-Fa-f]+\s*$/;
const HEX_LINE = /^\s+([0-9A-Fa-f]+):((?:\s[0-9A-Fa-f]{2}){1,16})(?:\s|$)/;

const wanted: ReadonlySet<string> = new Set<TableSignature>([
  'SRAT',
  'SLIT',
  'HMAT',
  'APIC',
  'CEDT',
]);

/** Whether a text begins like what `acpidump` prints. */
export function looksLikeAcpidump(text: string): boolean {
  return TABLE_HEAD.test(text.trimStart().split(/\r?\n/, 1)[0] ?? '');
}

/**
 * The tables that matter here, from the text that `acpidump` prints (`acpidump > dump.txt`).
 *
 * Other tables are passed over; of two with one signature the first counts, as in the kernel.
 * `source` names the text in errors: `FIRMWARE_BAD_TABLE` for a line that is no hex dump or not at the
 * offset it says, and where no table is there that says anything of memory.
 *
 * Source: ACPICA source/tools/acpidump/apdump.c ApDumpTableBuffer, 20230331.
 */
export function parseAcpidump(text: string, source: string): AcpiTables {
  const tables: Partial<Record<TableSignature, Uint8Array>> = {};
  let signature: string | undefined;
  let dumped: number[] = [];
  const endTable = (): void => {
    if (signature !== undefined && wanted.has(signature)) {
      tables[signature as TableSignature] ??= Uint8Array.from(dumped);
    }
    signature = undefined;
    dumped = [];
  };
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const head = TABLE_HEAD.exec(line)?.[1];
    if (head !== undefined) {
      endTable();
      signature = head;
    } else if (line.trim() !== '') {
      const [, offset = '', pairs = ''] = HEX_LINE.exec(line) ?? [];
      if (signature === undefined || Number.parseInt(offset, 16) !== dumped.length) {
        throw new FirmwareError(
          'FIRMWARE_BAD_TABLE',
          `${source}:${i + 1}: expected ${signature === undefined ? 'the head of a table, as "SRAT @ 0x0000000000000000"' : `the hex dump of ${signature} from offset ${dumped.length.toString(16).padStart(4, '0')}`}, got ${JSON.stringify(line.slice(0, 60))}; give the text as acpidump printed it, unchanged`,
        );
      }
      for (const pair of pairs.trim().split(/\s/)) dumped.push(Number.parseInt(pair, 16));
    }
  }
  endTable();
  if (Object.keys(tables).length === 0) {
    throw new FirmwareError(
      'FIRMWARE_BAD_TABLE',
      `${source}: expected at least one of the tables ${[...wanted].join(', ')}, found none; dump all tables, as with: acpidump > dump.txt`,
    );
  }
  return tables;
}
