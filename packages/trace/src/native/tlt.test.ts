import { deflateRawSync } from 'node:zlib';

import { InputError } from '@tierlab/core';
import { assert, describe, expect, it } from 'vitest';

import type { AccessBlock, AccessTrace, SourceDeclaration } from '../block.ts';
import { BLOCK_ACCESSES } from '../block.ts';
import { hashPayload } from './payload-hash.ts';
import { openTlt, randomAccess } from './reader.ts';
import { recodeTlt, streamTlt } from './stream.ts';
import { type TltOptions, writeTlt } from './writer.ts';
import { xxh32 } from './xxh32.ts';

const declaration: SourceDeclaration = {
  format: 'test',
  level: 'memory',
  addressSpace: 'virtual',
  clock: 'instructions',
  pageShift: 12,
  threads: true,
  writes: true,
};

const traceOf = (blocks: readonly AccessBlock[]): AccessTrace => ({
  declaration,
  async *blocks() {
    yield* blocks;
  },
});

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Shape {
  readonly lengths: readonly number[];
  readonly fractions?: boolean;
  readonly objectIds?: boolean;
  readonly gaps?: boolean;
}

/** Blocks with every column, page numbers across the address space, bursts and jumps in time, and touches. */
function blocksOf(shape: Shape, seed: number): AccessBlock[] {
  const random = seeded(seed);
  let pages = 0;
  let now = 2 ** 40;
  return shape.lengths.map((length) => {
    const newPageFirst = pages;
    const numbers: number[] = [];
    const page = Uint32Array.from({ length }, () => {
      if (pages > 0 && random() < 0.97) return Math.floor(random() ** 3 * pages);
      numbers.push(Math.floor(random() * (shape.objectIds ? 2 ** 63 : 2 ** 52)));
      return pages++;
    });
    const time = Float64Array.from({ length }, () => {
      if (random() < 0.5) now += Math.floor(random() ** 8 * (shape.gaps ? 2 ** 34 : 2 ** 20));
      if (shape.fractions) now += 0.25;
      return now;
    });
    // A page that is touched and never missed.
    numbers.push(length);
    pages++;
    const all = Uint32Array.from({ length: pages }, (_, i) => i);
    const touches = [0.9, 0.001, 0].map((share, i) => ({
      startTime: now - 100 + i,
      endTime: now + i,
      page: all.filter((id) => random() < share || (share > 0 && id === pages - 1)),
    }));
    return {
      length,
      page,
      time,
      write: Uint8Array.from({ length }, () => (random() < 0.3 ? 1 : 0)),
      line: Uint8Array.from({ length }, () => Math.floor(random() * 64)),
      thread: Uint16Array.from({ length }, (_, i) => (i % 700) >> 6),
      weight: Uint32Array.from({ length }, () => Math.floor(random() ** 4 * 2 ** 32)),
      newPageFirst,
      newPageNumber: Float64Array.from(numbers),
      touches,
    };
  });
}

/** What a trace says, free of how it is cut into blocks. */
interface Flat {
  page: number[];
  write: number[];
  time: number[];
  line: number[];
  thread: number[];
  weight: number[];
  number: number[];
  touches: string[];
}

async function flatten(blocks: AsyncIterable<AccessBlock> | Iterable<AccessBlock>): Promise<Flat> {
  const flat: Flat = {
    page: [],
    write: [],
    time: [],
    line: [],
    thread: [],
    weight: [],
    number: [],
    touches: [],
  };
  for await (const block of blocks) {
    for (const key of ['page', 'write', 'time', 'line', 'thread', 'weight'] as const)
      for (let i = 0; i < block.length; i++) flat[key].push(block[key]?.[i] ?? -1);
    assert.equal(block.newPageFirst, flat.number.length);
    flat.number.push(...block.newPageNumber);
    for (const { startTime, endTime, page } of block.touches ?? [])
      flat.touches.push(`${startTime}-${endTime}: ${page.join()}`);
    const pages = block.page.subarray(0, block.length);
    assert.isTrue(pages.every((id) => id < flat.number.length));
  }
  return flat;
}

/** As deepEqual, which takes seconds on columns of 10^5. */
function assertSame(found: Flat, expected: Flat): void {
  for (const key of Object.keys(expected) as (keyof Flat)[]) {
    assert.equal(found[key].length, expected[key].length, key);
    const wrong = found[key].findIndex((value, i) => value !== expected[key][i]);
    assert.equal(wrong, -1, `${key}[${wrong}]`);
  }
}

