/** The chunks of `bytes`, which are borrowed, as copies: for whoever asks for the next one before it is done with the last. */
export async function* owned(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) yield Uint8Array.prototype.slice.call(chunk);
}
