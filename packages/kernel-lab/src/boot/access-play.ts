import { assert } from '@tierlab/core';
import type { AccessBlock } from '@tierlab/trace';

import { KernelLabError } from '../errors.ts';

/** Accesses as the guest agent plays them: bytes for QEMU's fw_cfg device, and how much is in them. */
export interface AccessPlay {
  readonly bytes: Uint8Array;
  readonly pageCount: number;
  readonly milliseconds: number;
  readonly accessCount: number;
}

/** How a trace's accesses are spread over the guest's time. */
export interface PlayPace {
  /** Accesses performed in each millisecond of the guest's time. */
  readonly accessesPerMs: number;
}

const HEADER_WORDS = 3;
const PAGES_MAX = 2 ** 31;

/**
 * Writes the accesses of a trace in the agent's form: little-endian words, first the number of
 * pages, of milliseconds, and the most accesses of one; then for each millisecond its count and that
 * many of `page * 2 + write`.
 *
 * The guest maps pages in the trace's order of first touch, whatever their addresses were. There is
 * no first pass over them: a page is touched when the trace first touches it, and then written, as
 * Linux gives no page of memory to a program that only reads what it never wrote. Accesses that a
 * record stands for (`weight`) are not multiplied. Throws `LAB_BAD_SCENARIO`.
 */
export async function encodePlay(
  blocks: AsyncIterable<AccessBlock>,
  { accessesPerMs }: PlayPace,
): Promise<AccessPlay> {
  if (!Number.isInteger(accessesPerMs) || accessesPerMs < 1) {
    throw new KernelLabError(
      'LAB_BAD_SCENARIO',
      `pace: expected a whole number of accesses per millisecond, got ${accessesPerMs}`,
    );
  }
  const words = new GrowingWords();
  let accessCount = 0;
  let pageCount = 0;
  for await (const block of blocks) {
    for (let i = 0; i < block.length; i++) {
      if (accessCount % accessesPerMs === 0) words.push(accessesPerMs);
      const page = block.page[i];
      const first = page >= pageCount;
      if (first) pageCount = page + 1;
      words.push(page * 2 + (first ? 1 : block.write[i]));
      accessCount++;
    }
  }
  assert(pageCount < PAGES_MAX, 'a page id needs 31 bits');
  if (accessCount === 0) {
    throw new KernelLabError('LAB_BAD_SCENARIO', 'trace: expected accesses to play, got none');
  }
  const milliseconds = Math.ceil(accessCount / accessesPerMs);
  const last = accessCount - (milliseconds - 1) * accessesPerMs;
  const body = words.taken();
  body[(milliseconds - 1) * (accessesPerMs + 1)] = last;
  const bytes = new Uint8Array((HEADER_WORDS + body.length) * 4);
  const view = new DataView(bytes.buffer);
  [pageCount, milliseconds, accessesPerMs].forEach((word, i) => view.setUint32(i * 4, word, true));
  for (let i = 0; i < body.length; i++) view.setUint32((HEADER_WORDS + i) * 4, body[i], true);
  return { bytes, pageCount, milliseconds, accessCount };
}

/** The pages of a play, a millisecond at a time; borrowed until the next one is asked for. */
export function* playedPages({ bytes }: AccessPlay): Generator<Uint32Array, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pages = new Uint32Array(view.getUint32(8, true));
  for (let at = HEADER_WORDS * 4; at < bytes.length;) {
    const count = view.getUint32(at, true);
    for (let i = 0; i < count; i++) pages[i] = view.getUint32(at + 4 * (i + 1), true) >>> 1;
    yield pages.subarray(0, count);
    at += 4 * (count + 1);
  }
}

class GrowingWords {
  #words = new Uint32Array(1 << 16);
  #length = 0;

  push(word: number): void {
    if (this.#length === this.#words.length) {
      const grown = new Uint32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words[this.#length++] = word;
  }

  taken(): Uint32Array {
    return this.#words.subarray(0, this.#length);
  }
}
