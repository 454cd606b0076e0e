import { PolicyError } from './errors.ts';

/** One parameter of a policy: what it means, what it is by default, and how text becomes its value. */
export interface Param<T> {
  readonly doc: string;
  readonly default: T;
  /** What a value looks like, for help texts: `count >= 1`, `on | off`. */
  readonly form: string;
  /** The value that `text` means, or why it means none. */
  parse(text: string): { readonly value: T } | { readonly problem: string };
  /** Whether `value` may be used: a problem in words, or undefined. */
  check(value: T): string | undefined;
  /** The text that {@link Param.parse} reads as `value`. */
  show(value: T): string;
}

/** The declared parameters of a policy by name. */
export type Params = Readonly<Record<string, Param<unknown>>>;

/** No parameters. */
export type NoParams = Readonly<Record<string, never>>;

/** The values that a policy sees, by the names it declared. */
export type ParamValues<P> = {
  readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never;
};

/** Where the value of a parameter came from; the manifest of a run keeps it. */
export type ParamSource = 'default' | 'file' | 'flag';

interface Range {
  readonly default: number;
  readonly doc: string;
  readonly min?: number;
  readonly max?: number;
}

/** A whole number of things. */
export function count(spec: Range): Param<number> {
  const min = spec.min ?? 0;
  const max = spec.max ?? Number.MAX_SAFE_INTEGER;
  const inRange = rangeCheck(min, max);
  return checkedDefault({
    doc: spec.doc,
    default: spec.default,
    form: rangeForm('count', min, max),
    parse: (text) => (/^\d+$/.test(text) ? { value: Number(text) } : { problem: 'not a count' }),
    check: (value) => (Number.isSafeInteger(value) ? inRange(value) : 'not a whole number'),
    show: String,
  });
}

/** A number without unit; 0 to 1 unless `min` and `max` say otherwise. */
export function ratio(spec: Range): Param<number> {
  const min = spec.min ?? 0;
  const max = spec.max ?? 1;
  const inRange = rangeCheck(min, max);
  return checkedDefault({
    doc: spec.doc,
    default: spec.default,
    form: rangeForm('ratio', min, max),
    parse: (text) => {
      const value = text.trim() === '' ? Number.NaN : Number(text);
      return Number.isFinite(value) ? { value } : { problem: 'not a number' };
    },
    check: (value) => (Number.isFinite(value) ? inRange(value) : 'not a number'),
    show: String,
  });
}

const BYTE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** An amount of memory in bytes, written with its unit: `64 MiB`, `2GB`, `4096 B`. */
export function bytes(spec: Range): Param<number> {
  return quantity('bytes', BYTE_UNITS, ['TiB', 'GiB', 'MiB', 'KiB', 'B'], spec);
}

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  min: 60e9,
};

/** A duration in nanoseconds, written with its unit: `500 ms`, `2s`, `100 ns`. */
export function duration(spec: Range): Param<number> {
  return quantity('duration', DURATION_UNITS, ['s', 'ms', 'us', 'ns'], spec);
}

/** One of some words. */
export function oneOf<const T extends string>(spec: {
  readonly values: readonly T[];
  readonly default: NoInfer<T>;
  readonly doc: string;
}): Param<T> {
  const find = (text: string): T | undefined => spec.values.find((value) => value === text);
  return checkedDefault({
    doc: spec.doc,
    default: spec.default,
    form: spec.values.join(' | '),
    parse: (text) => {
      const value = find(text);
      return value === undefined ? { problem: 'not one of them' } : { value };
    },
    check: (value) => (find(value) === undefined ? 'not one of them' : undefined),
    show: (value) => value,
  });
}

/** On or off. */
export function flag(spec: { readonly default: boolean; readonly doc: string }): Param<boolean> {
  return {
    doc: spec.doc,
    default: spec.default,
    form: 'on | off',
    parse: (text) => {
      if (text === 'on' || text === 'true') return { value: true };
      if (text === 'off' || text === 'false') return { value: false };
      return { problem: 'neither on nor off' };
    },
    check: (value) => (typeof value === 'boolean' ? undefined : 'neither on nor off'),
    show: (value) => (value ? 'on' : 'off'),
  };
}

