import { createCostModel, DEFAULT_COST, type CostModel } from '@tierlab/experiment';
import type { Command } from 'commander';

import { CliError } from '../../errors.ts';
import { repeated } from '../../machine/machine-options.ts';

/** What memory costs, as the command line says it. */
export interface CostOptions {
  readonly price: readonly string[];
  readonly cost?: string;
}

/** Adds `--price` and `--cost`. */
export function addCostOptions(command: Command): Command {
  return command
    .option(
      '--price <name=quantity>',
      "a quantity of the cost, as 'dramPrice=4 USD/GiB'; may be repeated",
      repeated,
      [],
    )
    .option(
      '--cost <expression>',
      'what it costs, over dram, cxl, slowdown and the prices (default: dram * dramPrice + cxl * cxlPrice)',
    );
}

/** A cost as it was given, which can be written down. */
export interface GivenCost {
  readonly quantities: Readonly<Record<string, string>>;
  readonly expression: string;
}

/** The cost that the options mean; none where there is no price. Throws `CLI_BAD_OPTION` and `EXPERIMENT_BAD_COST`. */
export function parseCost(options: CostOptions): CostModel | undefined {
  const given = givenCost(options);
  return given && createCostModel(given.quantities, given.expression);
}

/** What {@link parseCost} makes a cost of, checked. Throws the same. */
export function givenCost({ price, cost }: CostOptions): GivenCost | undefined {
  if (price.length === 0) {
    if (cost === undefined) return undefined;
    throw new CliError(
      'CLI_BAD_OPTION',
      `--cost: it needs prices; give them as --price 'dramPrice=4 USD/GiB'`,
    );
  }
  const quantities = price.map((text) => {
    const [, name, quantity] = /^\s*([^=\s]+)\s*=(.*)$/.exec(text) ?? [];
    if (name === undefined || quantity === undefined) {
      throw new CliError(
        'CLI_BAD_OPTION',
        `--price ${text}: expected NAME=QUANTITY, as 'dramPrice=4 USD/GiB'`,
      );
    }
    return [name, quantity.trim()] as const;
  });
  return { quantities: Object.fromEntries(quantities), expression: cost ?? DEFAULT_COST };
}
