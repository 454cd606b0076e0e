/** A directed network without cycles: every arc goes from a lower to a higher node number. */
export interface FlowNetwork {
  readonly nodeCount: number;
  /** Columns by arc, in any order. */
  readonly from: Readonly<Uint32Array>;
  readonly to: Readonly<Uint32Array>;
  readonly capacity: Readonly<Uint32Array>;
  /** Of one unit, possibly negative; whole multiples of one power of two, so that sums are exact. */
  readonly cost: Readonly<Float64Array>;
}

/** A flow from node 0 to the last node. */
export interface Flow {
  readonly cost: number;
  /** Units on each arc. */
  readonly units: Readonly<Uint32Array>;
}

/**
 * The cheapest flow of at most `amount` units.
 *
 * Successive shortest paths: a Dijkstra search finds the cheapest way for another unit, over costs
 * that potentials keep from being negative, until that unit would cost something. The first
 * potentials are distances in the order of the nodes, since no arc goes back. Time grows with the
 * units that flow times the arcs.
 *
 * Source: Ahuja, Magnanti, Orlin, "Network Flows", 1993, section 9.7.
 */
export function minCostFlow(network: FlowNetwork, amount: number): Flow {
  const sink = network.nodeCount - 1;
  const residual = residualNetwork(network);
  const potential = distancesInOrder(network, residual);
  const search = createSearch(residual, potential);
  let cost = 0;
  let left = amount;
  while (left > 0 && search.shortestPath()) {
    const unitCost = potential[sink] - potential[0];
    if (unitCost >= 0) break;
    const units = search.augment(left);
    cost += units * unitCost;
    left -= units;
  }
  const units = Uint32Array.from(network.from, (_, arc) => residual.room[2 * arc + 1]);
  return { cost, units };
}

/** Arc `2 * a` is arc a of the network, arc `2 * a + 1` takes its units back. */
interface Residual {
  readonly nodeCount: number;
  /** The arcs that leave node v are `arc[first[v]]` to `arc[first[v + 1] - 1]`. */
  readonly first: Uint32Array;
  readonly arc: Uint32Array;
  readonly to: Uint32Array;
  readonly cost: Float64Array;
  /** Units that still fit. */
  readonly room: Uint32Array;
}

function residualNetwork({ nodeCount, from, to, capacity, cost }: FlowNetwork): Residual {
  const arcCount = 2 * from.length;
  const residual: Residual = {
    nodeCount,
    first: new Uint32Array(nodeCount + 1),
    arc: new Uint32Array(arcCount),
    to: new Uint32Array(arcCount),
    cost: new Float64Array(arcCount),
    room: new Uint32Array(arcCount),
  };
  const { first } = residual;
  for (let a = 0; a < from.length; a++) {
    residual.to[2 * a] = to[a];
    residual.to[2 * a + 1] = from[a];
    residual.cost[2 * a] = cost[a];
    residual.cost[2 * a + 1] = -cost[a];
    residual.room[2 * a] = capacity[a];
    first[from[a] + 1]++;
    first[to[a] + 1]++;
  }
  for (let v = 0; v < nodeCount; v++) first[v + 1] += first[v];
  const place = first.slice();
  for (let a = 0; a < from.length; a++) {
    residual.arc[place[from[a]]++] = 2 * a;
    residual.arc[place[to[a]]++] = 2 * a + 1;
  }
  return residual;
}

/** The distance of each node from node 0 before anything flows. */
function distancesInOrder({ nodeCount }: FlowNetwork, residual: Residual): Float64Array {
  const distance = new Float64Array(nodeCount).fill(Infinity);
  distance[0] = 0;
  for (let v = 0; v < nodeCount; v++) {
    if (distance[v] === Infinity) continue;
    for (let at = residual.first[v]; at < residual.first[v + 1]; at++) {
      const a = residual.arc[at];
      if (residual.room[a] === 0) continue;
      distance[residual.to[a]] = Math.min(distance[residual.to[a]], distance[v] + residual.cost[a]);
    }
  }
  // What nothing reaches is never visited.
  return distance.map((value) => (value === Infinity ? 0 : value));
}

