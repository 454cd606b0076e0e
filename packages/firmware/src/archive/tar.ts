import { FirmwareError } from '../errors.ts';

/** A file, directory or symbolic link of an archive; `path` has no leading `./` and no trailing slash. */
export interface TarEntry {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'link';
  readonly content: Uint8Array;
  /** Where a link points to, as written. */
  readonly target: string;
}

const BLOCK_BYTES = 512;
const latin = new TextDecoder('latin1');
const utf8 = new TextDecoder();

/**
 * The entries of a tar archive in order: ustar, GNU long names and pax paths.
 *
 * Throws FIRMWARE_BAD_ARCHIVE for a header whose checksum is wrong and for content that ends early.
 * Source: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual,
 * "Basic Tar Format" (types L and K, base-256 sizes).
 */
export function* readTar(bytes: Uint8Array): Generator<TarEntry> {
  let longPath: string | undefined;
  let longTarget: string | undefined;
  for (let offset = 0; offset + BLOCK_BYTES <= bytes.length;) {
    const header = bytes.subarray(offset, offset + BLOCK_BYTES);
    if (header.every((byte) => byte === 0)) return;
    verifyChecksum(header, offset);
    const sizeBytes = number(header, 124, 12);
    const contentAt = offset + BLOCK_BYTES;
    if (contentAt + sizeBytes > bytes.length) {
      throw invalid(`archive ends at byte ${bytes.length}, inside the entry at byte ${offset}`);
    }
    const content = bytes.subarray(contentAt, contentAt + sizeBytes);
    offset = contentAt + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;

    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'L') longPath = untilNul(utf8.decode(content));
    else if (type === 'K') longTarget = untilNul(utf8.decode(content));
    else if (type === 'x') {
      const fields = paxFields(content);
      longPath = fields.get('path') ?? longPath;
      longTarget = fields.get('linkpath') ?? longTarget;
    } else if (type !== 'g') {
      yield {
        path: normalise(longPath ?? pathOf(header)),
        kind: type === '5' ? 'directory' : type === '1' || type === '2' ? 'link' : 'file',
        content,
        target: longTarget ?? text(header, 157, 100),
      };
      longPath = undefined;
      longTarget = undefined;
    }
  }
}

/** Whether `bytes` begin with a tar header: its checksum is right. */
export function looksLikeTar(bytes: Uint8Array): boolean {
  const header = bytes.subarray(0, BLOCK_BYTES);
  return (
    header.length === BLOCK_BYTES && header[0] !== 0 && checksum(header) === number(header, 148, 8)
  );
}

function pathOf(header: Uint8Array): string {
  const name = text(header, 0, 100);
  const prefix = text(header, 257, 6) === 'ustar' ? text(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

const normalise = (path: string): string =>
  path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');

/** `LENGTH KEY=VALUE\n` records; the length counts itself. */
function paxFields(content: Uint8Array): Map<string, string> {
  const fields = new Map<string, string>();
  for (let offset = 0; offset < content.length;) {
    const space = content.indexOf(0x20, offset);
    const length = space === -1 ? 0 : Number(latin.decode(content.subarray(offset, space)));
    if (!Number.isInteger(length) || length <= 0) break;
    const record = utf8.decode(content.subarray(space + 1, offset + length - 1));
    const equals = record.indexOf('=');
    fields.set(record.slice(0, equals), record.slice(equals + 1));
    offset += length;
  }
  return fields;
}

function verifyChecksum(header: Uint8Array, offset: number): void {
  if (checksum(header) !== number(header, 148, 8)) {
    throw invalid(`no tar header at byte ${offset}; expected a tar archive, plain, gzip or bzip2`);
  }
}

/** The sum of the header's bytes with its own field read as blanks. */
function checksum(header: Uint8Array): number {
  let sum = 0;
  for (const [i, byte] of header.entries()) sum += i >= 148 && i < 156 ? 0x20 : byte;
  return sum;
}

/** Octal digits, or GNU's base 256 where the top bit is set. */
function number(header: Uint8Array, start: number, length: number): number {
  const first = header[start] ?? 0;
  if ((first & 0x80) === 0) return Number.parseInt(text(header, start, length).trim() || '0', 8);
  let value = first & 0x7f;
  for (let i = start + 1; i < start + length; i++) value = value * 256 + (header[i] ?? 0);
  return value;
}

const text = (header: Uint8Array, start: number, length: number): string =>
  untilNul(latin.decode(header.subarray(start, start + length)));

function untilNul(value: string): string {
  const nul = value.indexOf('\0');
  return nul === -1 ? value : value.slice(0, nul);
}

const invalid = (message: string): FirmwareError =>
  new FirmwareError('FIRMWARE_BAD_ARCHIVE', message);
