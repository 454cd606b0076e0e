import type { AccessTrace, SourceDeclaration } from '../block.ts';
import { BLOCK_ACCESSES } from '../block.ts';
import { createPendingBlock, takeBlock } from '../pack.ts';
import { randomStream, type RandomStream } from '@tierlab/core';
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

const accessesParameter: GeneratorParameter = {
  name: 'accesses',
  summary: 'how many accesses',
  kind: 'count',
  min: 1,
  max: 1e12,
  value: 1e6,
};
const seedParameter: GeneratorParameter = {
  name: 'seed',
  summary: 'what the random numbers start from',
  kind: 'count',
  min: 0,
  max: 2 ** 32 - 1,
  value: 1,
};

const perMsParameter: GeneratorParameter = {
  name: 'per-ms',
  summary: 'accesses a millisecond, which gives the trace a clock in nanoseconds; 0 for none',
  kind: 'count',
  min: 0,
  max: 1e6,
  value: 0,
};
const LEVELS = ['cpu', 'memory'] as const;
const levelParameter: GeneratorParameter = {
  name: 'level',
  summary: 'what the accesses are: every load and store, or what missed the cache',
  kind: 'choice',
  choices: LEVELS,
  min: 0,
  max: LEVELS.length - 1,
  value: LEVELS.indexOf('memory'),
};
const weightParameter: GeneratorParameter = {
  name: 'weight',
  summary:
    'accesses that each one drawn stands for: as many lines of its page, one after the other',
  kind: 'count',
  min: 1,
  max: 1e6,
  value: 1,
};
const loadParameter: GeneratorParameter = {
  name: 'load',
  summary: 'whether each of the pages is written once, in order, before anything else',
  kind: 'choice',
  choices: ['no', 'yes'],
  min: 0,
  max: 1,
  value: 0,
};
/** Parameters that every generator has. */
export const commonParameters: readonly GeneratorParameter[] = [
  accessesParameter,
  seedParameter,
  perMsParameter,
  weightParameter,
  loadParameter,
  levelParameter,
];

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

/** What a trace of the generator `name` declares. Without a pace, its clock is the number of the access. */
function declarationOf(name: string, values: ParameterValues): SourceDeclaration {
  const isPaced = values[perMsParameter.name] > 0;
  return {
    format: `generated ${name}`,
    level: LEVELS[values[levelParameter.name]],
    addressSpace: 'virtual',
    ...(isPaced ? { clock: 'nanoseconds', clockHz: 1e9 } : { clock: 'accesses' }),
    pageShift: 12,
    threads: false,
    writes: true,
  };
}

const MS = 1_000_000;

/** The trace that `generator` makes of `values`, with pages numbered in the order of first touch. */
export function generatedTrace(generator: Generator, values: ParameterValues): AccessTrace {
  const accesses = values[accessesParameter.name];
  const perMs = values[perMsParameter.name];
  const weight = values[weightParameter.name];
  const loaded = values[loadParameter.name] * (values[pagesParameter.name] ?? 0);
  return {
    declaration: declarationOf(generator.name, values),
    async *blocks() {
      const next = generator.create(values, randomStream(values[seedParameter.name]));
      const pending = createPendingBlock({ time: perMs > 0, weight: weight > 1 });
      pending.weight?.fill(weight);
      // Id of each page plus one; 0 where it has none yet.
      const idOf = new Uint32Array(generator.pageLimit(values));
      let pages = 0;
      for (let first = 0; first < accesses; first += BLOCK_ACCESSES) {
        const length = Math.min(accesses - first, BLOCK_ACCESSES);
        for (let i = 0; i < length; i++) {
          const access = first + i < loaded ? (first + i) * 2 + 1 : next();
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
        if (pending.time !== undefined) pace(pending.time, first, length, perMs);
        pending.length = length;
        yield takeBlock(pending);
      }
    },
  };
}

/** Times of the accesses from number `first` on: `perMs` of them spread over every millisecond, in nanoseconds. */
function pace(time: Float64Array, first: number, length: number, perMs: number): void {
  for (let i = 0; i < length; i++) {
    const inMs = (first + i) % perMs;
    time[i] = ((first + i - inMs) / perMs) * MS + Math.floor((inMs * MS) / perMs);
  }
}
