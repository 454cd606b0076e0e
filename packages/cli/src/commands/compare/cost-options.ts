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
    throw pricesMissing('--cost');
  }
  const quantities = price.map((text) => {
    const { machine, name, quantity } = parsePrice(text);
    if (machine !== undefined) {
      throw new CliError(
        'CLI_BAD_OPTION',
        `--price ${text}: a price of one machine is for \`tierlab plan\`; here every machine has the same, as '${name}=${quantity}'`,
      );
    }
    return [name, quantity] as const;
  });
  return { quantities: Object.fromEntries(quantities), expression: cost ?? DEFAULT_COST };
}

/** A quantity of the cost, where it is for one machine that one's name. */
export interface GivenPrice {
  readonly machine?: string;
  readonly name: string;
  readonly quantity: string;
}

/** Reads `NAME=QUANTITY` or `MACHINE:NAME=QUANTITY`. Throws `CLI_BAD_OPTION`. */
export function parsePrice(text: string): GivenPrice {
  const [, machine, name, quantity] = /^\s*(?:([^=]*):)?([^=:\s]+)\s*=(.*)$/.exec(text) ?? [];
  if (name === undefined || quantity === undefined) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--price ${text}: expected NAME=QUANTITY, as 'dramPrice=4 USD/GiB'`,
    );
  }
  return { ...(machine !== undefined && { machine }), name, quantity: quantity.trim() };
}

/** That `option` is of no use without prices. */
export const pricesMissing = (option: string): CliError =>
  new CliError(
    'CLI_BAD_OPTION',
    `${option}: it needs prices; give them as --price 'dramPrice=4 USD/GiB'`,
  );
