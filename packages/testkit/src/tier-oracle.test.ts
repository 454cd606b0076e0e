import {
  buildTiers,
  nodeList,
  parseHotplugSteps,
  parseKernelVersion,
  parseNodeList,
  type TierState,
} from '@tierlab/core';
import { defaultDram } from '@tierlab/policy-default-dram';
import { cxlRegion, hmat } from '@tierlab/policy-hmat';
import { describe, expect, test } from 'vitest';

import {
  decode,
  readRecords,
  toStep,
  type Answer,
  type BootRecord,
  type States,
} from './boot-records.testing.ts';

interface VersionRecord extends Answer {
  readonly name: string;
  readonly kernel: string;
}

const records = readRecords<BootRecord>('tiers.jsonl.gz');
const versions = readRecords<VersionRecord>('versions.jsonl.gz');
const tieringPolicies = [hmat, cxlRegion, defaultDram];

const tiersOf = ({ tiers }: TierState): Answer['tiers'] =>
  Object.fromEntries(tiers.map((tier) => [tier.id, nodeList(tier.nodes)]));

/** As the kernel logs it: nodes with memory, no target being "null". */
function demotionOf({ nodes }: TierState): Answer['demotion'] {
  return Object.fromEntries(
    nodes
      .filter((node) => node.hasMemory)
      .map(({ id, demotion: { preferred, fallback } }) => [
        id,
        preferred.length === 0
          ? { preferred: null, fallback: null }
          : { preferred: nodeList(preferred), fallback: nodeList(fallback) },
      ]),
  );
}

function accessOf({ nodes }: TierState): Answer['access'] {
  const access: Answer['access'] = {};
  for (const node of nodes)
    for (const [accessClass, { coordinate }] of node.access?.entries() ?? [])
      (access[node.id] ??= {})[`access${accessClass}`] = {
        read_latency: coordinate.readLatency,
        write_latency: coordinate.writeLatency,
        read_bandwidth: coordinate.readBandwidth,
        write_bandwidth: coordinate.writeBandwidth,
      };
  return access;
}

const distancesOf = ({ nodes }: TierState): Answer['distances'] =>
  Object.fromEntries(nodes.map((node) => [node.id, [...node.distances]]));

const statesOf = ({ nodes }: TierState): Omit<States, 'has_normal_memory'> => ({
  online: nodeList(nodes.map((node) => node.id)),
  has_memory: nodeList(nodes.filter((node) => node.hasMemory).map((node) => node.id)),
  has_cpu: nodeList(nodes.filter((node) => node.hasCpu).map((node) => node.id)),
});

const recordedStates = ({ online, has_memory, has_cpu }: States): object => ({
  online,
  has_memory,
  has_cpu,
});

const bootSets = new Set(['qemu', 'tables', 'fuzz', 'demotion', 'real']);
const named = (list: readonly BootRecord[]): [string, BootRecord][] =>
  list.map((record) => [record.name, record]);

describe('at boot', () => {
  const atBoot = records.filter((record) => bootSets.has(record.set) && !record.steps);
  test('there are 270 of them', () => expect(atBoot).toHaveLength(270));

  test.each(named(atBoot))('%s', (_, record) => {
    const { boot } = buildTiers(decode(record), { tieringPolicies });
    const { tiers, demotion, access, distances } = record.answer;
    expect(tiersOf(boot)).toEqual(tiers);
    expect(demotionOf(boot)).toEqual(demotion);
    expect(accessOf(boot)).toEqual(access);
    expect(distancesOf(boot)).toEqual(distances);
    expect(statesOf(boot)).toEqual(recordedStates(record.answer.states));
  });
});

