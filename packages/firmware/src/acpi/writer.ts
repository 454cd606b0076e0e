/** What a table's header says of its maker; Linux looks at none of it but where tables are replaced. */
const OEM_ID = 'TIERLB';
/**
 * A table from the initrd replaces one of the firmware's only if this and the OEM id are the same in
 * both and its OEM revision is higher; otherwise it is added, and the firmware's is found first.
 * Source: Linux drivers/acpi/tables.c acpi_table_initrd_override, 6.12.
 */
const OEM_TABLE_ID = 'BXPC    ';
const OEM_REVISION = 2;
const CREATOR_ID = 'TLAB';
const CREATOR_REVISION = 1;

const LENGTH_AT = 4;
const CHECKSUM_AT = 9;

/** Little-endian bytes, one after another. */
export class ByteWriter {
  private readonly bytes: number[] = [];

  get length(): number {
    return this.bytes.length;
  }

  /** Appends `value` in `width` bytes; exact to 2^53. */
  unsigned(width: 1 | 2 | 4 | 8, value: number): this {
    let rest = value;
    for (let i = 0; i < width; i++) {
      this.bytes.push(rest % 256);
      rest = Math.floor(rest / 256);
    }
    return this;
  }
  u8(value: number): this {
    return this.unsigned(1, value);
  }
  u16(value: number): this {
    return this.unsigned(2, value);
  }
  u32(value: number): this {
    return this.unsigned(4, value);
  }
  u64(value: number): this {
    return this.unsigned(8, value);
  }
  zeros(count: number): this {
    for (let i = 0; i < count; i++) this.bytes.push(0);
    return this;
  }
  /** Appends the characters of `text`, one byte each. */
  ascii(text: string): this {
    for (const character of text) this.bytes.push(character.charCodeAt(0));
    return this;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.bytes);
  }
}

/**
 * An ACPI table: the common header, `body`, and a checksum that makes all bytes sum to 0.
 * Source: ACPI 6.5, 5.2.6.
 */
export function acpiTable(
  signature: string,
  revision: number,
  body: (writer: ByteWriter) => void,
): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter().ascii(signature).u32(0).u8(revision).u8(0);
  writer
    .ascii(OEM_ID)
    .ascii(OEM_TABLE_ID)
    .u32(OEM_REVISION)
    .ascii(CREATOR_ID)
    .u32(CREATOR_REVISION);
  body(writer);
  const table = writer.toBytes();
  new DataView(table.buffer).setUint32(LENGTH_AT, table.length, true);
  return withChecksum(table, CHECKSUM_AT);
}

/** `table` with the byte at `offset` set so that all bytes sum to 0 modulo 256. */
export function withChecksum(
  table: Uint8Array<ArrayBuffer>,
  offset: number,
): Uint8Array<ArrayBuffer> {
  table[offset] = 0;
  table[offset] = (256 - (table.reduce((sum, byte) => sum + byte, 0) % 256)) % 256;
  return table;
}
