import { crossing, type CapacityCurve, type CapacityPoint } from './capacity-curve.ts';
import type { CostInput, CostModel } from './cost.ts';

/** How much an input moves the answer of a plan. */
export interface SensitivityLine {
  readonly input: string;
  readonly change: string;
  readonly effect: string;
}

interface SensitivityRequest {
  readonly curves: readonly {
    readonly policy: string;
    readonly ruler: boolean;
    readonly points: CapacityCurve;
  }[];
  readonly slowdownTarget: number;
  readonly footprintBytes: number;
  readonly sizesAt: (point: CapacityPoint) => CostInput;
  readonly cost?: CostModel;
}

/** By how much a target is relaxed or tightened, as a difference of slowdowns. */
const TARGET_STEP = 0.02;
/** By how much a price is raised. */
const PRICE_FACTOR = 1.1;

/**
 * What moves the answer of the policy that needs least DRAM (of the ruler, where there is no policy): the target, then each quantity of the cost, by how much
 * ten percent more of it moves what is saved.
 */
export function sensitivityOf(request: SensitivityRequest): readonly SensitivityLine[] {
  const { curves, slowdownTarget, footprintBytes, sizesAt, cost } = request;
  const policies = curves.filter((curve) => !curve.ruler);
  const candidates = (policies.length > 0 ? policies : curves).flatMap((curve) => {
    const chosen = answerPoint(curve.points, slowdownTarget);
    return chosen ? [{ ...curve, chosen }] : [];
  });
  const [best] = candidates.toSorted((a, b) => a.chosen.dramShare - b.chosen.dramShare);
  if (best === undefined) return [];
  const target = targetLines(best.policy, best.points, slowdownTarget);
  if (cost === undefined) return target;
  return [...target, ...priceLines(cost, footprintBytes, sizesAt(best.chosen))];
}

/**
 * The value of `quantity` at which `sizes` cost as much as DRAM alone, as text with its unit: below it the
 * second tier pays. Undefined where the cost does not depend on it, or no value up to a million times the given one does.
 */
export function breakEven(
  cost: CostModel,
  quantity: string,
  footprintBytes: number,
  sizes: CostInput,
): string | undefined {
  if (!(quantity in cost.quantities)) return undefined;
  const saved = (factor: number): number =>
    saving(cost, footprintBytes, sizes, { [quantity]: factor });
  if (!(saved(0) > 0 && saved(1e6) < 0)) return undefined;
  let [low, high] = [0, 1e6];
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (saved(middle) > 0) low = middle;
    else high = middle;
  }
  return cost.scaled(quantity, low);
}

/** What `sizes` cost less than DRAM alone. */
function saving(
  cost: CostModel,
  footprintBytes: number,
  sizes: CostInput,
  factors: Readonly<Record<string, number>> = {},
): number {
  const allDram = { dramBytes: footprintBytes, cxlBytes: 0, slowdown: 1 };
  return cost.cost(allDram, factors) - cost.cost(sizes, factors);
}

function targetLines(
  policy: string,
  points: CapacityCurve,
  target: number,
): readonly SensitivityLine[] {
  return [-TARGET_STEP, TARGET_STEP].flatMap((step) => {
    const moved = Math.round((target + step) * 1e6) / 1e6;
    if (moved < 1) return [];
    const share = answerPoint(points, moved)?.dramShare;
    const effect =
      share === undefined
        ? `${policy}: no size tried meets it`
        : `${policy}: DRAM of ${(share * 100).toFixed(1)} % of the footprint`;
    return [{ input: 'slowdown target', change: `${target} to ${moved}`, effect }];
  });
}

function priceLines(
  cost: CostModel,
  footprintBytes: number,
  sizes: CostInput,
): readonly SensitivityLine[] {
  const before = saving(cost, footprintBytes, sizes);
  return Object.entries(cost.quantities)
    .map(([quantity, value]) => ({
      quantity,
      value,
      moved: saving(cost, footprintBytes, sizes, { [quantity]: PRICE_FACTOR }) - before,
    }))
    .toSorted((a, b) => Math.abs(b.moved) - Math.abs(a.moved))
    .map(({ quantity, value, moved }) => ({
      input: quantity,
      change: `${value} to ${cost.scaled(quantity, PRICE_FACTOR)}`,
      effect: `saves ${show(Math.abs(moved))} ${cost.currency} ${moved < 0 ? 'less' : 'more'}, of ${show(before)}`,
    }));
}

function answerPoint(points: CapacityCurve, target: number): CapacityPoint | undefined {
  const { atOrAbove } = crossing(points, target, 'slowdown');
  return points.find((point) => point.dramShare === atOrAbove);
}

const show = (value: number): string => String(Number(value.toPrecision(3)));
