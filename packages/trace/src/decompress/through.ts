import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { owned } from './owned.ts';

/** `bytes` through a transform of Node's, with back-pressure; both end when either fails or stops. */
export async function* through(
  bytes: AsyncIterable<Uint8Array>,
  transform: Transform,
): AsyncGenerator<Uint8Array> {
  const fed = pipeline(Readable.from(owned(bytes)), transform);
  // A failure arrives through the transform, which is read below.
  fed.catch(() => undefined);
  yield* transform as AsyncIterable<Uint8Array>;
}