async function bytesOf(trace: AccessTrace, options?: TltOptions): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeTlt(trace, options)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function recoded(bytes: Buffer, codec: 'archive' | 'replay'): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of recodeTlt('a.tlt', inPieces(bytes, 1 << 16), codec)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function small(codec: 'archive' | 'replay'): Promise<{ bytes: Buffer; flat: Flat }> {
  const blocks = blocksOf({ lengths: [40, 30, 20] }, 9);
  // Each block alone: intervals are not packed.
  const apart = blocks.map((block, i) =>
    Object.assign(block, {
      time: Float64Array.from(block.time!, () => i),
      interval: { startTime: i, endTime: i + 1 },
    }),
  );
  return { bytes: await bytesOf(traceOf(apart), { codec }), flat: await flatten(apart) };
}

/** The accesses that come before the end or the error, which must be coded. */
async function read(
  open: () => Promise<AccessTrace> | AccessTrace,
): Promise<{ page: number[]; code: string | undefined; message: string }> {
  const page: number[] = [];
  try {
    for await (const block of (await open()).blocks())
      page.push(...block.page.subarray(0, block.length));
    return { page, code: undefined, message: '' };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { page, code: String(error.code), message: error.message };
  }
}

const SHAPES: Readonly<Record<string, Shape>> = {
  'an empty trace': { lengths: [] },
  'one access': { lengths: [1] },
  'blocks of odd lengths': { lengths: [3, 0, 5000, 1, 65_535, 7, 65_536, 2000] },
  'times with fractions and object ids': { lengths: [1000], fractions: true, objectIds: true },
  'gaps of more than 2^32 ticks': { lengths: [5000, 5000], gaps: true },
};

