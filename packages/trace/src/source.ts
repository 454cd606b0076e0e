import { TraceError } from './errors.ts';
import { resume } from './resume.ts';

/** Where the bytes of a trace come from: a file, a pipe, a buffer. */
export interface TraceSource {
  /** What errors call it: a file's name. */
  readonly name: string;
  /** The bytes from their beginning, at every call; each chunk is borrowed until the next one is asked for. */
  bytes(): AsyncIterable<Uint8Array>;
  /** The bytes come once, as from a pipe: `bytes` is called one time. */
  readonly once?: boolean;
}

/** A source's bytes after decompression, with their beginning at hand. */
export interface TraceContent {
  readonly name: string;
  readonly head: Head;
  /** Read what can be read: skip what is broken, end where the source was cut. */
  readonly lenient: boolean;
  /** As those of {@link TraceSource}. */
  bytes(): AsyncIterable<Uint8Array>;
}

/** The beginning of a source's content, from which its format is recognised. */
export interface Head {
  readonly bytes: Uint8Array;
  /** The head is the whole content. */
  readonly whole: boolean;
  /** Its whole lines without their ends; empty where the content is not text. */
  readonly lines: readonly string[];
}

/** Bytes of the head, unless the content is shorter. */
export const HEAD_BYTES: number = 64 << 10;

/** The content of `source`, `decode`d, with its head read. */
export async function openContent(
  source: TraceSource,
  decode: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
  lenient: boolean,
): Promise<TraceContent> {
  const stream = decode(source.bytes())[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let whole = false;
  while (size < HEAD_BYTES) {
    const next = await stream.next();
    if (next.done) {
      whole = true;
      break;
    }
    // What is borrowed is kept whole only where it does not come again.
    const end = source.once === true ? undefined : HEAD_BYTES - size;
    chunks.push(Uint8Array.prototype.slice.call(next.value, 0, end));
    size += next.value.length;
  }
  const first = Buffer.concat(chunks);
  const head = headOf(first.subarray(0, HEAD_BYTES), whole && size <= HEAD_BYTES);
  const { name } = source;
  if (source.once !== true) {
    await stream.return?.();
    return { name, head, lenient, bytes: () => decode(source.bytes()) };
  }
  let taken = false;
  return {
    name,
    head,
    lenient,
    bytes() {
      if (taken)
        throw new TraceError(
          'TRACE_UNSUPPORTED',
          `${name}: a pipe can be read once; save it to a file to read it again`,
        );
      taken = true;
      return resume(first, stream);
    },
  };
}

/** The head of a content of which `bytes` are the beginning. */
export function headOf(bytes: Uint8Array, whole: boolean): Head {
  return { bytes, whole, lines: isText(bytes) ? linesOf(bytes, whole) : [] };
}

// Control characters other than tab, line feed, form feed, return and escape are not in a text trace.
function isText(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27)
      return false;
  }
  return bytes.length > 0;
}

function linesOf(bytes: Uint8Array, whole: boolean): string[] {
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  const last = lines.pop();
  if (last !== undefined && last !== '' && (whole || lines.length === 0)) lines.push(last);
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}
