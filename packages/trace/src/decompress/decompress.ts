import { TraceError } from '../errors.ts';
import { resume } from '../resume.ts';
import type { Codec } from './codec.ts';
import { bzip2 } from './bzip2.ts';
import { gzip } from './gzip.ts';
import { lz4 } from './lz4.ts';
import { snappy } from './snappy.ts';
import { xz } from './xz.ts';
import { zip } from './zip.ts';
import { zlib } from './zlib.ts';
import { zstd } from './zstd.ts';

/** Compressions told by their first bytes, never by a file's name. */
export const codecs: readonly Codec[] = [gzip, zlib, zstd, xz, bzip2, lz4, snappy, zip];

// As deep as a compressed file inside an archive inside a compressed file.
const LAYERS = 3;
const MAGIC_BYTES = 16;

/**
 * `bytes` without the compressions they are wrapped in; in constant memory, however much comes out.
 * @throws TRACE_BAD_COMPRESSION
 */
export async function* decompress(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  lenient: boolean,
  layers: number = LAYERS,
): AsyncGenerator<Uint8Array> {
  const { head, all } = await peek(bytes, MAGIC_BYTES);
  const codec = codecs.find((one) => one.matches(head));
  if (codec === undefined || layers === 0) {
    yield* all;
    return;
  }
  yield* decompress(name, guarded(name, codec, all, lenient), lenient, layers - 1);
}

async function* guarded(
  name: string,
  codec: Codec,
  bytes: AsyncIterable<Uint8Array>,
  lenient: boolean,
): AsyncGenerator<Uint8Array> {
  let produced = 0;
  try {
    for await (const chunk of codec.decode(bytes, lenient)) {
      produced += chunk.length;
      yield chunk;
    }
  } catch (error) {
    if (error instanceof TraceError || !(error instanceof Error)) throw error;
    throw new TraceError(
      'TRACE_BAD_COMPRESSION',
      `${name}: the ${codec.name} stream is broken after ${produced} decompressed bytes (${error.message}); pass --lenient to read up to there`,
      { cause: error },
    );
  }
}

async function peek(
  bytes: AsyncIterable<Uint8Array>,
  size: number,
): Promise<{ head: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const stream = bytes[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < size) {
    const next = await stream.next();
    if (next.done) break;
    const isAll = head.length === 0 && next.value.length >= size;
    head = isAll ? next.value : Buffer.concat([head, next.value]);
  }
  return { head, all: resume(head, stream) };
}