describe('a .tlt file', () => {
  for (const [name, shape] of Object.entries(SHAPES)) {
    for (const codec of ['archive', 'replay'] as const) {
      it(`gives back ${name}, ${codec}`, async () => {
        const source = blocksOf(shape, 11);
        const expected = await flatten(source);
        const bytes = await bytesOf(traceOf(source), { codec, about: { program: 'x' } });
        const file = await openTlt(randomAccess('a.tlt', bytes));
        assertSame(await flatten(file.blocks()), expected);
        assert.deepEqual([...(await file.pageNumbers())], expected.number);
        expect(file).toMatchObject({
          declaration,
          about: { program: 'x' },
          complete: true,
          accesses: expected.page.length,
          writes: expected.write.reduce((a, b) => a + b, 0),
          pages: expected.number.length,
          lastTime: expected.time.at(-1) ?? 0,
        });
        const streamed = streamTlt('a.tlt', bytes, () => inPieces(bytes, 10_007));
        assertSame(await flatten(streamed.blocks()), expected);
      });
    }
  }

  it('packs blocks full and can be entered at a time', async () => {
    const source = blocksOf({ lengths: Array.from({ length: 14 }, () => 5000) }, 5);
    const file = await openTlt(randomAccess('a.tlt', await bytesOf(traceOf(source))));
    expect(file.entries.map(({ accesses }) => accesses)).toEqual([65_536, 4464]);
    const all = await flatten(source);
    const time = all.time[67_000];
    const from = file.blockAt(time);
    expect(from).toBe(1);
    const rest: number[] = [];
    for await (const block of file.blocks(from, from + 1))
      rest.push(...block.page.subarray(0, block.length));
    expect(rest).toEqual(all.page.slice(65_536));
  });

  it('turns archive into replay and back, byte for byte', async () => {
    const trace = traceOf(blocksOf(SHAPES['blocks of odd lengths'], 3));
    const archive = await bytesOf(trace, { codec: 'archive' });
    const replay = await bytesOf(trace, { codec: 'replay' });
    expect((await recoded(archive, 'replay')).equals(replay)).toBe(true);
    expect((await recoded(replay, 'archive')).equals(archive)).toBe(true);
  });

  it('packs scattered pages for replay, and stores near ones as differences', async () => {
    const random = seeded(8);
    const pages = 2 ** 15;
    const sizeOf = async (next: (last: number) => number): Promise<number> => {
      let last = 0;
      const page = Uint32Array.from({ length: BLOCK_ACCESSES }, () => (last = next(last)));
      const blocks = [
        {
          length: BLOCK_ACCESSES,
          page,
          write: new Uint8Array(BLOCK_ACCESSES),
          newPageFirst: 0,
          newPageNumber: Float64Array.from({ length: pages }, (_, i) => i),
        },
      ];
      const bytes = await bytesOf(traceOf(blocks), { codec: 'replay', omit: ['writes'] });
      const file = await openTlt(randomAccess('a.tlt', bytes));
      for await (const block of file.blocks()) assert.deepEqual(block.page, page);
      return bytes.length - pages;
    };
    // 15 bits each and a head for 64; then a byte each and two control bits: the rest is frames, in 500 bytes.
    const scattered = await sizeOf(() => Math.floor(random() * pages));
    assert.closeTo(scattered, BLOCK_ACCESSES * (15 / 8 + 4 / 64), 500);
    // Zigzag differences of less than 64 either way, and now and then a jump that packing would pay for 64 times.
    const near = await sizeOf((last) =>
      random() < 0.05
        ? Math.floor(random() * pages)
        : Math.min(pages - 1, Math.max(0, last + Math.floor(random() * 120) - 60)),
    );
    assert.closeTo(near, BLOCK_ACCESSES * (1 / 4 + 1 + 0.05), 1500);
  });

  it('declares no column that it leaves out', async () => {
    const trace = traceOf(blocksOf({ lengths: [100] }, 6));
    const bytes = await bytesOf(trace, { omit: ['writes', 'time', 'thread'] });
    const file = await openTlt(randomAccess('a.tlt', bytes));
    expect(file.declaration).toEqual({
      ...declaration,
      clock: 'accesses',
      threads: false,
      writes: false,
    });
    for await (const block of file.blocks())
      expect([block.time, block.thread]).toEqual([undefined, undefined]);
  });

  it('keeps threads, whatever runs of them a block follows', async () => {
    const length = BLOCK_ACCESSES;
    const half = length / 2;
    // By block: the thread of its first half, and of its second.
    const halves = [
      [0, 0],
      [3, 0],
      [3, 3],
      [3, 3],
      [3, 1],
      [0, 1],
      [0, 0],
    ];
    const blocks = halves.map(([first, second], i) => ({
      length,
      page: new Uint32Array(length),
      write: new Uint8Array(length),
      thread: new Uint16Array(length).fill(first).fill(second, half),
      newPageFirst: i === 0 ? 0 : 1,
      newPageNumber: Float64Array.from(i === 0 ? [7] : []),
    }));
    const bytes = await bytesOf(traceOf(blocks), { codec: 'replay', omit: ['writes'] });
    const file = await openTlt(randomAccess('a.tlt', bytes));
    let i = 0;
    for await (const { thread } of file.blocks()) assert.deepEqual(thread, blocks[i++].thread);
    assert.equal(i, blocks.length);
  });

  it('keeps intervals that touch more pages than a block has accesses', async () => {
    const pages = 200_000;
    const random = seeded(12);
    const all = Uint32Array.from({ length: pages }, (_, i) => i);
    const touches = [0.6, 0.001].map((share, i) => ({
      startTime: i,
      endTime: i + 1,
      page: all.filter((id) => id > 5 && random() < share),
    }));
    const block = {
      length: 2,
      page: Uint32Array.of(0, pages - 1),
      write: new Uint8Array(2),
      time: Float64Array.of(0, 1),
      weight: Uint32Array.of(5, 6),
      newPageFirst: 0,
      newPageNumber: Float64Array.from(all),
      touches,
    };
    const bytes = await bytesOf(traceOf([block]), { codec: 'replay', omit: ['writes'] });
    const file = await openTlt(randomAccess('a.tlt', bytes));
    for await (const found of file.blocks()) {
      expect([...found.weight!.subarray(0, 2)]).toEqual([5, 6]);
      for (const [i, { page }] of found.touches!.entries())
        assert.deepEqual(page, touches[i].page, `interval ${i}`);
    }
  });

  it('keeps a histogram as intervals of counted pages', async () => {
    const block = {
      length: 3,
      page: Uint32Array.of(0, 0, 1),
      write: Uint8Array.of(0, 1, 0),
      weight: Uint32Array.of(70, 5, 9_000_000),
      interval: { startTime: 100, endTime: 200 },
      newPageFirst: 0,
      newPageNumber: Float64Array.of(5, 6),
    };
    const bytes = await bytesOf(traceOf([block]), { codec: 'replay' });
    const file = await openTlt(randomAccess('a.tlt', bytes));
    for await (const found of file.blocks()) {
      expect(found.interval).toEqual({ startTime: 100, endTime: 200 });
      expect([...found.weight!.subarray(0, 3)]).toEqual([70, 5, 9_000_000]);
      expect([...found.time!.subarray(0, 3)]).toEqual([100, 100, 100]);
    }
    expect(file.lastTime).toBe(200);
  });

  it('ends whole when it is told to stop', async () => {
    const stop = new AbortController();
    const blocks = blocksOf({ lengths: [BLOCK_ACCESSES, BLOCK_ACCESSES] }, 4);
    const chunks: Uint8Array[] = [];
    for await (const chunk of writeTlt(traceOf(blocks), { signal: stop.signal })) {
      chunks.push(chunk);
      if (chunks.length === 2) stop.abort();
    }
    const file = await openTlt(randomAccess('a.tlt', Buffer.concat(chunks)));
    expect([file.complete, file.accesses]).toEqual([true, BLOCK_ACCESSES]);
  });
});

