import {
  defineTieringPolicy,
  memoryTarget,
  type AccessCoordinate,
  type Machine,
  type NodeId,
  type TieringPolicy,
} from '@tierlab/policy/tiering';

/**
 * Places a node by the speed that the HMAT gives its nearest CPU (access class 1, never class 0).
 *
 * It registers only when the DRAM nodes that the HMAT knows have speeds, all within 10 % of the
 * first: one that has none, or is off, turns the algorithm off for every node. DRAM nodes that the
 * HMAT does not know are skipped; with none left it registers and has nothing to compare with.
 * Source: Linux drivers/acpi/numa/hmat.c hmat_set_default_dram_perf, hmat_calculate_adistance.
 */
export const hmat: TieringPolicy = defineTieringPolicy({
  name: 'hmat',
  priority: 100,
  register({ machine, defaultDramNodes, setDefaultDram }) {
    if (!machine.hmat) return 'the machine has no HMAT that Linux uses';
    for (const node of defaultDramNodes) {
      const coordinate = coordinateAtBoot(machine, node);
      const refusal = coordinate && setDefaultDram(node, coordinate, 'ACPI HMAT');
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  },
  adistance(node, { machine, performanceToAdistance }) {
    const target = memoryTarget(machine, node);
    return target
      ? performanceToAdistance(target.access[1].coordinate)
      : { pass: 'the node is no target of the HMAT' };
  },
});

const NOTHING = { readLatency: 0, writeLatency: 0, readBandwidth: 0, writeBandwidth: 0 };

/**
 * What the kernel has of a DRAM node when it takes the reference. It has not searched initiators for
 * a node that is a generic port as well, which counts as registered already.
 */
function coordinateAtBoot(machine: Machine, node: NodeId): AccessCoordinate | undefined {
  const target = memoryTarget(machine, node);
  if (!target) return undefined;
  const searched = target.shown || target.attachedInitiator !== undefined;
  return searched ? target.access[1].coordinate : (NOTHING as AccessCoordinate);
}