interface Search {
  /** Finds the cheapest way to the sink and brings the potentials up to date; false: there is none. */
  shortestPath(): boolean;
  /** Sends up to `most` units that way; returns how many fit. */
  augment(most: number): number;
}

function createSearch(residual: Residual, potential: Float64Array): Search {
  const { nodeCount, first, arc, to, cost, room } = residual;
  const sink = nodeCount - 1;
  const distance = new Float64Array(nodeCount);
  const arrivedBy = new Uint32Array(nodeCount);
  const settled = new Uint8Array(nodeCount);
  const order = new Uint32Array(nodeCount);
  const queue = createQueue();
  /** Nodes as far as the one being settled, which need no queue. */
  const level: number[] = [];

  const relaxFrom = (v: number): void => {
    const here = distance[v];
    for (let at = first[v]; at < first[v + 1]; at++) {
      const a = arc[at];
      const w = to[a];
      if (room[a] === 0 || settled[w] === 1) continue;
      const far = here + (cost[a] + potential[v] - potential[w]);
      if (far >= distance[w]) continue;
      distance[w] = far;
      arrivedBy[w] = a;
      if (far === here) level.push(w);
      else queue.push(far, w);
    }
  };

  return {
    shortestPath() {
      distance.fill(Infinity);
      settled.fill(0);
      queue.clear();
      level.length = 0;
      distance[0] = 0;
      level.push(0);
      let settledCount = 0;
      while (settled[sink] === 0) {
        const v = level.pop() ?? queue.pop();
        if (v === undefined) return false;
        if (settled[v] === 1) continue;
        settled[v] = 1;
        order[settledCount++] = v;
        relaxFrom(v);
      }
      // Every node not settled is at least as far as the sink.
      for (let i = 0; i < settledCount; i++) {
        potential[order[i]] += distance[order[i]] - distance[sink];
      }
      return true;
    },
    augment(most) {
      let units = most;
      for (let v = sink; v !== 0; v = to[arrivedBy[v] ^ 1]) {
        units = Math.min(units, room[arrivedBy[v]]);
      }
      for (let v = sink; v !== 0; v = to[arrivedBy[v] ^ 1]) {
        room[arrivedBy[v]] -= units;
        room[arrivedBy[v] ^ 1] += units;
      }
      return units;
    },
  };
}

interface Queue {
  clear(): void;
  push(key: number, node: number): void;
  /** The node with the least key. */
  pop(): number | undefined;
}

/** A binary heap; a node whose key fell is in it more than once, and the caller skips what it has settled. */
function createQueue(): Queue {
  const keys: number[] = [];
  const nodes: number[] = [];
  const sinkRoot = (key: number, node: number): void => {
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= keys.length) break;
      if (child + 1 < keys.length && keys[child + 1] < keys[child]) child++;
      if (keys[child] >= key) break;
      keys[parent] = keys[child];
      nodes[parent] = nodes[child];
      parent = child;
    }
    keys[parent] = key;
    nodes[parent] = node;
  };
  return {
    clear() {
      keys.length = 0;
      nodes.length = 0;
    },
    push(key, node) {
      let child = keys.length;
      keys.push(key);
      nodes.push(node);
      while (child > 0) {
        const parent = (child - 1) >> 1;
        if (keys[parent] <= key) break;
        keys[child] = keys[parent];
        nodes[child] = nodes[parent];
        child = parent;
      }
      keys[child] = key;
      nodes[child] = node;
    },
    pop() {
      const least = nodes[0];
      const key = keys.pop();
      const node = nodes.pop();
      if (keys.length > 0) sinkRoot(key as number, node as number);
      return least;
    },
  };
}
