import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { sourceOf } from '../testing.ts';
import { codecs, decompress } from './decompress.ts';

// The same 9,000 lines, compressed by the tools themselves: Python 3.11's modules, zstd 1.5.4, lz4 1.9.4.
const NAMES = ['gz', 'zz', 'zst', 'xz', 'bz2', 'lz4', 'zip', 'streamed.zip'];
const fixture = (name: string): Promise<Buffer> =>
  readFile(new URL(`../../fixtures/compressed/trace.${name}`, import.meta.url));
const text = gunzipSync(await fixture('gz'));

async function decoded(bytes: Uint8Array, size = 1 << 16, lenient = false): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of decompress('trace', sourceOf(bytes, 'trace', size).bytes(), lenient))
    chunks.push(Uint8Array.prototype.slice.call(chunk));
  return Buffer.concat(chunks);
}

test.each(NAMES)('%s gives back the text, in chunks of any size', async (name) => {
  const sizes = name === 'zst' ? [7, 1 << 16] : [4000, 1 << 16];
  for (const size of sizes)
    expect((await decoded(await fixture(name), size)).equals(text)).toBe(true);
});

test('compressions in one another are unwrapped; what is not compressed passes', async () => {
  const { gzipSync } = await import('node:zlib');
  expect((await decoded(gzipSync(await fixture('zst')))).equals(text)).toBe(true);
  expect((await decoded(text)).equals(text)).toBe(true);
  expect(await decoded(new Uint8Array(0))).toHaveLength(0);
});

test('a cut stream is a coded error that names it, and no hang', async () => {
  for (const name of NAMES) {
    const whole = await fixture(name);
    // The last bytes of a zip are its directory, which is not read.
    const end = name.endsWith('zip') ? whole.length - 300 : whole.length - 1;
    for (const cut of [17, 40, whole.length >> 1, end])
      await expect(decoded(whole.subarray(0, cut)), `${name} cut at ${cut}`).rejects.toMatchObject({
        code: 'TRACE_BAD_COMPRESSION',
        message: expect.stringMatching(/^trace: the \w+ stream is broken after \d+ /),
      });
  }
});

// zstd's and lz4's checksums are optional, and their decoders here do not verify them.
test.each(['gz', 'zz', 'xz', 'bz2', 'zip', 'streamed.zip'])(
  'a flipped bit in %s never goes unseen',
  async (name) => {
    const whole = await fixture(name);
    const outcomes = new Set<unknown>();
    for (let at = 40; at < whole.length - 400; at += 997) {
      const broken = Buffer.from(whole);
      broken[at] ^= 1 << (at % 8);
      outcomes.add(
        await decoded(broken).then(
          (result) => (result.equals(text) ? 'whole' : `wrong from byte ${at}`),
          (error: unknown) => (error as { code?: string }).code,
        ),
      );
    }
    outcomes.delete('whole');
    expect([...outcomes]).toEqual(['TRACE_BAD_COMPRESSION']);
  },
);

test('what is small and becomes large stays small in memory', async () => {
  const { gzipSync } = await import('node:zlib');
  const bomb = gzipSync(gzipSync(Buffer.alloc(64 << 20)));
  const before = process.memoryUsage().rss;
  let size = 0;
  let peak = 0;
  for await (const chunk of decompress('bomb', sourceOf(bomb, 'bomb', 1 << 16).bytes(), false)) {
    size += chunk.length;
    peak = Math.max(peak, process.memoryUsage().rss);
  }
  expect(size).toBe(64 << 20);
  expect(peak - before).toBeLessThan(40 << 20);
});

test('no two compressions claim the same beginning', async () => {
  for (const name of NAMES) {
    const head = await fixture(name);
    expect(codecs.filter((codec) => codec.matches(head))).toHaveLength(1);
  }
  expect(codecs.filter((codec) => codec.matches(text))).toHaveLength(0);
});