/** Every STEPth cut and flipped bit; 1 takes minutes. Coprime to 8, so that every bit of a byte has its turn. */
const STEP = Number(process.env['TIERLAB_FUZZ_STEP'] ?? 37);

describe('a damaged .tlt file', () => {
  for (const codec of ['archive', 'replay'] as const) {
    it(`cut at any byte says so, or gives its beginning, ${codec}`, async () => {
      const { bytes, flat } = await small(codec);
      for (let size = 0; size < bytes.length; size += STEP) {
        const cut = bytes.subarray(0, size);
        const strict = await read(() => openTlt(randomAccess('cut.tlt', cut)));
        assert.include(['TRACE_TRUNCATED', 'TRACE_UNKNOWN_FORMAT'], strict.code, `at ${size}`);
        assert.match(strict.message, /^cut\.tlt: /);
        const lenient = await read(() => openTlt(randomAccess('cut.tlt', cut), { lenient: true }));
        assert.deepEqual(lenient.page, flat.page.slice(0, lenient.page.length));
        const streamed = await read(() =>
          streamTlt('cut.tlt', cut, () => inPieces(cut, 50), { lenient: true }),
        );
        assert.deepEqual(streamed.page, lenient.page, `at ${size}`);
      }
    });

    it(`with any bit flipped never gives a wrong access, ${codec}`, async () => {
      const { bytes, flat } = await small(codec);
      let refused = 0;
      for (let bit = 0; bit < bytes.length * 8; bit += STEP) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] ^= 1 << (bit & 7);
        const opened = await read(() => openTlt(randomAccess('flip.tlt', flipped)));
        const streamed = await read(() =>
          streamTlt('flip.tlt', flipped, () => inPieces(flipped, 1 << 20)),
        );
        for (const { page, code } of [opened, streamed]) {
          assert.deepEqual(page, flat.page.slice(0, page.length), `bit ${bit}`);
          if (code !== undefined) refused++;
          else assert.equal(page.length, flat.page.length, `bit ${bit}`);
        }
        assert.isDefined(opened.code, `bit ${bit} of byte ${bit >> 3}`);
      }
      assert.isAbove(refused, (bytes.length * 8) / STEP);
    });
  }

  it('is refused where a payload inflates to more than it says', async () => {
    const { bytes } = await small('archive');
    const at = bytes.indexOf('BLKA');
    const bomb = deflateRawSync(Buffer.alloc(50_000_000));
    const frame = Buffer.concat([bytes.subarray(at, at + 56), bomb]);
    frame.writeUInt32LE(bomb.length, 4);
    frame.writeUInt32LE(hashPayload(frame[46], bomb), 48);
    frame.writeUInt32LE(xxh32(frame, 0, 52), 52);
    const file = Buffer.concat([bytes.subarray(0, at), frame]);
    const { code, message } = await read(() =>
      streamTlt('bomb.tlt', file, () => inPieces(file, 999)),
    );
    expect(code).toBe('TRACE_CORRUPT');
    expect(message).toContain(`bomb.tlt: block 0 at byte ${at}: the payload does not inflate`);
  });
});

it('replay keeps times as StreamVByte where a quicker column would take an access past 2.95 bytes', async () => {
  // Pages at random of 2^14 take 1.8 bytes, new ones 0.25, the write 0.125. Half of the gaps are 0, the others of a byte:
  // 0.75 as StreamVByte, 1.125 as a bitmap and u16.
  const random = seeded(3);
  const length = BLOCK_ACCESSES;
  let now = 0;
  const block: AccessBlock = {
    length,
    page: Uint32Array.from({ length }, () => Math.floor(random() * 2 ** 14)),
    write: new Uint8Array(length),
    time: Float64Array.from(
      { length },
      () => (now += random() < 0.5 ? 0 : 1 + Math.floor(random() * 200)),
    ),
    newPageFirst: 0,
    newPageNumber: Float64Array.from({ length: 2 ** 14 }, (_, i) => i),
  };
  const bytes = await bytesOf(traceOf([block]), { codec: 'replay', omit: ['thread', 'line'] });
  expect(bytes.length / length).toBeLessThan(3);
});
