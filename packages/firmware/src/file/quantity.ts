import { createRequire } from 'node:module';

import { FirmwareError } from '../errors.ts';

/** What a quantity measures; each is held in one unit, the one this table names. */
export type QuantityKind = 'size' | 'time' | 'bandwidth';

interface Kind {
  readonly noun: string;
  readonly example: string;
  /** What mathjs must call the base of a value of this kind, before it is converted to `unit`. */
  readonly unit: string;
  /** Factors to the unit in which this kind is held: bytes, nanoseconds, MB/s. */
  readonly factors: Readonly<Record<string, number>>;
}

const SIZE_FACTORS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

const KINDS: Readonly<Record<QuantityKind, Kind>> = {
  size: { noun: 'a size', example: '64 GiB', unit: 'B', factors: SIZE_FACTORS },
  time: {
    noun: 'a latency',
    example: '80 ns',
    unit: 'ns',
    factors: { ps: 1e-3, ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 },
  },
  bandwidth: {
    noun: 'a bandwidth',
    example: '38.4 GB/s',
    unit: 'MB/s',
    factors: Object.fromEntries(
      Object.entries(SIZE_FACTORS).map(([unit, bytes]) => [`${unit}/s`, bytes / 1e6]),
    ),
  },
};

const PLAIN = /^([+-]?\d+(?:\.\d+)?)\s*([A-Za-zµ/]+)$/;

/**
 * The value of `text`, `'80 ns'` or `'64 GiB'`, in the unit in which its kind is held: bytes for a
 * size, nanoseconds for a time, MB/s (10^6) for a bandwidth. Anything that is not a plain number
 * and unit (`2 * 32 GiB`, `0.5 TB / 2`) is read by mathjs, which is loaded only then.
 *
 * Throws FIRMWARE_BAD_QUANTITY for a number without its unit, a unit of another kind, and values below 0.
 */
export function parseQuantity(kind: QuantityKind, text: string | number): number {
  const { noun, example, factors } = KINDS[kind];
  const reject = (why: string): never => {
    throw new FirmwareError(
      'FIRMWARE_BAD_QUANTITY',
      `expected ${noun} with its unit such as ${example}, got ${why}`,
    );
  };
  if (typeof text === 'number') return reject(`${text} without a unit`);
  const trimmed = text.trim();
  const plain = PLAIN.exec(trimmed);
  const factor = plain?.[2] === undefined ? undefined : factors[plain[2]];
  const value =
    factor === undefined ? evaluate(kind, trimmed) : exactProduct(Number(plain?.[1]), factor);
  if (value === undefined) return reject(JSON.stringify(text));
  if (value < 0) return reject(`${JSON.stringify(text)}, which is below 0`);
  if (value > Number.MAX_SAFE_INTEGER) return reject(`${JSON.stringify(text)}, which is too large`);
  return value;
}

/** `value * factor` without the last bit of float noise: 38.4 GB/s is 38400 MB/s. */
function exactProduct(value: number, factor: number): number {
  const product = value * factor;
  const rounded = Math.round(product * 1e6) / 1e6;
  return Math.abs(rounded - product) <= Math.abs(product) * 1e-12 ? rounded : product;
}

/** The two things of mathjs that are used here. */
interface Mathjs {
  evaluate(text: string): unknown;
  unit(text: string): MathjsUnit;
}
interface MathjsUnit {
  equalBase(other: MathjsUnit): boolean;
  toNumber(unit: string): number;
}

let mathjs: Mathjs | undefined;

/** Numbers, units, sums and products: nothing that mathjs could run for long or grow on. */
const EXPRESSION = /^[\d.\sA-Za-zµ+\-*/()]{1,100}$/;
const CALL = /[A-Za-zµ]\s*\(/;
/** `64 Gib` is gibibits to mathjs, a slip of the hand to everybody else. */
const BITS = /(?:^|[^A-Za-z])[kKMGT]?i?b(?:its?)?(?:$|[^A-Za-z])/;

/** The value of an expression, or undefined where it is none or has another base (`4 K` is kelvin). */
function evaluate(kind: QuantityKind, text: string): number | undefined {
  if (!EXPRESSION.test(text) || CALL.test(text)) return undefined;
  if (kind === 'size' && BITS.test(text)) return undefined;
  // The single file of the package: its ES modules take four times as long to load.
  mathjs ??= createRequire(import.meta.url)('mathjs/lib/browser/math.js') as Mathjs;
  const { unit } = KINDS[kind];
  try {
    const value = mathjs.evaluate(text) as Partial<MathjsUnit> | null;
    if (typeof value?.equalBase !== 'function' || typeof value.toNumber !== 'function') {
      return undefined;
    }
    if (!value.equalBase(mathjs.unit(`1 ${unit}`))) return undefined;
    const number = value.toNumber(unit);
    return Number.isFinite(number) ? exactProduct(number, 1) : undefined;
  } catch {
    return undefined;
  }
}

const SIZE_UNITS = ['TiB', 'GiB', 'MiB', 'KiB', 'B'] as const;

/** The shortest text that {@link parseQuantity} reads back as exactly `value`. */
export function formatQuantity(kind: QuantityKind, value: number): string {
  if (kind === 'time') return `${value} ns`;
  if (kind === 'bandwidth') {
    const gigabytes = value / 1e3;
    return exactProduct(gigabytes, 1e3) === value && value >= 1e3
      ? `${gigabytes} GB/s`
      : `${value} MB/s`;
  }
  const unit =
    SIZE_UNITS.find((name) => value % (SIZE_FACTORS[name] ?? 1) === 0 && value > 0) ?? 'B';
  return `${value / (SIZE_FACTORS[unit] ?? 1)} ${unit}`;
}
