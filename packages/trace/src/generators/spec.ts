import { TraceError } from '../errors.ts';

/** A parameter of a generator, as `name=value` in its spec. */
export interface GeneratorParameter {
  readonly name: string;
  readonly summary: string;
  /**
   * `count`: an integer with k, M, G or Ki, Mi, Gi. `share`: 0 to 1, or a percentage. `choice`: one of `choices`, its
   * value is the place in them. `number`: any other.
   */
  readonly kind: 'count' | 'share' | 'choice' | 'number';
  readonly choices?: readonly string[];
  readonly min: number;
  readonly max: number;
  /** Value where the spec has none. */
  readonly value: number;
}

export type ParameterValues = Readonly<Record<string, number>>;

/** A generator's spec taken apart, e.g. `zipf:pages=1Mi,theta=0.99,seed=1`. */
export interface GeneratorSpec {
  readonly generator: string;
  /** What stands behind the colon. */
  readonly rest: string;
}

export function splitSpec(spec: string): GeneratorSpec {
  const colon = spec.indexOf(':');
  return colon === -1
    ? { generator: spec, rest: '' }
    : { generator: spec.slice(0, colon), rest: spec.slice(colon + 1) };
}

/**
 * The values of `parameters` that `spec` gives, and the defaults of the others.
 * @throws TRACE_BAD_GENERATOR
 */
export function parameterValues(
  spec: string,
  rest: string,
  parameters: readonly GeneratorParameter[],
): ParameterValues {
  const values: Record<string, number> = {};
  for (const { name, value } of parameters) values[name] = value;
  const given = new Set<string>();
  for (const part of rest.split(',').filter((part) => part.trim() !== '')) {
    const [name = '', text, ...more] = part.trim().split('=');
    const parameter = parameters.find((one) => one.name === name);
    if (parameter === undefined)
      throw badGenerator(
        spec,
        `no parameter ${JSON.stringify(name)}; it has ${listed(parameters)}`,
      );
    if (text === undefined || more.length > 0)
      throw badGenerator(spec, `expected ${name}=VALUE, got ${JSON.stringify(part)}`);
    if (given.has(name)) throw badGenerator(spec, `${name} is given twice`);
    given.add(name);
    values[name] = parseValue(spec, parameter, text);
  }
  return values;
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

function parseValue(spec: string, parameter: GeneratorParameter, text: string): number {
  const { name, kind, min, max, choices } = parameter;
  if (choices !== undefined) {
    const place = choices.indexOf(text.trim());
    if (place !== -1) return place;
    throw badGenerator(
      spec,
      `${name} is ${parameter.summary}: expected ${choices.join(' or ')}, got ${JSON.stringify(text)}`,
    );
  }
  const match = /^(\d+(?:\.\d+)?|\.\d+)(%|[kKMG]i?|)$/.exec(text.trim());
  const unit = match?.[2] ?? '';
  const isRightUnit =
    kind === 'count' ? unit in UNITS : unit === '' || (kind === 'share' && unit === '%');
  const value = Number(match?.[1]) * (unit === '%' ? 0.01 : (UNITS[unit] ?? NaN));
  const isRight = kind === 'count' ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!isRightUnit || !isRight || value < min || value > max)
    throw badGenerator(
      spec,
      `${name} is ${parameter.summary}: expected a ${kind} from ${min} to ${max}, got ${JSON.stringify(text)}`,
    );
  return value;
}

const listed = (parameters: readonly GeneratorParameter[]): string =>
  parameters.map(({ name }) => name).join(', ');

export const badGenerator = (spec: string, what: string): TraceError =>
  new TraceError('TRACE_BAD_GENERATOR', `generator ${JSON.stringify(spec)}: ${what}`);
