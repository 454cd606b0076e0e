import { type Generator, pagesParameter, writesParameter } from './generator.ts';
import { permutation, type RandomStream } from '@tierlab/core';
import type { GeneratorParameter, ParameterValues } from './spec.ts';

/** A set of hot pages, scattered over the footprint, that stands still, moves on, or is replaced. */
const setParameters: readonly GeneratorParameter[] = [
  { name: 'hot', summary: 'the hot share of the pages', kind: 'share', min: 0, max: 1, value: 0.1 },
  {
    name: 'share',
    summary: 'the share of the accesses that go to hot pages',
    kind: 'share',
    min: 0,
    max: 1,
    value: 0.9,
  },
];

const periodParameter: GeneratorParameter = {
  name: 'period',
  summary: 'accesses from one change of the hot set to the next',
  kind: 'count',
  min: 1,
  max: 1e12,
  value: 1e6,
};

const moveParameter: GeneratorParameter = {
  name: 'move',
  summary: 'the share of the hot pages that each change replaces',
  kind: 'share',
  min: 0,
  max: 1,
  value: 0.1,
};

/**
 * Draws pages: the hot set is a window over a random order of all pages, and `change` says how far the window goes on
 * after each period. Hot and cold pages are uniform among themselves.
 */
function drawFromSet(
  { pages, hot, share, period }: ParameterValues,
  random: RandomStream,
  change: (hotPages: number) => number,
): () => number {
  const order = permutation(pages, random);
  const hotPages = Math.max(1, Math.round(pages * hot));
  const step = change(hotPages);
  let start = 0;
  let left = period;
  return () => {
    if (left === 0) {
      start = (start + step) % pages;
      left = period;
    }
    left--;
    const isHot = hotPages === pages || random.unit() < share;
    const place = isHot ? random.below(hotPages) : hotPages + random.below(pages - hotPages);
    return order[(start + place) % pages];
  };
}

const pageLimit = ({ pages }: ParameterValues): number => pages;

/** The hot pages stay the same. */
export const hot: Generator = {
  name: 'hot',
  summary: 'a hot set that stands still',
  parameters: [pagesParameter, ...setParameters, writesParameter(0.25)],
  pageLimit,
  create(values, random) {
    const draw = drawFromSet({ ...values, period: Infinity }, random, () => 0);
    return () => draw() * 2 + (random.unit() < values['writes'] ? 1 : 0);
  },
};

/** After each period a part of the hot pages cools and as many others get hot. */
export const moving: Generator = {
  name: 'moving',
  summary: 'a hot set of which a part is replaced every period',
  parameters: [
    pagesParameter,
    ...setParameters,
    periodParameter,
    moveParameter,
    writesParameter(0.25),
  ],
  pageLimit,
  create(values, random) {
    const draw = drawFromSet(values, random, (hotPages) => Math.round(hotPages * values['move']));
    return () => draw() * 2 + (random.unit() < values['writes'] ? 1 : 0);
  },
};

/** After each period all hot pages are replaced: a new phase. */
export const phased: Generator = {
  name: 'phased',
  summary: 'a hot set that is replaced as a whole every period',
  parameters: [pagesParameter, ...setParameters, periodParameter, writesParameter(0.25)],
  pageLimit,
  create(values, random) {
    const draw = drawFromSet(values, random, (hotPages) => hotPages);
    return () => draw() * 2 + (random.unit() < values['writes'] ? 1 : 0);
  },
};

/**
 * GUPS: each update reads a random word and writes it back; most updates hit a hot set that moves.
 * Source: Raybuck et al., "HeMem", SOSP 2021, section 5.1.
 */
export const gups: Generator = {
  name: 'gups',
  summary: 'random updates (read, then write) with a hot set that moves',
  parameters: [pagesParameter, ...setParameters, periodParameter, { ...moveParameter, value: 1 }],
  pageLimit,
  create(values, random) {
    const draw = drawFromSet(values, random, (hotPages) => Math.round(hotPages * values['move']));
    let updated = -1;
    return () => {
      if (updated >= 0) {
        const page = updated;
        updated = -1;
        return page * 2 + 1;
      }
      updated = draw();
      return updated * 2;
    };
  },
};
