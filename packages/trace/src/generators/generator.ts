import type { AccessTrace, SourceDeclaration } from '../block.ts';
import { BLOCK_ACCESSES } from '../block.ts';
import { createPendingBlock, takeBlock } from '../pack.ts';
import type { RandomStream } from '@tierlab/core';
import type { GeneratorParameter, ParameterValues } from './spec.ts';

/** A seeded generator of accesses: its parameters are readable before anything runs. */
export interface Generator {
  readonly name: string;
  readonly summary: string;
  readonly parameters: readonly GeneratorParameter[];
  /** What is wrong with values that are right one by one. */
  check?(values: ParameterValues): string | undefined;
  /** Pages that the accesses lie in: numbers below this. */
  pageLimit(values: ParameterValues): number;
  /** A fresh stream: each call gives the next access, as page * 2 + (1 where it writes). */
  create(values: ParameterValues, random: RandomStream): () => number;
}

const PAGES_MAX = 2 ** 28;

/** Parameters that every generator has. */
export const accessesParameter: GeneratorParameter = {
  name: 'accesses',
  summary: 'how many accesses',
  kind: 'count',
  min: 1,
  max: 1e12,
  value: 1e6,
};
export const seedParameter: GeneratorParameter = {
  name: 'seed',
  summary: 'what the random numbers start from',
  kind: 'count',
  min: 0,
  max: 2 ** 32 - 1,
  value: 1,
};

export const pagesParameter: GeneratorParameter = {
  name: 'pages',
  summary: 'the footprint in pages',
  kind: 'count',
  min: 1,
  max: PAGES_MAX,
  value: 65_536,
};

export const writesParameter = (value: number): GeneratorParameter => ({
  name: 'writes',
  summary: 'the share of accesses that write',
  kind: 'share',
  min: 0,
  max: 1,
  value,
});

/** What a generated trace declares; its clock is the number of the access. */
export const generatedDeclaration = (name: string): SourceDeclaration => ({
  format: `generated ${name}`,
  level: 'memory',
  addressSpace: 'virtual',
  clock: 'accesses',
  pageShift: 12,
  threads: false,
  writes: true,
});

/** The trace of `accesses` accesses that `create` gives, with pages numbered in the order of first touch. */
export function generatedTrace(
  declaration: SourceDeclaration,
  accesses: number,
  pageLimit: number,
  create: () => () => number,
): AccessTrace {
  return {
    declaration,
    async *blocks() {
      const next = create();
      const pending = createPendingBlock({});
      // Id of each page plus one; 0 where it has none yet.
      const idOf = new Uint32Array(pageLimit);
      let pages = 0;
      for (let left = accesses; left > 0;) {
        const length = Math.min(left, BLOCK_ACCESSES);
        for (let i = 0; i < length; i++) {
          const access = next();
          const number = Math.floor(access / 2);
          let id = idOf[number];
          if (id === 0) {
            pages++;
            id = pages;
            idOf[number] = id;
            pending.newPageNumbers.push(number);
          }
          pending.page[i] = id - 1;
          pending.write[i] = access % 2;
        }
        pending.length = length;
        left -= length;
        yield takeBlock(pending);
      }
    },
  };
}
