import { nodeId } from '@tierlab/core';
import type { NodeId, PlacementOutcome } from '@tierlab/core';
import type { AllocationRequest } from '@tierlab/policy';
import type { PlacedRange } from '@tierlab/trace';
import { SimulatorError } from './errors.ts';
import type { RunSetup } from './run-setup.ts';

/** Where the pages of a run were before it began. */
export interface Placement {
  /** The node that the folio asked for was on; undefined where nobody says. */
  nodeFor(request: FolioRequest): NodeId | undefined;
  /** Notes that a folio which was on a node is now mapped on `node`. */
  settle(request: FolioRequest, node: NodeId): void;
  outcome(): PlacementOutcome;
}

type FolioRequest = Pick<AllocationRequest, 'process' | 'pageNumber' | 'folioPages'>;

/** A range, and how much of it the run has asked for. */
interface Range {
  readonly nodes: readonly NodeId[];
  /** Bytes that each of `nodes` had of it, and that all had together. */
  readonly held: readonly number[];
  readonly heldBytes: number;
  /** Bytes of it that have been told to be on each of `nodes`, and on all together. */
  readonly told: Float64Array;
  toldBytes: number;
}

/** The ranges of a process by ascending start. */
interface ProcessRanges {
  readonly starts: Float64Array;
  readonly ranges: readonly Range[];
}

/**
 * The placement that a run starts from, undefined where it is given none.
 *
 * How many pages of a range each node had is known, and not which. So a range's folios are told to be on its nodes in the
 * order of their first touch, each on the node that is furthest behind its share, until all are told; what is touched after
 * that was not there yet.
 *
 * @throws {SimulatorError} `SIM_BAD_PLACEMENT`.
 */
export function createPlacement(setup: RunSetup): Placement | undefined {
  if (setup.placement === undefined) return undefined;
  checkPlacement(setup, setup.placement);
  const processes = setup.placement.map(processRanges);
  const { pageBytes } = setup.memory;
  let namedPages = 0;
  let placedPages = 0;

  const rangeOf = ({ process, pageNumber }: FolioRequest): Range | undefined => {
    const { starts, ranges } = processes[process];
    return ranges[lastAtMost(starts, pageNumber * pageBytes)];
  };

  return {
    nodeFor(request) {
      const range = rangeOf(request);
      return range?.nodes[furthestBehind(range, request.folioPages * pageBytes)];
    },
    settle(request, node) {
      const range = rangeOf(request);
      if (range === undefined) return;
      const folioBytes = request.folioPages * pageBytes;
      const i = furthestBehind(range, folioBytes);
      range.told[i] += folioBytes;
      range.toldBytes += folioBytes;
      namedPages += request.folioPages;
      if (range.nodes[i] === node) placedPages += request.folioPages;
    },
    outcome: () => ({ namedPages, placedPages }),
  };
}

/** Index of the node that is furthest behind its share of the range once `folioBytes` more are told; -1 where all are. */
function furthestBehind(range: Range, folioBytes: number): number {
  let best = -1;
  let most = -Infinity;
  for (const [i, bytes] of range.held.entries()) {
    const due = (bytes / range.heldBytes) * (range.toldBytes + folioBytes);
    const behind = due - range.told[i];
    if (range.told[i] < bytes && behind > most) [best, most] = [i, behind];
  }
  return best;
}

function processRanges(ranges: readonly PlacedRange[]): ProcessRanges {
  return {
    starts: Float64Array.from(ranges, ({ start }) => start),
    ranges: ranges.map(({ pagesOfNode, pageBytes }): Range => {
      const nodes = [...pagesOfNode.keys()].toSorted((a, b) => a - b);
      const held = nodes.map((node) => (pagesOfNode.get(node) ?? 0) * pageBytes);
      return {
        nodes: nodes.map(nodeId),
        held,
        heldBytes: held.reduce((sum, bytes) => sum + bytes, 0),
        told: new Float64Array(nodes.length),
        toldBytes: 0,
      };
    }),
  };
}

/** Index of the last of ascending `values` that is at most `limit`; -1 if none is. */
function lastAtMost(values: Float64Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function checkPlacement(
  { declaration, memory }: RunSetup,
  placement: readonly (readonly PlacedRange[])[],
): void {
  const { addressSpace, processes = 1 } = declaration;
  if (addressSpace !== 'virtual')
    throw bad(`it is of virtual addresses, and the trace has ${addressSpace} ones`);
  if (placement.length !== processes)
    throw bad(`it is of ${placement.length} processes, and the trace of ${processes}`);
  const known = memory.nodes.map(({ id }): number => id);
  for (const range of placement.flat()) {
    const unknown = [...range.pagesOfNode.keys()].find((node) => !known.includes(node));
    if (unknown === undefined) continue;
    throw bad(
      `pages from 0x${range.start.toString(16)} on were on node ${unknown}, and the machine has memory on ${known.join(', ')}`,
    );
  }
}

function bad(problem: string): SimulatorError {
  return new SimulatorError('SIM_BAD_PLACEMENT', `initial placement: ${problem}`);
}
