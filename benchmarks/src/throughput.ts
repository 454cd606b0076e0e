/**
 * How fast each policy replays, and what memory a page takes: accesses per second of CPU time, least of the repetitions, and
 * the resident memory that more pages add. Each policy runs in processes of its own, so that none pays for another.
 *
 * Usage: `pnpm --filter @tierlab/benchmarks bench:throughput [ACCESSES [REPETITIONS [POLICY...]]]`.
 */
import { spawnSync } from 'node:child_process';

import { migrationPolicies } from '@tierlab/migration-policies';
import { replayMany, tinyMemory } from '@tierlab/simulator';
import type { AccessBlock, AccessTrace } from '@tierlab/trace';

import { streamed, touching, zipf } from './streamed.ts';

const PAGES = 2 ** 18;
/** Sizes that resident memory is compared between. */
const SMALL_PAGES = 2 ** 18;
const LARGE_PAGES = 2 ** 20;

interface Measured {
  readonly pages: number;
  readonly secondsMin: number;
  readonly rssBytes: number;
}

/** The trace in memory: reading it is no part of the figure. */
async function held(source: AccessTrace): Promise<AccessTrace> {
  const blocks: AccessBlock[] = [];
  for await (const block of source.blocks()) {
    const { length, newPageFirst } = block;
    blocks.push({
      length,
      page: block.page.slice(0, length),
      write: block.write.slice(0, length),
      newPageFirst,
      newPageNumber: block.newPageNumber.slice(),
    });
  }
  return {
    declaration: touching(source),
    async *blocks() {
      yield* blocks;
    },
  };
}

/** Replays in this process; no repetitions: once, over a trace that takes no memory, so that two sizes differ in what the replay holds. */
async function measure(
  name: string,
  pages: number,
  accesses: number,
  repetitions: number,
): Promise<Measured> {
  const policy = migrationPolicies.get(name);
  if (policy === undefined) throw new Error(`no policy ${name}`);
  const trace = repetitions === 0 ? streamed(pages, accesses) : await held(zipf(pages, accesses));
  const memory = tinyMemory([
    { pages: Math.ceil(pages / 4), latencyNs: 90, bandwidthMbps: 60_000 },
    { pages: pages + 1024, latencyNs: 250, bandwidthMbps: 20_000 },
  ]);
  const seconds: number[] = [];
  let touched = 0;
  for (let repetition = 0; repetition < Math.max(1, repetitions); repetition++) {
    const before = process.cpuUsage();
    const [record] = await replayMany(trace, [{ policy, memory }]);
    const { user, system } = process.cpuUsage(before);
    seconds.push((user + system) / 1e6);
    touched = record.totals.pages;
  }
  return {
    pages: touched,
    secondsMin: Math.min(...seconds),
    rssBytes: 1024 * process.resourceUsage().maxRSS,
  };
}

/** Replays in a process of its own. */
function measureApart(
  name: string,
  pages: number,
  accesses: number,
  repetitions: number,
): Measured {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...process.execArgv,
      import.meta.filename,
      '--one',
      name,
      String(pages),
      String(accesses),
      String(repetitions),
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(/^\w*Error: .*/m.exec(stderr)?.[0] ?? stderr);
  return JSON.parse(stdout) as Measured;
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--one') {
  const [name = '', pages, accesses, repetitions] = rest;
  const measured = await measure(name, Number(pages), Number(accesses), Number(repetitions));
  process.stdout.write(JSON.stringify(measured));
} else {
  const accesses = Number(first ?? 2_000_000);
  const repetitions = Number(rest[0] ?? 3);
  const names = rest.length > 1 ? rest.slice(1) : [...migrationPolicies.keys()];
  process.stdout.write(
    `${accesses} accesses, zipf 0.99, a quarter of the pages in the fastest tier; node ${process.version}\n`,
  );
  process.stdout.write(`${'policy'.padEnd(24)}M accesses/s   bytes a page\n`);
  for (const name of names) {
    try {
      const { secondsMin } = measureApart(name, PAGES, accesses, repetitions);
      const small = measureApart(name, SMALL_PAGES, accesses, 0);
      const large = measureApart(name, LARGE_PAGES, accesses, 0);
      const rate = accesses / secondsMin / 1e6;
      const bytes = (large.rssBytes - small.rssBytes) / (large.pages - small.pages);
      process.stdout.write(
        `${name.padEnd(24)}${rate.toFixed(2).padStart(12)}${bytes.toFixed(0).padStart(15)}\n`,
      );
    } catch (error) {
      process.stdout.write(`${name.padEnd(24)}${(error as Error).message}\n`);
    }
  }
}
