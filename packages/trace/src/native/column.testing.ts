import { assert } from 'vitest';

/** What `encode` writes of a column that takes `bytes`: no less, no more, and over whatever was there before. */
export function encodedAlone(
  bytes: number,
  encode: (out: Uint8Array, at: number) => number,
): Uint8Array {
  const out = new Uint8Array(bytes + 8).fill(0xff);
  assert.equal(encode(out, 3), 3 + bytes);
  assert.deepEqual([...out.subarray(3 + bytes)], [255, 255, 255, 255, 255]);
  return out.subarray(3, 3 + bytes);
}
