import { buildTiers, nodeId, parseHotplugSteps } from '@tierlab/core';
import { catalogueMachine } from '@tierlab/firmware/catalogue';
import type { KernelTiers } from '@tierlab/kernel-lab';
import { expect, test } from 'vitest';

import { linuxTieringPolicies as tieringPolicies } from '../../plugins/tiering-chain.ts';
import { toldImmovable } from './refusals.ts';

const steps = parseHotplugSteps('offline 1; online 1');
const machine = catalogueMachine('vm-hmat');

/** Only what was refused is looked at. */
const kernel = (...refused: readonly (readonly string[])[]): KernelTiers =>
  ({ steps: refused.map((each, i) => ({ step: steps[i], refused: each })) }) as never;

const told = (theirs: KernelTiers, movableNode: boolean) =>
  toldImmovable(theirs, (immovableNodes) =>
    buildTiers(
      {
        ...machine,
        movableNode,
        memory: machine.memory.map((range) => ({ ...range, hotPluggable: movableNode })),
      },
      { tieringPolicies, steps, immovableNodes },
    ),
  );

test('memory that may hold the kernel’s pages stays where the kernel kept it', () => {
  const went = told(kernel([], []), false);
  expect(went.ours.steps.map(({ refused }) => refused)).toEqual([undefined, undefined]);
  const stayed = told(kernel(['memory4 stays online'], []), false);
  expect([...stayed.immovable]).toEqual([nodeId(1)]);
  expect(stayed.ours.steps[0]?.refused).toBe('node 1 holds pages of the kernel itself');
});

test('memory that holds none is not excused: there a refusal is a difference', () => {
  const { ours, immovable } = told(kernel(['memory4 stays online'], []), true);
  expect(ours.steps[0]?.refused).toBeUndefined();
  expect(immovable.size).toBe(0);
});
