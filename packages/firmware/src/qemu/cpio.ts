const BLOCK_BYTES = 4;
const REGULAR_FILE = 0o100644;
const EXECUTABLE_FILE = 0o100755;
const DIRECTORY = 0o040755;
const TRAILER = 'TRAILER!!!';

/** A file of an archive: its path without a leading slash, and what is in it. */
export interface CpioFile {
  readonly path: string;
  readonly content: Uint8Array;
  /** Whether it may be run; not, unless said. */
  readonly executable?: boolean;
}

/**
 * A cpio archive in the `newc` form that Linux unpacks, with the directories that the files need
 * before them. Uncompressed and put before the initramfs, files named `kernel/firmware/acpi/*.aml`
 * replace the firmware's ACPI tables.
 *
 * Source: Linux Documentation/driver-api/early-userspace/buffer-format.rst and
 * Documentation/admin-guide/acpi/initrd_table_override.rst, 6.12.
 */
export function writeCpio(files: readonly CpioFile[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let inode = 1;
  const append = (path: string, mode: number, content: Uint8Array): void => {
    parts.push(entry(path, mode, path === TRAILER ? 0 : inode++, content));
  };
  for (const directory of directoriesOf(files)) append(directory, DIRECTORY, new Uint8Array(0));
  for (const { path, content, executable } of files) {
    append(path, executable === true ? EXECUTABLE_FILE : REGULAR_FILE, content);
  }
  append(TRAILER, 0, new Uint8Array(0));
  return concatenate(parts);
}

function directoriesOf(files: readonly CpioFile[]): readonly string[] {
  const directories = new Set<string>();
  for (const { path } of files) {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      directories.add(path.slice(0, slash));
    }
  }
  return [...directories].sort();
}

/** Header, name and content, the last two padded so that each next part starts at a multiple of 4. */
function entry(path: string, mode: number, inode: number, content: Uint8Array): Uint8Array {
  const name = new TextEncoder().encode(`${path}\0`);
  const links = mode === DIRECTORY ? 2 : 1;
  const fields = [inode, mode, 0, 0, links, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = new TextEncoder().encode(
    `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`,
  );
  const nameEnd = padded(header.length + name.length);
  const bytes = new Uint8Array(padded(nameEnd + content.length));
  bytes.set(header, 0);
  bytes.set(name, header.length);
  bytes.set(content, nameEnd);
  return bytes;
}

const padded = (length: number): number => Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES;

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
