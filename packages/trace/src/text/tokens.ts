import { assert } from '@tierlab/core';

/** Words and the class of each, looked up in bytes without making a string. */
export interface TokenTable {
  /** By first byte: candidates, or nothing. */
  readonly byFirst: readonly (readonly Token[] | undefined)[];
  /** By byte: class of the word that is this byte alone, or -1. */
  readonly ofByte: Int8Array;
}

interface Token {
  readonly bytes: Uint8Array;
  readonly tokenClass: number;
}

/** A table of the words of each list, under its class; the first list that has a word wins. */
export function createTokenTable(
  lists: readonly (readonly [words: readonly string[], tokenClass: number])[],
): TokenTable {
  const byFirst: Token[][] = [];
  const ofByte = new Int8Array(256).fill(-1);
  for (const [words, tokenClass] of lists) {
    for (const word of words) {
      assert(word !== '', 'a token has a letter');
      const bytes = Buffer.from(word, 'latin1');
      (byFirst[bytes[0]] ??= []).push({ bytes, tokenClass });
      if (bytes.length === 1 && ofByte[bytes[0]] < 0) ofByte[bytes[0]] = tokenClass;
    }
  }
  return { byFirst, ofByte };
}

/** Class of the word in `bytes` from `from` to `to`, or -1 where it is none of the table's. */
export function tokenClass(table: TokenTable, bytes: Uint8Array, from: number, to: number): number {
  if (to - from === 1) return table.ofByte[bytes[from]];
  const candidates = table.byFirst[bytes[from]];
  if (candidates === undefined) return -1;
  for (const token of candidates) {
    const word = token.bytes;
    if (word.length !== to - from) continue;
    let i = 1;
    while (i < word.length && bytes[from + i] === word[i]) i++;
    if (i === word.length) return token.tokenClass;
  }
  return -1;
}