describe('step by step', () => {
  const stepwise = records.filter((record) => record.steps);
  test('there are 15 of them', () => expect(stepwise).toHaveLength(15));

  test.each(named(stepwise))('%s', (_, record) => {
    const machine = decode(record);
    const after = { ...record.answer.after };
    const names = record.steps!.split(',');
    const history = buildTiers(machine, {
      tieringPolicies,
      steps: names.flatMap(toStep),
      // Where the kernel itself landed is drawn anew at each boot; the record tells.
      immovableNodes: parseNodeList(record.answer.states.has_normal_memory),
    });

    expect(tiersOf(history.boot)).toEqual(record.answer.tiers);
    expect(accessOf(history.boot)).toEqual(record.answer.access);
    expect(distancesOf(history.boot)).toEqual(record.answer.distances);
    let state = history.boot;
    const logged = demotionOf(state);
    const results = [...history.steps];
    const seen = new Map<string, number>();
    for (const name of names) {
      if (toStep(name).length > 0) state = results.shift()!.state;
      Object.assign(logged, demotionOf(state));
      const count = seen.get(name) ?? 0;
      seen.set(name, count + 1);
      const recorded = after[name + "'".repeat(count)];
      expect({ name, ...statesOf(state), tiers: tiersOf(state) }).toEqual({
        name,
        ...recordedStates(recorded.states),
        tiers: recorded.tiers,
      });
    }
    expect(logged).toEqual(record.answer.demotion);
  });
});

describe('ACPI hot-plug: memory comes and goes', () => {
  test.each(named(records.filter(({ set }) => set === 'acpi-hotadd')))('%s', (_, record) => {
    const steps = parseHotplugSteps('add 1; remove 1');
    const history = buildTiers(decode(record), { tieringPolicies, steps });
    const added = history.steps[0].state;
    expect(statesOf(history.boot)).toEqual(recordedStates(record.answer.states));
    expect(demotionOf(added)).toEqual(record.answer.demotion);
    expect(tiersOf(history.final)).toEqual(record.answer.tiers);
    expect(accessOf(history.boot)).toEqual(record.answer.access);
  });
});

describe('CXL: a region is made and its memory comes online', () => {
  test.each(named(records.filter(({ set }) => set === 'cxl')))('%s', (_, record) => {
    const steps = parseHotplugSteps('kmem 1');
    const history = buildTiers(decode(record), { tieringPolicies, steps });
    expect(statesOf(history.boot)).toEqual(recordedStates(record.answer.states));
    const { tiers, demotion, access, distances } = record.answer;
    expect(tiersOf(history.final)).toEqual(tiers);
    expect(demotionOf(history.final)).toEqual(demotion);
    expect(accessOf(history.final)).toEqual(access);
    expect(distancesOf(history.final)).toEqual(distances);
  });

  test('cxl-gp without a QTG answer: tier 22', () => {
    const machine = decode(records.find(({ name }) => name === 'cxl-gp')!);
    const { final } = buildTiers(
      { ...machine, cxl: { ...machine.cxl!, qosAnswered: false } },
      { tieringPolicies, steps: parseHotplugSteps('kmem 1') },
    );
    expect(tiersOf(final)).toEqual({ 4: '0', 22: '1' });
  });
});

/** Debian's name of its 6.1 kernel says 6.1.0; it is made from 6.1.192. */
const release = (name: string): string => (name.startsWith('6.1.0-') ? '6.1.192' : name);

describe('other kernels', () => {
  test('there are 68 answers of each', () => expect(versions).toHaveLength(136));

  test.each(versions.map((version) => [`${version.name} on ${version.kernel}`, version] as const))(
    '%s',
    (_, version) => {
      const record = records.find(({ name }) => name === version.name)!;
      const kernel = parseKernelVersion(release(version.kernel));
      const { boot } = buildTiers(decode(record), { kernel, tieringPolicies });
      expect(tiersOf(boot)).toEqual(version.tiers);
      expect(accessOf(boot)).toEqual(version.access);
      expect(distancesOf(boot)).toEqual(version.distances);
      const logged = kernel.minor === 1 ? {} : demotionOf(boot); // 6.1 does not log them
      expect(logged).toEqual(version.demotion);
    },
  );
});
