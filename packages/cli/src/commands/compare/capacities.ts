import type { Capacities } from '@tierlab/experiment';
import { parseQuantity } from '@tierlab/firmware/file';

import { CliError } from '../../errors.ts';

/**
 * Every combination of the capacities that `--capacity` gives: `node0=64MiB,256MiB` twice as many runs,
 * and another node's multiplies them. Throws `CLI_BAD_OPTION` and `FIRMWARE_BAD_QUANTITY`.
 */
export function parseCapacities(given: readonly string[]): readonly Capacities[] {
  const sizesOf = new Map<number, number[]>();
  let node: number | undefined;
  for (const part of given.flatMap((text) => text.split(','))) {
    const [, nodeText, size] = /^\s*(?:(?:node)?(\d{1,4})\s*=)?\s*(.+?)\s*$/.exec(part) ?? [];
    if (nodeText !== undefined) node = Number(nodeText);
    if (node === undefined || size === undefined) {
      throw new CliError(
        'CLI_BAD_OPTION',
        `--capacity ${given.join(' ')}: expected NODE=SIZE, as node0=256MiB or node0=64MiB,256MiB, got ${JSON.stringify(part)}`,
      );
    }
    sizesOf.set(node, [...(sizesOf.get(node) ?? []), Math.floor(parseQuantity('size', size))]);
  }
  let combinations: readonly Capacities[] = [{}];
  for (const [id, sizes] of sizesOf) {
    combinations = combinations.flatMap((before) =>
      sizes.map((size) => Object.assign({}, before, { [id]: size })),
    );
  }
  return combinations;
}
