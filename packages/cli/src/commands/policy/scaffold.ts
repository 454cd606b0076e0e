/** The language of a policy's file, by how its name ends. */
export type Language = 'ts' | 'mjs';

/** A migration policy to begin with: what is sampled often moves up, what is not sampled makes room. */
export function policySource(name: string, language: Language): string {
  const typed = language === 'ts';
  return `import { coldest, count, defineMigrationPolicy, duration, hottest } from '@tierlab/policy';
${typed ? "import type { MigrationPolicy } from '@tierlab/policy';\n" : ''}
/**
 * Pages that are sampled often move up to the fastest tier, the hottest first; pages there that were
 * not sampled make room for them.
 */
export const policy${typed ? ': MigrationPolicy' : ''} = defineMigrationPolicy({
  name: '${name}',
  doc: 'Pages that are sampled often move up, pages that are not sampled make room for them.',
  // What it may see, which is what its run pays for: tierlab policy show ./${name}.${language}
  signals: ['samples'],
  params: {
    interval: duration({ default: 1e6, min: 1, doc: 'Time between two looks at the samples.' }),
    period: count({ default: 50, min: 1, doc: 'One access in so many is sampled.' }),
    hotSamples: count({ default: 2, min: 1, doc: 'Samples of an interval that make a page hot.' }),
    pagesMax: count({ default: 256, min: 1, doc: 'Pages that move up in an interval at most.' }),
  },
  create({ params, memory, pages, moves, signals, clock, random }) {
    const [top, ...others] = memory.tiers;
    // Nothing to do on a machine of one tier.
    if (others.length === 0) return {};
    const sampler = signals.samples.open({ event: 'all', period: params.period });
    let samples = new Uint32Array(0);

    clock.every(params.interval, () => {
      const { page, length } = sampler.drain();
      samples = new Uint32Array(pages.pageCount);
      for (let i = 0; i < length; i++) samples[page[i]]++;
      const hot${typed ? ': number[]' : ''} = [];
      const cold${typed ? ': number[]' : ''} = [];
      for (let id = 0; id < pages.pageCount; id++) {
        const isTop = top.some((node) => node === pages.nodeOf[id]);
        if (!isTop && samples[id] >= params.hotSamples) hot.push(id);
        if (isTop && samples[id] === 0) cold.push(id);
      }
      // Ties are broken by lot: a loop over ids would favour the pages that were touched first.
      const up = hottest(samples, hot, hot.length, params.pagesMax, random);
      const down = coldest(samples, cold, cold.length, up.length, random);
      for (let i = 0; i < up.length; i++) {
        const target = memory.above(pages.nodeOf[up[i]]);
        if (target === undefined) continue;
        const hasRoom = memory.freePages(target) > memory.watermarks(target).highPages;
        if (!hasRoom && i < down.length) moves.exchange(up[i], down[i]);
        // false: refused, for a reason that is counted and in moves.lastRefusal.
        else if (!moves.request(up[i], target)) return;
      }
    });
    return {
      // For tierlab run --explain-page ADDRESS.
      explain: (page) => \`\${samples[page] ?? 0} samples, \${params.hotSamples} make a page hot\`,
    };
  },
});
`;
}

/** What the written test imports, and the command line itself never does. */
const KIT = '@tierlab/testkit';

/** Its test: the conformance suite, and a trace worked by hand. */
export function policyTest(name: string, language: Language): string {
  return `import { describeMigrationPolicy } from '${KIT}';
import { letterTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { policy } from './${name}.${language}';

// What every policy must hold to; tierlab's own pass it too.
describeMigrationPolicy(policy);

test('a page that is sampled often moves up, and one that is not makes room', async () => {
  // Node 0 holds one page, of 100 ns; a is touched first and never again, b all the time.
  const record = await replay({
    trace: letterTrace('ab' + 'b'.repeat(2000)),
    memory: tinyMemory([
      { pages: 1, latencyNs: 100 },
      { pages: 8, latencyNs: 300 },
    ]),
    policy,
    params: { interval: 10_000, period: 5 },
    settings: { memoryParallelism: 1 },
    watchedPages: [0, 1],
  });
  // Page numbers: a is 0, b is 1.
  const moves = (record.watched ?? []).map(({ pageNumber, from, to }) => [pageNumber, from, to]);
  expect(moves).toEqual([
    [1, 1, 0],
    [0, 0, 1],
  ]);
  // 10,000 ns hold 30 of its accesses; all the others are served by the fast node.
  expect(record.totals.nodes[0].reads).toBeGreaterThan(1900);
});
`;
}

/** Its page. */
export function policyPage(name: string, language: Language): string {
  return `# ${name}

What it does, in a paragraph: which pages move, when, and why that is a good idea. Pages that are sampled often move up to the fastest tier, the hottest first; pages there that were not sampled make room for them.

| parameter    | default | what it is                                    |
| ------------ | ------- | --------------------------------------------- |
| \`interval\`   | 1 ms    | time between two looks at the samples         |
| \`period\`     | 50      | one access in so many is sampled              |
| \`hotSamples\` | 2       | samples of an interval that make a page hot   |
| \`pagesMax\`   | 256     | pages that move up in an interval at most     |

Source: where the idea comes from.

## Beside the others

\`\`\`
tierlab compare --machine MACHINE --trace TRACE --capacity node0=64MiB --policy ./${name}.${language} --policy stay-put --policy linux-numa-balancing
\`\`\`

A claim needs the rulers (\`all-fast\`, \`optimum\` or \`lower-bound\`) and at least five seeds or windows.
`;
}
