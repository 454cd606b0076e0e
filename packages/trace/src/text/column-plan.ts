import type { TextLayout } from './layout.ts';
import { CODE, type LayoutTables } from './scan-columns.ts';
import { tokenClass } from './tokens.ts';

// Where the tables of a plan are behind its fields: as in assembly/scan-columns.ts.
const KINDS = 40;
const KINDS_MAX = 16;
const CLASSES = 56;
const LETTERS = 312;
const WORDS = 568;
const WORD_SLOTS = 128;
const WORD_BYTES_MAX = 8;
const PLAN_BYTES: number = WORDS + WORD_SLOTS * 16;
const DELIMITERS_MAX = 3;

const COMMENT = 8;
const UNKNOWN = 255;
const WORD_HASH = 0x9e3779b1;

/**
 * `layout` as the kernel reads it, or nothing where the kernel cannot: more than 16 columns, more than three
 * delimiters, one of them no ASCII, or words that it could take for others.
 */
export function encodePlan(layout: TextLayout, tables: LayoutTables): Uint8Array | undefined {
  const delimiters = [...new Set(Buffer.from(layout.delimiters, 'latin1'))].filter(
    (byte) => byte > 32,
  );
  const words = [...layout.readTokens, ...layout.writeTokens, ...layout.fetchTokens].map((word) =>
    Buffer.from(word, 'latin1'),
  );
  const isLong = words.some((word) => word.length > WORD_BYTES_MAX);
  if (
    layout.columns.length > KINDS_MAX ||
    delimiters.length > DELIMITERS_MAX ||
    delimiters.some((byte) => byte > 127) ||
    words.length > WORD_SLOTS / 2 ||
    (isLong && layout.otherWordsFetch)
  )
    return undefined;

  const plan = new Uint8Array(PLAN_BYTES);
  const view = new DataView(plan.buffer);
  view.setFloat64(0, layout.timeScale, true);
  view.setUint32(8, layout.columns.length, true);
  view.setUint32(12, layout.radix === '16' ? 1 : 0, true);
  view.setUint32(16, Math.log2(layout.addressUnit), true);
  view.setUint32(20, layout.clock === 'instr' ? 1 : 0, true);
  view.setUint32(24, layout.moreColumns ? 1 : 0, true);
  view.setUint32(28, layout.otherWordsFetch ? 1 : 0, true);
  view.setUint32(32, layout.objects ? 1 : 0, true);
  // A blank, which ends a column anyway, where there are fewer than three.
  for (let i = 0; i < DELIMITERS_MAX; i++) plan[36 + i] = delimiters[i] ?? 32;
  plan.set(
    layout.columns.map((kind) => CODE[kind]),
    KINDS,
  );
  plan.set(tables.separators, CLASSES);
  for (const comment of layout.comments) plan[CLASSES + comment.charCodeAt(0)] |= COMMENT;
  encodeWords(words, tables, plan, view);
  return plan;
}

function encodeWords(
  words: readonly Buffer[],
  { tokens }: LayoutTables,
  plan: Uint8Array,
  view: DataView,
): void {
  plan.fill(UNKNOWN, LETTERS, LETTERS + 256);
  for (const word of words) {
    const meaning = tokenClass(tokens, word, 0, word.length);
    if (word.length === 1) plan[LETTERS + word[0]] = meaning;
    if (word.length < 2 || word.length > WORD_BYTES_MAX) continue;
    const number = word.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    let slot = wordSlot(number);
    while (![0n, number].includes(view.getBigUint64(WORDS + slot * 16, true)))
      slot = (slot + 1) % WORD_SLOTS;
    view.setBigUint64(WORDS + slot * 16, number, true);
    view.setUint32(WORDS + slot * 16 + 8, meaning, true);
  }
}

function wordSlot(word: bigint): number {
  const mixed = Number(word & 0xffffffffn) ^ Number(word >> 32n);
  return Math.imul(mixed, WORD_HASH) >>> 25;
}
