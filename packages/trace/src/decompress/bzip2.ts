import { createRequire } from 'node:module';
import { type ByteQueue, createByteQueue, fill, takeNow } from './byte-queue.ts';
import type { Codec } from './codec.ts';

/** bzip2, also of several streams, one block at a time. */
export const bzip2: Codec = {
  name: 'bzip2',
  matches: (head) =>
    head[0] === 0x42 &&
    head[1] === 0x5a &&
    head[2] === 0x68 &&
    head[3] >= 0x31 &&
    head[3] <= 0x39 &&
    (BLOCK.every((byte, i) => head[4 + i] === byte) ||
      END.every((byte, i) => head[4 + i] === byte)),
  decode: (bytes) => decodeBzip2(bytes),
};

const BLOCK = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
const END = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];

// More than the longest block takes: 900,000 symbols of at most 20 bits, and its tables.
const LONGEST_BLOCK_BYTES = 3 << 20;

async function* decodeBzip2(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const Bunzip = createRequire(import.meta.url)('seek-bzip') as BunzipConstructor;
  const queue = createByteQueue(bytes);
  const input = inputOf(queue);
  const output = createOutput();
  await input.refill();
  const decoder = new Bunzip(input, output);
  for (;;) {
    while (decoder._init_block()) {
      decoder._read_bunzip();
      yield output.takeAll();
      await input.refill();
    }
    if (decoder.reader.read(32) >>> 0 !== decoder.streamCRC)
      throw new Error("the stream's checksum is wrong");
    if ((await input.refill()) === 0) return;
    decoder._start_bunzip(input, output);
  }
}

/** The parts of seek-bzip 2.0.0 that decode a block at a time; its public functions want the whole file. */
interface BunzipDecoder {
  readonly reader: { read(bits: number): number };
  readonly streamCRC: number;
  _init_block(): boolean;
  _read_bunzip(): number;
  _start_bunzip(input: BunzipInput, output: BunzipOutput): void;
}
type BunzipConstructor = new (input: BunzipInput, output: BunzipOutput) => BunzipDecoder;
interface BunzipInput {
  readByte(): number;
  read(target: Uint8Array, offset: number, length: number): number;
}
interface BunzipOutput {
  writeByte(byte: number): void;
}

// Reads what is at hand; what was read leaves the queue when it is filled again.
function inputOf(queue: ByteQueue): BunzipInput & { refill(): Promise<number> } {
  let at = 0;
  const readByte = (): number => {
    if (at >= queue.waiting.length) throw new Error('it ends inside a block');
    return queue.waiting[at++];
  };
  return {
    readByte,
    read(target, offset, length) {
      for (let i = 0; i < length; i++) target[offset + i] = readByte();
      return length;
    },
    refill() {
      takeNow(queue, at);
      at = 0;
      return fill(queue, LONGEST_BLOCK_BYTES);
    },
  };
}

function createOutput(): BunzipOutput & { takeAll(): Uint8Array } {
  let buffer = new Uint8Array(1 << 20);
  let length = 0;
  return {
    writeByte(byte) {
      if (length === buffer.length) {
        const larger = new Uint8Array(buffer.length * 2);
        larger.set(buffer);
        buffer = larger;
      }
      buffer[length++] = byte;
    },
    takeAll() {
      const all = buffer.slice(0, length);
      length = 0;
      return all;
    },
  };
}
