import { bytes, type MappedRange } from '@tierlab/core';
import { FirmwareError } from '../errors.ts';

/**
 * Reads a memory map as `/sys/firmware/memmap` has it, one `start end type` a line, hexadecimal,
 * end inclusive; empty lines and `#` comments are skipped. Throws `FIRMWARE_BAD_MEMMAP`.
 */
export function parseMemoryMap(text: string): MappedRange[] {
  const ranges: MappedRange[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const match = /^\s*(?:0x)?([0-9a-f]+)\s+(?:0x)?([0-9a-f]+)\s+(\S.*?)\s*$/i.exec(line);
    const start = Number.parseInt(match?.[1] ?? '', 16);
    const end = Number.parseInt(match?.[2] ?? '', 16);
    if (!match || end < start)
      throw new FirmwareError(
        'FIRMWARE_BAD_MEMMAP',
        `memmap:${i + 1}: expected "start end type" in hexadecimal, such as "0x100000 0x5fffffff System RAM", got ${JSON.stringify(line)}`,
      );
    ranges.push({ base: bytes(start), size: bytes(end - start + 1), kind: kindOf(match[3]!) });
  }
  return ranges;
}

/** Writes what {@link parseMemoryMap} reads. */
export function formatMemoryMap(map: readonly MappedRange[]): string {
  return map.map(formatRange).join('');
}

const formatRange = ({ base, size, kind }: MappedRange): string =>
  `0x${base.toString(16)} 0x${(base + size - 1).toString(16)} ${TYPE_OF[kind]}\n`;

const TYPE_OF: Readonly<Record<MappedRange['kind'], string>> = {
  ram: 'System RAM',
  'soft-reserved': 'Soft Reserved',
  persistent: 'Persistent Memory',
  reserved: 'Reserved',
};

/** Source: Linux arch/x86/kernel/e820.c e820_type_to_string. */
function kindOf(type: string): MappedRange['kind'] {
  const name = type.toLowerCase().replaceAll(/[\s_-]+/g, ' ');
  if (name === 'system ram' || name === 'ram' || name === 'usable') return 'ram';
  if (name.startsWith('soft reserved')) return 'soft-reserved';
  if (name.startsWith('persistent memory')) return 'persistent';
  return 'reserved';
}

/**
 * What a PC of `ramMiB` has at its addresses: RAM but for the 384 KiB under the first MiB. Above
 * 2 GiB the rest lies behind the 4 GiB mark, as QEMU's q35 lays it out.
 * Source: QEMU hw/i386/pc_q35.c pc_q35_init.
 */
export function pcMemoryMap(ramMiB: number): MappedRange[] {
  const MiB = 2 ** 20;
  const lowMiB = ramMiB >= 0xb00 ? 2048 : ramMiB;
  const ranges: MappedRange[] = [
    { base: bytes(0), size: bytes(0x9fc00), kind: 'ram' },
    { base: bytes(MiB), size: bytes((lowMiB - 1) * MiB), kind: 'ram' },
  ];
  if (ramMiB > lowMiB)
    ranges.push({ base: bytes(2 ** 32), size: bytes((ramMiB - lowMiB) * MiB), kind: 'ram' });
  return ranges;
}

interface Change {
  readonly start: number;
  readonly end: number;
  /** Change only ranges of this kind; absent: whatever is there, also nothing. */
  readonly from?: MappedRange['kind'];
  /** Absent: the range goes. */
  readonly to?: MappedRange['kind'];
}

/** The map after `change`, sorted, without overlaps, equal neighbours joined. */
export function changeMap(map: readonly MappedRange[], change: Change): MappedRange[] {
  const pieces: MappedRange[] = [];
  const push = (start: number, end: number, kind: MappedRange['kind']): void => {
    if (end > start) pieces.push({ base: bytes(start), size: bytes(end - start), kind });
  };
  for (const range of map) {
    const start = range.base;
    const end = range.base + range.size;
    const cutStart = Math.max(start, change.start);
    const cutEnd = Math.min(end, change.end);
    const touched = cutStart < cutEnd && (change.from === undefined || change.from === range.kind);
    if (!touched) {
      push(start, end, range.kind);
      continue;
    }
    push(start, cutStart, range.kind);
    if (change.from !== undefined && change.to !== undefined) push(cutStart, cutEnd, change.to);
    push(cutEnd, end, range.kind);
  }
  if (change.from === undefined && change.to !== undefined)
    push(change.start, change.end, change.to);
  return joined(pieces);
}

/** Sorted and joined; where ranges overlap the later one in the list wins. */
export function normaliseMap(map: readonly MappedRange[]): MappedRange[] {
  const sorted = [...map].sort((a, b) => a.base - b.base);
  const apart = sorted.every(
    (range, i) => i === 0 || sorted[i - 1]!.base + sorted[i - 1]!.size <= range.base,
  );
  if (apart) return joined(sorted.filter((range) => range.size > 0));
  let result: MappedRange[] = [];
  for (const range of map)
    result = changeMap(result, {
      start: range.base,
      end: range.base + range.size,
      to: range.kind,
    });
  return result;
}

function joined(pieces: MappedRange[]): MappedRange[] {
  const result: MappedRange[] = [];
  for (const piece of pieces.sort((a, b) => a.base - b.base)) {
    const last = result.at(-1);
    if (last && last.kind === piece.kind && last.base + last.size === piece.base)
      result[result.length - 1] = { ...last, size: bytes(last.size + piece.size) };
    else result.push(piece);
  }
  return result;
}
