// From a file of 24-byte records to what LRU makes of it, on the first reading: the file is read, its 64-bit objects
// get dense ids, and the accesses are replayed under LRU with a tenth of the pages in the fast node. CPU time, least
// of the repetitions, each part on its own and all of it; and as a ratio to a calibrator that runs between them, a
// compiled histogram of the pages.
//   pnpm --filter @tierlab/benchmarks bench:first-reading [ACCESSES [REPETITIONS]]
// The two classes of trace are those of bench:replay; the format is libCacheSim's oracleGeneral.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrationPolicies } from '@tierlab/migration-policies';
import { replayMany, tinyMemory } from '@tierlab/simulator';
import { generateTrace, openTrace, readChunks } from '@tierlab/trace';
import type { AccessTrace } from '@tierlab/trace';
import { compiledHistogram, cpuSeconds } from './calibrators.ts';
import type { PageBlocks } from './calibrators.ts';
import { loadStore } from './load-store.ts';

const accessesMax = Number(process.argv[2] ?? 10_000_000);
const repetitions = Number(process.argv[3] ?? 3);
const RECORD_BYTES = 24;
const lru = migrationPolicies.get('lru')!;

type Accesses = PageBlocks['blocks'][number];

/** Writes the accesses as oracleGeneral; the object of a page is a 64-bit number that looks like a hash. */
async function writeRecords(path: string, accesses: AsyncIterable<Accesses>): Promise<PageBlocks> {
  const file = openSync(path, 'w');
  const blocks: Accesses[] = [];
  let pageCount = 0;
  for await (const block of accesses) {
    const { length } = block;
    const page = block.page.slice(0, length);
    const records = Buffer.alloc(length * RECORD_BYTES);
    for (let i = 0; i < length; i++) {
      const at = i * RECORD_BYTES;
      records.writeUInt32LE(Math.imul(page[i], 0x9e3779b1) >>> 0, at + 4);
      records.writeUInt32LE(page[i], at + 8);
      records.writeUInt32LE(1, at + 12);
      records.writeBigInt64LE(-1n, at + 16);
      if (page[i] >= pageCount) pageCount = page[i] + 1;
    }
    writeSync(file, records);
    blocks.push({ length, page });
  }
  closeSync(file);
  return { blocks, pageCount };
}

/** The least CPU seconds that each of `works` takes, one after the other in every repetition. */
async function leastSeconds(works: readonly (() => unknown)[]): Promise<number[]> {
  const least = works.map(() => Infinity);
  for (let repetition = 0; repetition <= repetitions; repetition++) {
    for (const [i, work] of works.entries()) {
      const seconds = await cpuSeconds(work);
      // The first one warms up.
      if (repetition > 0) least[i] = Math.min(least[i], seconds);
    }
  }
  return least;
}

function open(path: string): Promise<AccessTrace> {
  async function* bytes(): AsyncIterable<Uint8Array> {
    const file = openSync(path, 'r');
    try {
      yield* readChunks((into) => readSync(file, into));
    } finally {
      closeSync(file);
    }
  }
  return openTrace({ name: path, bytes }, { format: 'oracle-general' });
}

async function measure(name: string, accesses: AsyncIterable<Accesses>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tierlab-bench-'));
  try {
    const path = join(folder, 'trace.oracleGeneral.bin');
    const held = await writeRecords(path, accesses);
    const { pageCount } = held;
    const memory = tinyMemory([
      { pages: Math.ceil(pageCount / 10), latencyNs: 90, bandwidthMbps: 60_000 },
      { pages: pageCount + 16, latencyNs: 250, bandwidthMbps: 20_000 },
    ]);
    const [calibrator, reading, whole] = await leastSeconds([
      () => compiledHistogram(held),
      async () => {
        for await (const block of (await open(path)).blocks()) if (block.length === 0) break;
      },
      async () => replayMany(await open(path), [{ policy: lru, memory }]),
    ]);
    const count = held.blocks.reduce((sum, { length }) => sum + length, 0);
    const rate = (seconds: number): string => (count / seconds / 1e6).toFixed(1).padStart(8);
    const ratio = (seconds: number): string => (seconds / calibrator).toFixed(1).padStart(6);
    process.stdout.write(
      `${name.padEnd(10)}${String(pageCount).padStart(8)} pages${rate(reading)} M/s read${rate(whole)} M/s read and replayed under LRU;` +
        `${ratio(reading)} and${ratio(whole)} times the histogram's${rate(calibrator)} M/s\n`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const zipf = generateTrace(`zipf:pages=1Mi,theta=0.99,accesses=${accessesMax},seed=1`);
await measure('zipf1m', zipf.blocks());
await measure('loadstore', loadStore(accessesMax));
