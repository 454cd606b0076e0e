/**
 * Raw ACPI tables from short descriptions, well-formed or not, for tests that ask what a kernel
 * makes of a certain byte. `@tierlab/firmware` encodes whole machines; this writes any nonsense.
 * Layouts: ACPI 6.5, 5.2.12, 5.2.16, 5.2.17, 5.2.27; CXL 3.1, 9.18.1.3; CDAT 1.04.
 */

const MIB = 2 ** 20;

/** Little-endian fields after one another: `[bytes, value]`. */
export function pack(...fields: readonly (readonly [1 | 2 | 4 | 8, number])[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((total, [width]) => total + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 1) view.setUint8(at, value);
    else if (width === 2) view.setUint16(at, value, true);
    else if (width === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += width;
  }
  return bytes;
}

const join = (parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** A table with a good header: `body` is what comes after its 36 bytes. */
export function table(signature: string, revision: number, body: Uint8Array): Uint8Array {
  const header = join([
    Uint8Array.from(Buffer.from(signature)),
    pack([4, 36 + body.length], [1, revision], [1, 0]),
    Uint8Array.from(Buffer.from('TIERS LABTABLE')),
    pack([4, 1], [4, 0], [4, 1]),
  ]);
  const bytes = join([header, body]);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes[9] = (256 - (sum % 256)) % 256;
  return bytes;
}

export interface EntryOptions {
  readonly enabled?: boolean;
  /** Length to write instead of the right one; the bytes stay. */
  readonly length?: number;
}

const flagOf = ({ enabled = true }: EntryOptions): number => Number(enabled);

/** SRAT type 0. */
export const cpu = (domain: number, apicId: number, options: EntryOptions = {}): Uint8Array =>
  pack(
    ...([
      [1, 0],
      [1, options.length ?? 16],
      [1, domain & 0xff],
      [1, apicId],
      [4, flagOf(options)],
      [1, 0],
      [1, (domain >> 8) & 0xff],
      [2, domain >> 16],
      [4, 0],
    ] as const),
  );

export interface MemoryOptions extends EntryOptions {
  readonly hotPluggable?: boolean;
}

/** SRAT type 1, addresses in MiB. */
export const memory = (
  domain: number,
  baseMiB: number,
  sizeMiB: number,
  options: MemoryOptions = {},
): Uint8Array =>
  pack(
    ...([
      [1, 1],
      [1, options.length ?? 40],
      [4, domain],
      [2, 0],
      [8, baseMiB * MIB],
      [8, sizeMiB * MIB],
      [4, 0],
      [4, flagOf(options) | (options.hotPluggable ? 2 : 0)],
      [8, 0],
    ] as const),
  );

/** SRAT types 5 (generic initiator, PCI handle) and 6 (generic port, ACPI handle). */
const generic = (type: 5 | 6, domain: number, acpiUid: number, options: EntryOptions): Uint8Array =>
  pack(
    ...([
      [1, type],
      [1, options.length ?? 32],
      [1, 0],
      [1, type === 5 ? 1 : 0],
      [4, domain],
      [8, 0x3130_3043_5041],
      [4, acpiUid],
      [4, 0],
      [4, flagOf(options)],
      [4, 0],
    ] as const),
  );

export const genericInitiator = (domain: number, options: EntryOptions = {}): Uint8Array =>
  generic(5, domain, 0, options);
export const genericPort = (domain: number, acpiUid: number): Uint8Array =>
  generic(6, domain, acpiUid, {});

export const srat = (entries: readonly Uint8Array[], revision = 3): Uint8Array =>
  table('SRAT', revision, join([pack([4, 1], [8, 0]), ...entries]));

export const slit = (rows: readonly (readonly number[])[]): Uint8Array =>
  table('SLIT', 1, join([pack([8, rows.length]), ...rows.map((row) => Uint8Array.from(row))]));

/** A MADT with one enabled local APIC an id. */
export const madt = (apicIds: readonly number[]): Uint8Array =>
  table(
    'APIC',
    1,
    join([
      pack([4, 0xfee00000], [4, 1]),
      ...apicIds.map((id) => pack([1, 0], [1, 8], [1, id], [1, id], [4, 1])),
    ]),
  );

/** HMAT type 0: `initiator` is attached to `memoryDomain`. */
export const attach = (memoryDomain: number, initiator: number): Uint8Array =>
  pack(
    ...([
      [2, 0],
      [2, 0],
      [4, 40],
      [2, 3],
      [2, 0],
      [4, initiator],
      [4, memoryDomain],
      [4, 0],
      [8, 0],
      [8, 0],
    ] as const),
  );

/** HMAT data types by name. */
export const DATA_TYPE = {
  accessLatency: 0,
  readLatency: 1,
  writeLatency: 2,
  accessBandwidth: 3,
  readBandwidth: 4,
  writeBandwidth: 5,
} as const;

export interface MatrixOptions {
  /** ps or MB/s; by default 1 ns and 100 MB/s. */
  readonly base?: number;
  /** Low nibble: hierarchy; 0x10 and 0x20: the flags that Linux does not look at. */
  readonly flags?: number;
}

/** HMAT type 1: rows are initiators, columns targets, both by domain. */
export function matrix(
  type: keyof typeof DATA_TYPE,
  initiators: readonly number[],
  targets: readonly number[],
  rows: readonly (readonly number[])[],
  options: MatrixOptions = {},
): Uint8Array {
  const base = options.base ?? (type.endsWith('Latency') ? 1000 : 100);
  const entries = rows.flat();
  const length = 32 + 4 * initiators.length + 4 * targets.length + 2 * entries.length;
  return join([
    pack([2, 1], [2, 0], [4, length], [1, options.flags ?? 0], [1, DATA_TYPE[type]]),
    pack([1, 0], [1, 0], [4, initiators.length], [4, targets.length], [4, 0], [8, base]),
    ...[...initiators, ...targets].map((domain) => pack([4, domain])),
    ...entries.map((entry) => pack([2, entry])),
  ]);
}

/** HMAT type 2, a direct-mapped write-back cache of level 1 with lines of 64 bytes. */
export const cache = (memoryDomain: number, sizeMiB: number): Uint8Array =>
  pack(
    [2, 2],
    [2, 0],
    [4, 32],
    [4, memoryDomain],
    [4, 0],
    [8, sizeMiB * MIB],
    [4, 0x00401111],
    [4, 0],
  );

export const hmat = (structures: readonly Uint8Array[], revision = 2): Uint8Array =>
  table('HMAT', revision, join([pack([4, 0]), ...structures]));

/** A CEDT with one window over one host bridge. */
export const cedt = (baseMiB: number, sizeMiB: number, hostBridge: number): Uint8Array =>
  table(
    'CEDT',
    1,
    join([
      pack([1, 1], [1, 0], [2, 40], [4, 0], [8, baseMiB * MIB], [8, sizeMiB * MIB]),
      pack([1, 0], [1, 0], [2, 0], [4, 0], [2, 15], [2, 0], [4, hostBridge]),
    ]),
  );

/** The CDAT of a device with one range, latencies in ns, bandwidths in units of 100 MB/s. */
export function cdat(latency: number, bandwidth: number): Uint8Array {
  const figure = (type: number, base: number, entry: number): Uint8Array =>
    pack(
      [1, 1],
      [1, 0],
      [2, 24],
      [1, 0],
      [1, 0],
      [1, type],
      [1, 0],
      [8, base],
      [2, entry],
      [4, 0],
      [2, 0],
    );
  const structures = [
    pack([1, 0], [1, 0], [2, 24], [1, 0], [1, 0], [2, 0], [8, 0], [8, 256 * MIB]),
    figure(DATA_TYPE.accessLatency, 1000, latency),
    figure(DATA_TYPE.accessBandwidth, 100, bandwidth),
  ];
  const length = 16 + structures.reduce((total, structure) => total + structure.length, 0);
  const bytes = join([pack([4, length], [1, 2], [1, 0], [4, 0], [2, 0], [4, 1]), ...structures]);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes[5] = (256 - (sum % 256)) % 256;
  return bytes;
}
