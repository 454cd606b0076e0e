import { type Generator, pagesParameter, writesParameter } from './generator.ts';
import { permutation } from '@tierlab/core';
import type { GeneratorParameter } from './spec.ts';

const perPage: GeneratorParameter = {
  name: 'per-page',
  summary: 'accesses in a row to each page',
  kind: 'count',
  min: 1,
  max: 1e6,
  value: 64,
};

/** Pages in ascending order, again from the first after the last: the case that defeats recency. */
export const cyclic: Generator = {
  name: 'cyclic',
  summary: 'all pages in order, again and again',
  parameters: [pagesParameter, perPage, writesParameter(0)],
  pageLimit: ({ pages }) => pages,
  create({ pages, 'per-page': repeats, writes }, random) {
    let page = 0;
    let left = repeats;
    return () => {
      if (left === 0) {
        page = (page + 1) % pages;
        left = repeats;
      }
      left--;
      return page * 2 + (random.unit() < writes ? 1 : 0);
    };
  },
};

/** Every page once, in ascending order: memory is only streamed through. */
export const sequential: Generator = {
  name: 'sequential',
  summary: 'pages in order, none twice; the footprint follows from the accesses',
  parameters: [perPage, writesParameter(0)],
  check: ({ accesses, 'per-page': repeats }) =>
    accesses / repeats > 2 ** 28 ? 'more than 2^28 pages: raise per-page' : undefined,
  pageLimit: ({ accesses, 'per-page': repeats }) => Math.ceil(accesses / repeats),
  create({ 'per-page': repeats, writes }, random) {
    let count = 0;
    return () => Math.floor(count++ / repeats) * 2 + (random.unit() < writes ? 1 : 0);
  },
};

/** A pointer chase along one random cycle through all pages of a heap, beside a stream over an array. */
export const chase: Generator = {
  name: 'chase',
  summary: 'a pointer chase along a random cycle, beside a cyclic stream',
  parameters: [
    pagesParameter,
    {
      ...pagesParameter,
      name: 'stream',
      summary: 'the pages of the streamed array',
      value: 16_384,
    },
    {
      name: 'share',
      summary: 'the share of the accesses that stream',
      kind: 'share',
      min: 0,
      max: 1,
      value: 0.5,
    },
    perPage,
  ],
  pageLimit: ({ pages, stream }) => pages + stream,
  create({ pages, stream, share, 'per-page': repeats }, random) {
    // A random order read as a cycle visits every page before it returns.
    const order = permutation(pages, random);
    let place = 0;
    let streamed = 0;
    return () => {
      if (random.unit() < share) {
        const page = pages + Math.floor(streamed / repeats);
        streamed = (streamed + 1) % (stream * repeats);
        return page * 2;
      }
      const page = order[place];
      place = (place + 1) % pages;
      return page * 2;
    };
  },
};
