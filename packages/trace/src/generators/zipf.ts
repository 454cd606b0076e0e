import { type Generator, pagesParameter, writesParameter } from './generator.ts';
import { permutation } from '@tierlab/core';
import { zipfRanks } from './zipf-ranks.ts';

/** Pages by a Zipf law, its ranks scattered over the footprint. `theta` 0 is uniform. */
export const zipf: Generator = {
  name: 'zipf',
  summary: 'pages drawn by a Zipf law, ranks scattered over the footprint',
  parameters: [
    pagesParameter,
    { name: 'theta', summary: 'the skew', kind: 'number', min: 0, max: 10, value: 0.99 },
    writesParameter(0.25),
  ],
  pageLimit: ({ pages }) => pages,
  create({ pages, theta, writes }, random) {
    const drawRank = zipfRanks(pages, theta);
    const pageOfRank = permutation(pages, random);
    return () => pageOfRank[drawRank(random)] * 2 + (random.unit() < writes ? 1 : 0);
  },
};

/** Every page with the same probability: the case where no placement can help. */
export const uniform: Generator = {
  name: 'uniform',
  summary: 'every page with the same probability',
  parameters: [pagesParameter, writesParameter(0.25)],
  pageLimit: ({ pages }) => pages,
  create:
    ({ pages, writes }, random) =>
    () =>
      random.below(pages) * 2 + (random.unit() < writes ? 1 : 0),
};
