// How fast the capacity curve of LRU is made, whole and from a sample, and how far the sample is off: CPU time of one
// core, least and median of the repetitions, and their ratios to calibrators that run between them, a histogram of the
// pages and the same compiled.
// Usage: pnpm --filter @tierlab/benchmarks bench:curve [SPEC [N [RATE]]]
import { capacityCurve } from '@tierlab/simulator';
import { generateTrace } from '@tierlab/trace';
import type { AccessBlock, AccessTrace } from '@tierlab/trace';
import { compiledHistogram, cpuSeconds, histogram } from './calibrators.ts';

const spec = process.argv[2] ?? 'zipf:pages=1Mi,theta=0.99,accesses=20M,seed=1';
const repetitions = Number(process.argv[3] ?? 5);
const rate = Number(process.argv[4] ?? 0.01);

/** The trace in memory, decoded: what is measured is the curve. */
async function held(trace: AccessTrace): Promise<readonly AccessBlock[]> {
  const blocks: AccessBlock[] = [];
  for await (const { length, page, write, newPageFirst, newPageNumber } of trace.blocks()) {
    blocks.push({
      length,
      page: page.slice(0, length),
      write: write.slice(0, length),
      newPageFirst,
      newPageNumber: newPageNumber.slice(),
    });
  }
  return blocks;
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

const source = generateTrace(spec);
const blocks = await held(source);
const last = blocks.at(-1)!;
const pageCount = last.newPageFirst + last.newPageNumber.length;
const accesses = blocks.reduce((sum, block) => sum + block.length, 0);
const trace: AccessTrace = {
  declaration: source.declaration,
  async *blocks() {
    yield* blocks;
  },
};

process.stdout.write(
  `${spec}: ${accesses} accesses, ${pageCount} pages, ${repetitions} repetitions\n`,
);
process.stdout.write(
  'ns of CPU time an access: least, median; times the histogram, the compiled one\n',
);
const works: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['whole curve', () => capacityCurve(trace)],
  [`sample of ${rate}`, () => capacityCurve(trace, rate)],
];
for (const [name, work] of works) {
  const seconds: number[] = [];
  const ratios: number[] = [];
  const compiledRatios: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const plain = await cpuSeconds(() => histogram({ blocks, pageCount }));
    const compiled = await cpuSeconds(() => compiledHistogram({ blocks, pageCount }));
    const spent = await cpuSeconds(work);
    seconds.push(spent);
    ratios.push(spent / plain);
    compiledRatios.push(spent / compiled);
  }
  const ns = (time: number): string => ((time / accesses) * 1e9).toFixed(1).padStart(8);
  process.stdout.write(
    `${name.padEnd(20)}${ns(Math.min(...seconds))}${ns(middle(seconds))}${middle(ratios).toFixed(1).padStart(8)}${middle(compiledRatios).toFixed(1).padStart(8)}\n`,
  );
}

const exact = await capacityCurve(trace);
const sampled = await capacityCurve(trace, rate);
let error = 0;
for (let i = 1; i <= 1000; i++) {
  const frames = (pageCount * i) / 1000;
  error = Math.max(error, Math.abs(exact.hitShare(frames) - sampled.hitShare(frames)));
}
process.stdout.write(`largest error of the sample at 1000 sizes: ${error.toFixed(5)}\n`);
