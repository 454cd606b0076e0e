// What figures are held against: plain loops in the same process, and libCacheSim where it is installed.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccessBlock } from '@tierlab/trace';

/** The pages that a trace in memory accesses, in blocks. */
export interface PageBlocks {
  readonly blocks: readonly Pick<AccessBlock, 'length' | 'page'>[];
  readonly pageCount: number;
}

/** A trace in memory, decoded. */
export interface Blocks {
  readonly blocks: readonly AccessBlock[];
  readonly pageCount: number;
}

/** Seconds of CPU that `work` takes. */
export async function cpuSeconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** A histogram of the pages in TypeScript. */
export function histogram({ blocks, pageCount }: Blocks): void {
  const count = new Uint32Array(pageCount);
  for (const { page, length } of blocks) for (let i = 0; i < length; i++) count[page[i]]++;
}

/**
 * The same compiled: for (; page < page + 4 * length; page += 4) store<u32>(count + 4 * load<u32>(page), 1 + ...), by
 * AssemblyScript 0.28 with -O3 --noAssert --runtime stub --importMemory.
 */
const HISTOGRAM_WASM =
  'AGFzbQEAAAABBwFgA39/fwACDwEDZW52Bm1lbW9yeQIAAAMCAQAHFgIJaGlzdG9ncmFtAAAGbWVtb3J5AgAKPAE6AQF/IAAgAUECdGohAwNAIAAgA0kEQCACIAAoAgBBAnRqIgEgASgCAEEBajYCACAAQQRqIQAMAQsLCw==';

// The language service has no WebAssembly types without the browser's; this is the part used here.
declare const WebAssembly: {
  Memory: new (descriptor: { initial: number }) => { readonly buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { histogram(page: number, length: number, count: number): void } };
};

/** A histogram of the pages in WebAssembly, copies of blocks into its memory included. */
export function compiledHistogram({ blocks, pageCount }: PageBlocks): void {
  const lengthMax = Math.max(...blocks.map(({ length }) => length));
  const countAt = 4 * lengthMax;
  const bytes = countAt + 4 * pageCount;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65_536) });
  const module = new WebAssembly.Module(Buffer.from(HISTOGRAM_WASM, 'base64'));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const pages = new Uint32Array(memory.buffer, 0, lengthMax);
  for (const { page, length } of blocks) {
    pages.set(page.subarray(0, length));
    exports.histogram(0, length, countAt);
  }
}

/** An LRU list of `capacity` pages in typed arrays, which moves no page and keeps no time; returns its misses. */
export function lruList({ blocks, pageCount }: Blocks, capacity: number): number {
  // By page + 1; 0 is the list itself. A page that is not in it has itself as its neighbour.
  const nearer = Uint32Array.from({ length: pageCount + 1 }, (_, i) => i);
  const farther = nearer.slice();
  let size = 0;
  let misses = 0;
  for (const { page, length } of blocks) {
    for (let i = 0; i < length; i++) {
      const entry = page[i] + 1;
      if (farther[0] === entry) continue;
      if (nearer[entry] === entry) {
        misses++;
        if (size < capacity) size++;
        else {
          const last = nearer[0];
          nearer[0] = nearer[last];
          farther[nearer[last]] = 0;
          nearer[last] = farther[last] = last;
        }
      } else {
        farther[nearer[entry]] = farther[entry];
        nearer[farther[entry]] = nearer[entry];
      }
      const first = farther[0];
      nearer[entry] = 0;
      farther[entry] = first;
      nearer[first] = entry;
      farther[0] = entry;
    }
  }
  return misses;
}

/** Bytes of a record of libCacheSim's format oracleGeneral: u32 time, u64 object, u32 size, i64 next access, none here. */
const RECORD_BYTES = 24;

/**
 * Seconds of CPU that libCacheSim's `cachesim` takes for the same accesses under an algorithm, its
 * reading of a file in its own format included; undefined where it is not on the PATH.
 */
export function libCacheSimSeconds(
  { blocks }: Blocks,
  algorithm: string,
  capacity: number,
): number | undefined {
  if (spawnSync('cachesim', ['--help']).error !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'tierlab-bench-'));
  try {
    const file = join(folder, 'trace.oracleGeneral.bin');
    writeRecords(file, blocks);
    const command = `TIMEFORMAT='%U %S'; time cachesim ${file} oracleGeneral ${algorithm} ${capacity} --ignore-obj-size 1 >/dev/null 2>&1`;
    const { stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
    return stderr
      .trim()
      .split(' ')
      .map(Number)
      .reduce((a, b) => a + b);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writeRecords(path: string, blocks: readonly AccessBlock[]): void {
  const file = openSync(path, 'w');
  for (const { page, length } of blocks) {
    const bytes = Buffer.alloc(RECORD_BYTES * length);
    for (let i = 0; i < length; i++) {
      bytes.writeUInt32LE(page[i] + 1, RECORD_BYTES * i + 4);
      bytes.writeUInt32LE(1, RECORD_BYTES * i + 12);
      bytes.writeBigInt64LE(-1n, RECORD_BYTES * i + 16);
    }
    writeSync(file, bytes);
  }
  closeSync(file);
}
