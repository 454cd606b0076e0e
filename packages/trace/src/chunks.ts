/** Large enough that asking costs little, and small enough that a cache still has what was read. */
const CHUNK_BYTES = 1 << 18;

/**
 * The bytes that `read` puts into what it is given, as it says how many; it ends with the first 0.
 *
 * All chunks are in one buffer, borrowed until the next is asked for: new memory for each costs more than to read them.
 */
export async function* readChunks(
  read: (into: Uint8Array) => number | Promise<number>,
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let length = await read(buffer); length > 0; length = await read(buffer))
    yield buffer.subarray(0, length);
}
