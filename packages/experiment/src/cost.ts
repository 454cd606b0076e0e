import { createRequire } from 'node:module';

import type { MathJsInstance, MathNode, Unit } from 'mathjs';

import { ExperimentError } from './errors.ts';

/** Sizes and outcome that a cost is computed from. */
export interface CostInput {
  readonly dramBytes: number;
  /** Memory of the other tiers that the workload needs. */
  readonly cxlBytes: number;
  readonly slowdown: number;
}

/** What memory costs, by an expression over sizes, the slowdown and quantities with units. */
export interface CostModel {
  /** The currency of the quantities: `USD`. */
  readonly currency: string;
  /** The quantities by name, as they were given. */
  readonly quantities: Readonly<Record<string, string>>;
  /** In {@link CostModel.currency}; each factor multiplies the quantity of its name. */
  cost(input: CostInput, factors?: Readonly<Record<string, number>>): number;
  /** The quantity times `factor`, as text with its unit. */
  scaled(quantity: string, factor: number): string;
}

/** What is used where a user gives no expression of their own. */
export const DEFAULT_COST = 'dram * dramPrice + cxl * cxlPrice';

const CURRENCIES = ['USD', 'EUR', 'GBP', 'JPY', 'CNY', 'INR', 'KRW', 'TWD'];
const OWN_VARIABLES = ['dram', 'cxl', 'slowdown'];
const FUNCTIONS = ['min', 'max', 'sqrt', 'exp', 'log', 'log2', 'abs', 'ceil', 'floor', 'round'];
const NODES = new Set([
  'ConstantNode',
  'SymbolNode',
  'OperatorNode',
  'ParenthesisNode',
  'FunctionNode',
  'ConditionalNode',
  'RelationalNode',
]);

/**
 * The cost model of `expression`, over `dram` and `cxl` (sizes), `slowdown` (a number) and the names of `quantities`,
 * such as `{ dramPrice: '4 USD/GiB' }`. Its value must be an amount of one currency.
 *
 * Only arithmetic, comparisons and a few functions can be written: no assignment, no access to properties, nothing that
 * could reach the program.
 *
 * @throws {ExperimentError} `EXPERIMENT_BAD_COST`.
 */
export function createCostModel(
  quantities: Readonly<Record<string, string>>,
  expression: string = DEFAULT_COST,
): CostModel {
  const math = loadMath();
  const units = new Map(
    Object.entries(quantities).map(([name, text]) => [name, readQuantity(math, name, text)]),
  );
  const currency = currencyOf(quantities);
  const money = math.unit(1, currency);
  const code = checkExpression(math, expression, [...OWN_VARIABLES, ...units.keys()]).compile();

  const cost = (
    { dramBytes, cxlBytes, slowdown }: CostInput,
    factors: Readonly<Record<string, number>> = {},
  ): number => {
    const scope = new Map<string, unknown>([
      ['dram', math.unit(dramBytes, 'B')],
      ['cxl', math.unit(cxlBytes, 'B')],
      ['slowdown', slowdown],
    ]);
    for (const [name, unit] of units) scope.set(name, math.multiply(unit, factors[name] ?? 1));
    const value = amount(math, expression, money, () => code.evaluate(scope) as unknown);
    if (Number.isFinite(value)) return value;
    throw bad(expression, `it gives ${value}`);
  };
  // A unit that does not fit shows at the first evaluation: before anything has run.
  cost({ dramBytes: 2 ** 30, cxlBytes: 2 ** 30, slowdown: 1 });
  return {
    currency,
    quantities,
    cost,
    scaled(quantity, factor) {
      const value = math.multiply(units.get(quantity) ?? 1, factor);
      return math.format(value, { precision: 4 });
    },
  };
}

function readQuantity(math: MathJsInstance, name: string, text: string): Unit | number {
  if (!/^[a-zA-Z]\w*$/.test(name) || OWN_VARIABLES.includes(name) || FUNCTIONS.includes(name)) {
    throw new ExperimentError(
      'EXPERIMENT_BAD_COST',
      `quantity ${JSON.stringify(name)}: expected a name of letters and digits that is not one of ${OWN_VARIABLES.join(', ')}`,
    );
  }
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  try {
    return math.unit(text);
  } catch {
    throw new ExperimentError(
      'EXPERIMENT_BAD_COST',
      `${name}=${text}: expected a number and a unit, such as 3.2 USD/GiB or 0.4 W/GiB; currencies: ${CURRENCIES.join(', ')}`,
    );
  }
}

function currencyOf(quantities: Readonly<Record<string, string>>): string {
  const named = CURRENCIES.filter((currency) =>
    Object.values(quantities).some((text) => new RegExp(`\\b${currency}\\b`).test(text)),
  );
  const [currency] = named;
  if (named.length === 1 && currency !== undefined) return currency;
  throw new ExperimentError(
    'EXPERIMENT_BAD_COST',
    named.length === 0
      ? `no quantity has a currency: give a price such as dramPrice='4 USD/GiB'`
      : `${named.join(' and ')}: give all prices in one currency`,
  );
}

function checkExpression(
  math: MathJsInstance,
  expression: string,
  variables: readonly string[],
): MathNode {
  let tree: MathNode;
  try {
    tree = math.parse(expression);
  } catch (error) {
    throw bad(expression, (error as Error).message);
  }
  tree.traverse((node) => {
    if (!NODES.has(node.type)) throw bad(expression, `${node.toString()} is not allowed here`);
    const called = 'fn' in node && node.type === 'FunctionNode' ? String(node.fn) : undefined;
    if (called !== undefined && !FUNCTIONS.includes(called)) {
      throw bad(expression, `no function ${called}; there are: ${FUNCTIONS.join(', ')}`);
    }
    const name = node.type === 'SymbolNode' && 'name' in node ? String(node.name) : undefined;
    if (name === undefined || variables.includes(name) || FUNCTIONS.includes(name)) return;
    if (!isUnit(math, name)) {
      throw bad(expression, `${name} is not known; there are: ${variables.join(', ')}`);
    }
  });
  return tree;
}

function isUnit(math: MathJsInstance, name: string): boolean {
  try {
    math.unit(1, name);
    return true;
  } catch {
    return false;
  }
}

/** The value of an expression in units of `money`. */
function amount(
  math: MathJsInstance,
  expression: string,
  money: Unit,
  evaluate: () => unknown,
): number {
  let ratio: unknown;
  try {
    ratio = math.divide(evaluate() as Unit, money);
  } catch (error) {
    throw bad(expression, (error as Error).message);
  }
  if (typeof ratio === 'number') return ratio;
  throw bad(expression, `it gives no amount of ${money.toString().replace(/^1 /, '')}`);
}

function bad(expression: string, problem: string): ExperimentError {
  return new ExperimentError(
    'EXPERIMENT_BAD_COST',
    `cost expression ${JSON.stringify(expression)}: ${problem}`,
  );
}

let loaded: MathJsInstance | undefined;

/** The one-file build of mathjs, when it is needed first: it loads in a fifth of the time of the many files. */
function loadMath(): MathJsInstance {
  if (loaded === undefined) {
    const require = createRequire(import.meta.url);
    const library = require('mathjs/lib/browser/math.js') as typeof import('mathjs');
    loaded = library.create(library.all ?? {});
    for (const currency of CURRENCIES) loaded.createUnit(currency);
  }
  return loaded;
}
