import type { TableSignature } from '@tierlab/core';

import { SIGNATURES, tableOfFile } from './acpi/table-file.ts';
import { looksLikeAcpidump } from './acpi/acpidump.ts';
import { compressionOf } from './archive/decompress.ts';
import { looksLikeTar } from './archive/tar.ts';
import { FirmwareError } from './errors.ts';

/** A form in which a machine is given. */
export type MachineForm =
  /** A directory of raw ACPI tables, as `/sys/firmware/acpi/tables`. */
  | 'acpi-directory'
  /** A copy of `/sys`, or of a part of it that has the nodes. */
  | 'sysfs-directory'
  /** The same in a tar archive, plain, gzip or bzip2. */
  | 'sysfs-archive'
  /** The text that `acpidump` prints. */
  | 'acpidump'
  /** What `lstopo --of xml` writes. */
  | 'hwloc-xml'
  /** YAML or JSON. */
  | 'machine-file';

const EXPECTED =
  'expected a directory of ACPI tables (SRAT, SLIT, HMAT ...), the text of acpidump, a copy of /sys or a tar of it, ' +
  'hwloc XML, or a machine file in YAML or JSON';

/**
 * The form of the machine called `name`, by the names in a directory or the first bytes of a file
 * (4 KiB are enough). Throws FIRMWARE_UNKNOWN_INPUT.
 */
export function detectMachineForm(
  name: string,
  content: readonly string[] | Uint8Array,
): MachineForm {
  return content instanceof Uint8Array ? formOfFile(name, content) : formOfDirectory(name, content);
}

function unknown(name: string, found: string, advice = EXPECTED): FirmwareError {
  return new FirmwareError('FIRMWARE_UNKNOWN_INPUT', `${name}: ${found}; ${advice}`);
}

const isTable = (name: string): boolean => SIGNATURES.includes(tableOfFile(name) as TableSignature);
const isSysfs = (name: string): boolean =>
  name === 'sys' || name === 'devices' || /^node\d+$/.test(name);

function formOfDirectory(name: string, names: readonly string[]): MachineForm {
  if (names.some(isTable)) return 'acpi-directory';
  // A snapshot is often one directory with `sys` in it; more can only be seen by going there.
  if (names.some(isSysfs) || names.length === 1) return 'sysfs-directory';
  if (names.length === 0) throw unknown(name, 'the directory is empty');
  throw unknown(name, `a directory with ${names.toSorted().slice(0, 3).join(', ')}`);
}

function formOfFile(name: string, head: Uint8Array): MachineForm {
  if (head.length === 0) throw unknown(name, 'the file is empty');
  if (compressionOf(head) !== 'none' || looksLikeTar(head)) return 'sysfs-archive';
  const text = new TextDecoder().decode(head).replace(/^\uFEFF/, '');
  if (looksLikeAcpidump(text)) return 'acpidump';
  const signature = text.slice(0, 4);
  if (SIGNATURES.includes(signature as TableSignature)) {
    throw unknown(
      name,
      `one ACPI table, ${signature}`,
      'give the directory that has the others too',
    );
  }
  // eslint-disable-next-line no-control-regex -- control characters are what makes a file no text
  if (/[\u0000-\u0008\u000e-\u001f]/.test(text)) throw unknown(name, 'a binary file');
  if (/^\s*</.test(text)) {
    if (/<topology[\s>]/.test(text) || /<!DOCTYPE topology/.test(text)) return 'hwloc-xml';
    throw unknown(name, 'XML that is not of hwloc');
  }
  if (
    /\.(?:ya?ml|json)$/i.test(name) ||
    /^\s*\{/.test(text) ||
    /^["']?nodes["']?\s*:/m.test(text)
  ) {
    return 'machine-file';
  }
  throw unknown(name, `text that begins with ${JSON.stringify(text.trim().slice(0, 20))}`);
}
