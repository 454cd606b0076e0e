import { expect, test } from 'vitest';

import type { AccessBlock, SourceDeclaration } from '../block.ts';
import { TraceError } from '../errors.ts';
import { createRandom } from '../testing-inputs.ts';
import { decodeFrameHeader, encodeFrameHeader, FRAME_HEADER_BYTES } from './layout.ts';
import { hashPayload, PayloadHash } from './payload-hash.ts';
import { streamTlt } from './stream.ts';
import { writeTlt } from './writer.ts';

/** Payloads changed at random; `FUZZ_INPUTS=1000000 npx vitest run src/native/forged.test.ts` tries more. */
const FUZZ_INPUTS = Number(process.env['FUZZ_INPUTS'] ?? 500);
const FUZZ_TIMEOUT_MS = 60_000 + FUZZ_INPUTS * 20;
// Most inputs end in an error, whose stack nobody reads and which costs as much as reading one.
Error.stackTraceLimit = 0;

const declaration: SourceDeclaration = {
  format: 'test',
  level: 'memory',
  addressSpace: 'virtual',
  clock: 'nanoseconds',
  pageShift: 12,
  threads: true,
  writes: true,
};

/** Every column; pages near each other in the first half and far apart in the second; gaps that are exceptions. */
function blockOf(length: number, random: () => number): AccessBlock {
  const pages = 4096;
  let now = 1e12;
  return {
    length,
    page: Uint32Array.from({ length }, (_, i) =>
      i < length / 2 ? (i >> 3) % pages : Math.floor(random() * pages),
    ),
    time: Float64Array.from({ length }, () => {
      now += random() < 0.5 ? 0 : Math.floor(random() ** 8 * 2 ** 18);
      return now;
    }),
    write: Uint8Array.from({ length }, () => (random() < 0.3 ? 1 : 0)),
    line: Uint8Array.from({ length }, () => Math.floor(random() * 64)),
    thread: Uint16Array.from({ length }, (_, i) => i >> 5),
    weight: Uint32Array.from({ length }, () => Math.floor(random() ** 4 * 2 ** 32)),
    newPageFirst: 0,
    newPageNumber: Float64Array.from({ length: pages }, (_, i) => 2 ** 35 + i * 3),
    touches: [{ startTime: 1e12, endTime: now, page: Uint32Array.of(0, 5, 6, 4095) }],
  };
}

/** The file's first block as its header and payload. */
async function encoded(
  block: AccessBlock,
): Promise<{ head: Buffer; header: Buffer; payload: Buffer }> {
  const chunks: Uint8Array[] = [];
  const trace = {
    declaration,
    async *blocks() {
      yield block;
    },
  };
  for await (const chunk of writeTlt(trace, { codec: 'replay' })) chunks.push(chunk);
  const file = Buffer.concat(chunks);
  const at = file.indexOf('BLKA');
  const payloadAt = at + FRAME_HEADER_BYTES;
  const end = payloadAt + file.readUInt32LE(at + 4);
  return {
    head: file.subarray(0, at),
    header: file.subarray(at, payloadAt),
    payload: file.subarray(payloadAt, end),
  };
}

/** What came of a file of one block: accesses that are in order and have pages, or a coded error. */
async function outcome(file: Uint8Array): Promise<string> {
  let result = 'nothing';
  try {
    const trace = streamTlt('forged', file, async function* () {
      yield file;
    });
    for await (const { length, page, newPageFirst, newPageNumber } of trace.blocks()) {
      const pages = newPageFirst + newPageNumber.length;
      for (let i = 0; i < length; i++) if (page[i] >= pages) return `page ${page[i]} of ${pages}`;
      result = 'accesses';
    }
    return result;
  } catch (error) {
    if (error instanceof TraceError && error.message.startsWith('forged')) return error.code;
    return `not coded: ${String(error)}`;
  }
}

test(
  `a block of ${FUZZ_INPUTS} changed payloads under right checksums is accesses or refused`,
  async () => {
    const random = createRandom(5);
    const results = new Map<string, number>();
    for (const length of [300, 5003]) {
      const { head, header, payload } = await encoded(blockOf(length, random));
      const place = { name: 'forged', block: 0, offset: head.length };
      for (let input = 0; input < FUZZ_INPUTS / 2; input++) {
        const changed = Buffer.from(payload);
        // The directory and the beginnings of columns as often as all the rest.
        const reach = input % 2 === 0 ? Math.min(changed.length, 200) : changed.length;
        for (let i = 0; i <= input % 3; i++)
          changed[Math.floor(random() * reach)] = Math.floor(random() * 256);
        const forged = encodeFrameHeader({
          ...decodeFrameHeader(header, place),
          payloadHash: hashPayload(PayloadHash.lanes, changed),
        });
        const result = await outcome(Buffer.concat([head, forged, changed]));
        results.set(result, (results.get(result) ?? 0) + 1);
      }
    }
    const kinds = [...results.keys()].toSorted();
    expect(kinds).toEqual(['TRACE_CORRUPT', 'TRACE_TRUNCATED', 'TRACE_UNSUPPORTED']);
  },
  FUZZ_TIMEOUT_MS,
);
