import { BLOCK_ACCESSES } from '../block.ts';
import { appendAddress, type Columns } from '../columns.ts';
import { TraceError } from '../errors.ts';
import type { Scan } from '../scan.ts';
import type { Head, TraceContent } from '../source.ts';
import type { FormatOptions, TraceFormat } from './format.ts';
import {
  headRecords,
  holdsRecords,
  isCanonical,
  type RecordTally,
  recordTrace,
  refuseRecord,
} from './parts/record-trace.ts';

/**
 * ChampSim instruction traces: little-endian structs, one an instruction, with the addresses that it
 * loads and then stores; 0 is an unused slot. 64 bytes, or 96 in the CloudSuite variant.
 *
 * Source: ChampSim inc/trace_instruction.h, input_instr and cloudsuite_instr.
 */
export const champsim: TraceFormat = {
  name: 'champsim',
  summary: 'ChampSim instruction traces of 64 or 96 bytes a record',
  options: [
    {
      name: 'variant',
      value: '64|96',
      summary: 'bytes of a record; told from the content otherwise',
    },
  ],
  score: (head) => (variantOf(head) === undefined ? 0 : 60),
  open(content, options) {
    const variant = chooseVariant(content, options);
    return recordTrace(content, options, {
      declaration: {
        format: 'champsim',
        level: 'cpu',
        addressSpace: 'virtual',
        clock: 'instructions',
        pageShift: 12,
        threads: false,
        writes: true,
      },
      size: variant.size,
      columns: { time: true, line: true },
      createScan: (columns, tally) => createScan(variant, columns, tally),
    });
  },
};

/** Where the addresses of a record are, in words of 32 bits. */
interface Variant {
  readonly size: number;
  readonly loads: number;
  readonly loadCount: number;
  readonly stores: number;
  readonly storeCount: number;
}

const VARIANTS: readonly Variant[] = [
  { size: 64, loads: 8, loadCount: 4, stores: 4, storeCount: 2 },
  { size: 96, loads: 14, loadCount: 4, stores: 6, storeCount: 4 },
];

function chooseVariant(content: TraceContent, options: FormatOptions): Variant {
  const wanted = options.values['variant'];
  const variant =
    wanted === undefined
      ? (variantOf(content.head) ?? VARIANTS[0])
      : VARIANTS.find(({ size }) => String(size) === wanted);
  if (variant !== undefined) return variant;
  throw new TraceError('TRACE_BAD_OPTION', `${content.name}: --variant ${wanted}: one of 64, 96`);
}

// Both flags are 0 or 1 in every record, only branches are taken, addresses are canonical, and there are some.
function variantOf(head: Head): Variant | undefined {
  return VARIANTS.find((variant) => {
    if (!holdsRecords(head, variant.size)) return false;
    const records = headRecords(head, variant.size);
    const hasAddresses = records.some((record) =>
      slots(variant).some((at) => record.getBigUint64(at, true) !== 0n),
    );
    return (
      hasAddresses &&
      records.every(
        (record) =>
          record.getUint8(9) <= record.getUint8(8) &&
          record.getUint8(8) <= 1 &&
          record.getBigUint64(0, true) !== 0n &&
          [0, ...slots(variant)].every((at) => isCanonical(record.getUint16(at + 6, true))),
      )
    );
  });
}

function slots({ loads, loadCount, stores, storeCount }: Variant): number[] {
  return [
    ...Array.from({ length: loadCount }, (_, i) => (loads + 2 * i) * 4),
    ...Array.from({ length: storeCount }, (_, i) => (stores + 2 * i) * 4),
  ];
}

function createScan(variant: Variant, columns: Columns, tally: RecordTally): Scan {
  const { size, loads, loadCount, stores, storeCount } = variant;
  const room = BLOCK_ACCESSES - loadCount - storeCount;
  let instructions = 0;
  return (words, from, to) => {
    let at = from;
    for (; at < to && columns.length <= room; at += size / 4, tally.offset += size) {
      instructions++;
      const flags = words[at + 2] & 0xffff;
      if (flags > 0x0101 || (flags & 255) > 1) {
        refuseRecord(tally, 'branch flags of 0 or 1', `0x${flags.toString(16)}`);
        continue;
      }
      appendSlots(columns, words, at + loads, loadCount, 0, instructions);
      appendSlots(columns, words, at + stores, storeCount, 1, instructions);
    }
    return at;
  };
}

function appendSlots(
  columns: Columns,
  words: Int32Array,
  first: number,
  count: number,
  write: number,
  time: number,
): void {
  for (let at = first; at < first + 2 * count; at += 2)
    if ((words[at] | words[at + 1]) !== 0)
      appendAddress(columns, words[at], words[at + 1], write, time);
}
