import type { AccessBlock, AccessTrace, SourceDeclaration } from '../block.ts';
import { TraceError } from '../errors.ts';

/**
 * A trace as the lackey reader reads it back. An address is the first byte of its line, or of its page
 * where the trace has no lines; the size is written as 1. Where the clock is instructions there is an `I` line for
 * each, which makes a filtered trace long.
 * @throws TRACE_UNSUPPORTED for counted, sampled and object traces, which lackey cannot say.
 */
export async function* writeLackey(trace: AccessTrace): AsyncGenerator<Uint8Array> {
  const { declaration } = trace;
  if (declaration.addressSpace === 'object')
    throw unsupported('a trace of objects has no addresses; write it as delimited text');
  const address = createAddress(declaration);
  let instructions = 0;
  for await (const block of trace.blocks()) {
    if (block.weight !== undefined)
      throw unsupported('records that stand for several accesses; write it as delimited text');
    const time = declaration.clock === 'instructions' ? block.time : undefined;
    address.learn(block);
    const text = createText();
    for (let i = 0; i < block.length; i++) {
      if (time !== undefined)
        for (; instructions < time[i]; instructions++) {
          text.push('I  00000000,1\n');
          if (text.length >= LINES_AT_ONCE) yield text.take();
        }
      text.push(
        ` ${block.write[i] === 1 ? 'S' : 'L'} ${address.of(block, i).padStart(8, '0')},1\n`,
      );
      if (text.length >= LINES_AT_ONCE) yield text.take();
    }
    yield text.take();
  }
}

/**
 * A trace as text in columns, whose first line names them so that the delimited reader reads it back:
 * time, thread, operation, address, weight, as far as the trace has them. A trace of objects becomes the CSV
 * that libCacheSim reads.
 */
export async function* writeDelimited(trace: AccessTrace): AsyncGenerator<Uint8Array> {
  const { declaration } = trace;
  const isObject = declaration.addressSpace === 'object';
  const address = createAddress(declaration);
  let isFirst = true;
  for await (const block of trace.blocks()) {
    address.learn(block);
    const text = createText();
    if (isFirst) text.push(`${headerOf(declaration, block)}\n`);
    isFirst = false;
    const { time, thread, weight, write } = block;
    for (let i = 0; i < block.length; i++) {
      let line = '';
      if (time !== undefined) line += `${isObject ? seconds(time[i]) : time[i]},`;
      if (thread !== undefined) line += `${thread[i]},`;
      line += write[i] === 1 ? 'W,' : 'R,';
      line += isObject ? address.pageNumber(block, i) : `0x${address.of(block, i)}`;
      if (weight !== undefined) line += `,${weight[i]}`;
      text.push(`${line}\n`);
      if (text.length >= LINES_AT_ONCE) yield text.take();
    }
    yield text.take();
  }
}

const LINES_AT_ONCE = 4096;

const TIME_NAMES: Readonly<Record<SourceDeclaration['clock'], string>> = {
  nanoseconds: 'time_ns',
  instructions: 'instructions',
  cycles: 'cycles',
  accesses: 'time_ns',
};

function headerOf(declaration: SourceDeclaration, block: AccessBlock): string {
  const isObject = declaration.addressSpace === 'object';
  const names: string[] = [];
  if (block.time !== undefined) names.push(isObject ? 'time' : TIME_NAMES[declaration.clock]);
  if (block.thread !== undefined) names.push('tid');
  names.push('op', isObject ? 'obj_id' : 'addr');
  if (block.weight !== undefined) names.push('weight');
  return names.join(',');
}

// Nanoseconds, exactly.
function seconds(nanoseconds: number): string {
  const whole = Math.floor(nanoseconds / 1e9);
  const rest = nanoseconds - whole * 1e9;
  return rest === 0 ? String(whole) : `${whole}.${String(rest).padStart(9, '0')}`;
}

interface Address {
  learn(block: AccessBlock): void;
  /** Hexadecimal digits of the address of access `i`. */
  of(block: AccessBlock, i: number): string;
  pageNumber(block: AccessBlock, i: number): number;
}

function createAddress({ pageShift }: SourceDeclaration): Address {
  const numbers: number[] = [];
  const offsetDigits = pageShift / 4;
  return {
    learn({ newPageNumber }) {
      for (const number of newPageNumber) numbers.push(number);
    },
    of({ page, line }, i) {
      const offset = line === undefined ? 0 : line[i] * 64;
      const number = numbers[page[i]];
      if (!Number.isInteger(offsetDigits))
        return ((BigInt(number) << BigInt(pageShift)) + BigInt(offset)).toString(16);
      const digits = number.toString(16) + offset.toString(16).padStart(offsetDigits, '0');
      return number === 0 ? offset.toString(16) : digits;
    },
    pageNumber: ({ page }, i) => numbers[page[i]],
  };
}

interface Text {
  readonly length: number;
  push(line: string): void;
  take(): Uint8Array;
}

function createText(): Text {
  let lines: string[] = [];
  return {
    get length() {
      return lines.length;
    },
    push(line) {
      lines.push(line);
    },
    take() {
      const bytes = Buffer.from(lines.join(''), 'latin1');
      lines = [];
      return bytes;
    },
  };
}

function unsupported(message: string): TraceError {
  return new TraceError('TRACE_UNSUPPORTED', `lackey's text cannot hold this trace: ${message}`);
}
