import type { AcpiTables } from '@tierlab/firmware';

/** A machine's tables after mutation, and how much was changed. */
export interface MutatedTables {
  readonly tables: AcpiTables;
  readonly mutatedTables: number;
  /** Bytes written, cut off or put in. */
  readonly mutatedBytes: number;
}

/** Values that lengths, counts and domains break on. */
const EDGES = [0, 1, 2, 7, 8, 16, 31, 32, 36, 39, 40, 41, 127, 128, 254, 255];
const WIDE_EDGES = [0, 1, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];

/**
 * One or all of a machine's tables, mutated: bytes flipped or set to edges, fields set to wide edges,
 * runs cut out, doubled or filled with noise, tails cut off, another machine's bytes spliced in. The
 * header's length mostly follows the new size, so that most mutants get past it.
 */
export function mutateTables(
  seed: AcpiTables,
  other: AcpiTables,
  random: () => number,
): MutatedTables {
  const signatures = Object.keys(seed) as (keyof AcpiTables)[];
  const all = random() < 0.5;
  const chosen = pick(signatures, random);
  const tables: Record<string, Uint8Array> = {};
  let mutatedTables = 0;
  let mutatedBytes = 0;
  for (const signature of signatures) {
    let bytes = Uint8Array.from(seed[signature]!);
    if (all || signature === chosen) {
      mutatedTables++;
      const donor = other[signature] ?? pick(Object.values(other), random);
      for (let rounds = 1 + Math.floor(random() * 4); rounds > 0; rounds--) {
        const result = mutate(bytes, donor, random);
        bytes = result.bytes;
        mutatedBytes += result.count;
      }
      if (random() < 0.95) writeLength(bytes, signature === 'CDAT' ? 0 : 4);
    }
    tables[signature] = bytes;
  }
  return { tables, mutatedTables, mutatedBytes };
}

interface Mutation {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly count: number;
}

const pick = <T>(list: readonly T[], random: () => number): T =>
  list[Math.floor(random() * list.length)];

function writeLength(bytes: Uint8Array, at: number): void {
  if (bytes.length < at + 4) return;
  new DataView(bytes.buffer).setUint32(at, bytes.length, true);
}

function mutate(bytes: Uint8Array<ArrayBuffer>, donor: Uint8Array, random: () => number): Mutation {
  const at = Math.floor(random() * bytes.length);
  const run = Math.min(1 + Math.floor(random() * 40), bytes.length - at);
  switch (Math.floor(random() * 8)) {
    case 0:
      bytes[at] ^= 1 << Math.floor(random() * 8);
      return { bytes, count: 1 };
    case 1:
      bytes[at] = pick(EDGES, random);
      return { bytes, count: 1 };
    case 2:
      if (at + 4 > bytes.length) return { bytes, count: 0 };
      new DataView(bytes.buffer).setUint32(at, pick(WIDE_EDGES, random), true);
      return { bytes, count: 4 };
    case 3:
      for (let i = at; i < at + run; i++) bytes[i] = Math.floor(random() * 256);
      return { bytes, count: run };
    case 4:
      return { bytes: splice(bytes, at, run, new Uint8Array(0)), count: run };
    case 5:
      return { bytes: splice(bytes, at, 0, bytes.slice(at, at + run)), count: run };
    case 6: {
      const from = Math.floor(random() * donor.length);
      const piece = donor.subarray(from, from + run);
      return { bytes: splice(bytes, at, piece.length, piece), count: piece.length };
    }
    default:
      return { bytes: bytes.slice(0, at), count: bytes.length - at };
  }
}

function splice(
  bytes: Uint8Array,
  at: number,
  remove: number,
  insert: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(Math.max(at, bytes.length - remove) + insert.length);
  result.set(bytes.subarray(0, at));
  result.set(insert, at);
  result.set(bytes.subarray(at + remove), at + insert.length);
  return result;
}
