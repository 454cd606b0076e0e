/** Bytes of a stream taken in pieces of any size, whatever chunks they come in. */
export interface ByteQueue {
  readonly stream: AsyncIterator<Uint8Array>;
  /** Bytes fetched and not taken. */
  waiting: Uint8Array;
  /** Bytes taken. */
  taken: number;
  ended: boolean;
}

export function createByteQueue(bytes: AsyncIterable<Uint8Array>): ByteQueue {
  return {
    stream: bytes[Symbol.asyncIterator](),
    waiting: new Uint8Array(0),
    taken: 0,
    ended: false,
  };
}

/** Waits for `size` bytes; returns how many there are, fewer only at the end of the stream. */
export async function fill(queue: ByteQueue, size: number): Promise<number> {
  if (queue.waiting.length >= size || queue.ended) return queue.waiting.length;
  const chunks = [queue.waiting];
  let length = queue.waiting.length;
  while (length < size) {
    const next = await queue.stream.next();
    if (next.done) {
      queue.ended = true;
      break;
    }
    length += next.value.length;
    // Borrowed until the next one is asked for; what is joined below is a copy.
    chunks.push(length < size ? Uint8Array.prototype.slice.call(next.value) : next.value);
  }
  queue.waiting = Buffer.concat(chunks);
  return length;
}

/**
 * Takes exactly `size` bytes, valid until the next call.
 * @throws an Error that says what was cut, where the stream ends before.
 */
export async function take(queue: ByteQueue, size: number, what: string): Promise<Uint8Array> {
  if ((await fill(queue, size)) < size) throw new Error(`it ends inside ${what}`);
  return drop(queue, size);
}

/** Takes at most `size` bytes of what is at hand, after waiting for one; none at the end. */
export async function takeSome(queue: ByteQueue, size: number): Promise<Uint8Array> {
  await fill(queue, 1);
  return takeNow(queue, size);
}

/** Puts back the last `size` bytes of `bytes`, which were the last to be taken. */
export function putBack(queue: ByteQueue, bytes: Uint8Array, size: number): void {
  if (size === 0) return;
  queue.waiting = Buffer.concat([bytes.subarray(bytes.length - size), queue.waiting]);
  queue.taken -= size;
}

/** Lets the stream end. */
export async function close(queue: ByteQueue): Promise<void> {
  await queue.stream.return?.();
}

/** Takes at most `size` bytes of what is at hand, without waiting. */
export function takeNow(queue: ByteQueue, size: number): Uint8Array {
  return drop(queue, Math.min(size, queue.waiting.length));
}

function drop(queue: ByteQueue, size: number): Uint8Array {
  const bytes = queue.waiting.subarray(0, size);
  queue.waiting = queue.waiting.subarray(size);
  queue.taken += size;
  return bytes;
}
