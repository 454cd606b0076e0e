import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { TraceError } from '../errors.ts';
import { openTrace } from '../open.ts';
import { count, sourceOf } from '../testing.ts';
import { createRandom, mutate, SAMPLES } from '../testing-inputs.ts';
import { traceFormats } from './registry.ts';

/**
 * Random inputs a reader. `FUZZ_INPUTS=100000 npx vitest run src/readers/hostile.test.ts` tries more, and from 1000
 * on every flipped bit instead of a share of them.
 */
const FUZZ_INPUTS = Number(process.env['FUZZ_INPUTS'] ?? 30);
const BIT_STEP = FUZZ_INPUTS < 1000 ? 13 : 1;
const FUZZ_TIMEOUT_MS = 60_000 + FUZZ_INPUTS * 20;
// Most inputs end in an error, whose stack nobody reads and which costs as much as reading one.
Error.stackTraceLimit = 0;

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const names = traceFormats.map(({ name }) => name).filter((name) => name !== 'tlt');
const IS_TEXT = (name: string): boolean => !SAMPLES[name].includes(0);

// What a reader may do with anything: give accesses, or a coded error that names the source. Else the failure.
async function outcome(bytes: Uint8Array, format?: string): Promise<string> {
  try {
    const trace = await openTrace(sourceOf(bytes, 'hostile'), {
      ...(format !== undefined && { format }),
      pageLimit: 5000,
    });
    return (await count(trace)).accesses > 0 ? 'accesses' : 'neither accesses nor an error';
  } catch (error) {
    if (error instanceof TraceError && error.message.startsWith('hostile')) return error.code;
    return `not coded: ${String(error)}`;
  }
}

const isFine = (result: string): boolean => result === 'accesses' || result.startsWith('TRACE_');

test('there is a sample of every format, and each is recognised and read', async () => {
  expect(Object.keys(SAMPLES).sort()).toEqual(names.toSorted());
  for (const name of names) {
    const trace = await openTrace(sourceOf(SAMPLES[name]));
    expect(trace.declaration.format).toBe(name);
    expect((await count(trace)).accesses).toBeGreaterThan(0);
  }
});

test.each(names)('%s cut at every byte', async (name) => {
  const whole = SAMPLES[name];
  for (let size = 0; size < whole.length; size++)
    expect(await outcome(whole.subarray(0, size), size % 4 === 0 ? undefined : name)).toSatisfy(
      isFine,
    );
});

test.each(names)('%s with each bit flipped', async (name) => {
  const broken = Buffer.from(SAMPLES[name]);
  for (let bit = 0; bit < broken.length * 8; bit += BIT_STEP) {
    broken[bit >> 3] ^= 1 << (bit & 7);
    expect(await outcome(broken, name)).toSatisfy(isFine);
    broken[bit >> 3] ^= 1 << (bit & 7);
  }
});

test.each(names.filter(IS_TEXT))('%s with a line of 10 MB', async (name) => {
  for (const filler of ['a', '9', ' ', ','].map((char) => Buffer.alloc(10 << 20, char)))
    expect(await outcome(Buffer.concat([SAMPLES[name], filler, SAMPLES[name]]), name)).toSatisfy(
      isFine,
    );
});

test.each(names.filter(IS_TEXT))('%s with an address beyond 64 bits', async (name) => {
  // The longest run of digits is made longer; those that are no addresses may be anything.
  const text = SAMPLES[name].toString('latin1');
  const longest = text.match(/[0-9a-f]{2,}/g)?.sort((a, b) => b.length - a.length)[0] ?? '';
  for (const digits of ['f'.repeat(40), '9'.repeat(40), '18446744073709551616'])
    expect(await outcome(latin1(text.replaceAll(longest, digits)), name)).toSatisfy(isFine);
});

test('a name says nothing: what is in the file decides', async () => {
  const zip = await readFile(new URL('../../fixtures/compressed/trace.zip', import.meta.url));
  for (const name of ['trace.gz', 'trace.champsimtrace.xz', 'perf.data', 'a.tlt']) {
    const trace = await openTrace(sourceOf(zip, name));
    expect((await count(trace)).accesses).toBe(9000);
  }
});

test.each(names)(
  `%s with ${FUZZ_INPUTS} random inputs`,
  async (name) => {
    const random = createRandom(names.indexOf(name) + 1);
    const seen = new Set<string>();
    for (let input = 0; input < FUZZ_INPUTS; input++) {
      const bytes = mutate(SAMPLES[name], random);
      const result = await outcome(bytes, input % 4 === 0 ? undefined : name);
      if (!isFine(result)) throw new Error(`input ${input}: ${result}\n${bytes.toString('hex')}`);
      seen.add(result);
    }
    // The mutations neither miss nor always break.
    expect(seen.size).toBeGreaterThan(1);
  },
  FUZZ_TIMEOUT_MS,
);