/** The values of a policy's parameters, each with where it came from. */
export interface ResolvedParams {
  readonly values: Readonly<Record<string, unknown>>;
  readonly manifest: Readonly<
    Record<string, { readonly value: string; readonly source: ParamSource }>
  >;
}

/** A value given for a parameter: text as a flag or a file has it, or the value itself. */
export type GivenParam =
  | string
  | number
  | boolean
  | { readonly value: string | number | boolean; readonly source: ParamSource };

/**
 * The values that `given` and the defaults make of the declared `params` of the policy `policyName`.
 *
 * @throws {PolicyError} `POLICY_UNKNOWN_PARAM`, `POLICY_BAD_PARAM`.
 */
export function resolveParams(
  policyName: string,
  params: Params,
  given: Readonly<Record<string, GivenParam>> = {},
): ResolvedParams {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(params, name)) {
      const known = Object.keys(params).toSorted().join(', ') || 'none';
      throw new PolicyError(
        'POLICY_UNKNOWN_PARAM',
        `${policyName}: no parameter ${JSON.stringify(name)}; it has: ${known}`,
      );
    }
  }
  const values: Record<string, unknown> = {};
  const manifest: Record<string, { value: string; source: ParamSource }> = {};
  for (const [name, param] of Object.entries(params)) {
    const entry = given[name];
    const value = entry === undefined ? param.default : readGiven(policyName, name, param, entry);
    values[name] = value;
    manifest[name] = { value: param.show(value), source: sourceOf(entry) };
  }
  return { values, manifest };
}

function sourceOf(entry: GivenParam | undefined): ParamSource {
  if (entry === undefined) return 'default';
  return typeof entry === 'object' ? entry.source : 'flag';
}

function readGiven(
  policyName: string,
  name: string,
  param: Param<unknown>,
  entry: GivenParam,
): unknown {
  const raw = typeof entry === 'object' ? entry.value : entry;
  const parsed =
    typeof raw === 'string' && typeof param.default !== 'string'
      ? param.parse(raw)
      : { value: raw as unknown };
  const problem =
    'problem' in parsed
      ? parsed.problem
      : typeof parsed.value === typeof param.default
        ? param.check(parsed.value)
        : `a ${typeof parsed.value}`;
  if (problem === undefined && 'value' in parsed) return parsed.value;
  throw new PolicyError(
    'POLICY_BAD_PARAM',
    `${policyName}: ${name}: expected ${param.form}, got ${JSON.stringify(raw)} (${problem})`,
  );
}

function quantity(
  kind: string,
  units: Readonly<Record<string, number>>,
  showUnits: readonly string[],
  spec: Range,
): Param<number> {
  const min = spec.min ?? 0;
  const max = spec.max ?? Number.MAX_SAFE_INTEGER;
  const inRange = rangeCheck(min, max);
  const unitNames = Object.keys(units).join(', ');
  const show = (value: number): string => {
    const unit = showUnits.find((name) => value !== 0 && value % (units[name] ?? 1) === 0);
    return unit === undefined
      ? `${value}${showUnits.at(-1)}`
      : `${value / (units[unit] ?? 1)}${unit}`;
  };
  return checkedDefault({
    doc: spec.doc,
    default: spec.default,
    form: `${rangeForm(kind, min, max)} with its unit (${unitNames})`,
    parse: (text) => {
      const match = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/.exec(text.trim());
      const scale = match?.[2] === undefined ? undefined : units[match[2]];
      if (match === null || scale === undefined) return { problem: 'no number with a known unit' };
      return { value: Number(match[1]) * scale };
    },
    check: (value) => (Number.isFinite(value) ? inRange(value) : 'not a number'),
    show,
  });
}

function rangeCheck(min: number, max: number): (value: number) => string | undefined {
  return (value) => (value < min ? `below ${min}` : value > max ? `above ${max}` : undefined);
}

function rangeForm(kind: string, min: number, max: number): string {
  const upper = max === Number.MAX_SAFE_INTEGER ? '' : ` and <= ${max}`;
  return `${kind} >= ${min}${upper}`;
}

function checkedDefault<T>(param: Param<T>): Param<T> {
  const problem = param.check(param.default);
  if (problem === undefined) return param;
  throw new PolicyError(
    'POLICY_BAD_DEFINITION',
    `default ${String(param.default)} is ${problem}; expected ${param.form}`,
  );
}
