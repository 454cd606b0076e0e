import * as fc from 'fast-check';

interface Draft {
  readonly kind: 'cpus' | 'cpus-only' | 'initiator' | 'memory';
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly memoryKind: 'ram' | 'hot-plug' | 'soft-reserved' | 'persistent';
  readonly hotPluggable: boolean;
  readonly attached: number;
  readonly caches: readonly { readonly sizeMiB: number; readonly indexing: string }[];
}

const draft: fc.Arbitrary<Draft> = fc.record({
  kind: fc.constantFrom('cpus' as const, 'cpus-only', 'initiator', 'memory', 'memory'),
  cpus: fc.integer({ min: 1, max: 5 }),
  memoryMiB: fc.constantFrom(4, 256, 1024, 3000, 70_000),
  memoryKind: fc.constantFrom(
    'ram' as const,
    'ram',
    'ram',
    'hot-plug',
    'soft-reserved',
    'persistent',
  ),
  hotPluggable: fc.boolean(),
  attached: fc.nat(),
  caches: fc.array(
    fc.record({
      sizeMiB: fc.integer({ min: 1, max: 4096 }),
      indexing: fc.constantFrom('direct', 'indexed', 'other'),
    }),
    { maxLength: 2 },
  ),
});

/** Figures that one HMAT matrix can hold: whole nanoseconds and whole MB/s below 65535. */
const figures = fc.record(
  {
    readLatency: fc.integer({ min: 0, max: 2000 }).map((ns) => `${ns} ns`),
    writeLatency: fc.integer({ min: 0, max: 2000 }).map((ns) => `${ns} ns`),
    readBandwidth: fc.integer({ min: 0, max: 65_534 }).map((mbps) => `${mbps} MB/s`),
    writeBandwidth: fc.integer({ min: 0, max: 65_534 }).map((mbps) => `${mbps} MB/s`),
  },
  { requiredKeys: [] },
);

/**
 * Machine files of 1 to 8 nodes in JSON: memoryless and CPU-less nodes, generic initiators, every
 * kind of memory, ties and gaps in the figures, asymmetric distances. Nodes with CPUs or initiators
 * come first, as the kernel numbers those of an SRAT, and the first has both CPUs and memory.
 */
export const arbitraryMachineFile: fc.Arbitrary<string> = fc
  .array(draft, { maxLength: 7 })
  .chain((drafts) => {
    const first: Draft = {
      kind: 'cpus',
      cpus: 2,
      memoryMiB: 2048,
      memoryKind: 'ram',
      hotPluggable: false,
      attached: 0,
      caches: [],
    };
    const ordered = [first, ...drafts].sort(
      (a, b) => Number(a.kind === 'memory') - Number(b.kind === 'memory'),
    );
    const count = ordered.length;
    const matrix = <T>(cell: fc.Arbitrary<T>): fc.Arbitrary<T[][]> =>
      fc.array(fc.array(cell, { minLength: count, maxLength: count }), {
        minLength: count,
        maxLength: count,
      });
    return fc.record({
      ordered: fc.constant(ordered),
      hmat: fc.boolean(),
      distances: fc.option(matrix(fc.integer({ min: 11, max: 255 })), { nil: undefined }),
      paths: matrix(fc.option(figures, { nil: undefined, freq: 3 })),
      attach: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
      movableNode: fc.boolean(),
    });
  })
  .map(({ ordered, hmat, distances, paths, attach, movableNode }) => {
    const seers = ordered.flatMap(({ kind }, i) => (kind === 'memory' ? [] : [i]));
    return JSON.stringify({
      nodes: ordered.map((node, id) => ({
        ...nodeWords(node),
        ...(hmat && hasMemory(node)
          ? {
              from: Object.fromEntries(seers.map((seer) => [seer, paths[seer]?.[id] ?? {}])),
              attachedInitiator:
                attach[id] === true ? seers[node.attached % seers.length] : undefined,
              caches: node.caches.map((cache, i) => ({
                level: i + 1,
                size: `${cache.sizeMiB} MiB`,
                indexing: cache.indexing,
              })),
            }
          : {}),
      })),
      hmat: hmat ? true : undefined,
      distances: distances?.map((row, i) => row.map((distance, j) => (i === j ? 10 : distance))),
      movableNode,
    });
  });

const hasMemory = ({ kind }: Draft): boolean => kind === 'cpus' || kind === 'memory';

function nodeWords(node: Draft): Record<string, unknown> {
  const { kind, cpus, memoryMiB, memoryKind, hotPluggable } = node;
  return {
    ...(kind === 'cpus' || kind === 'cpus-only' ? { cpus } : {}),
    ...(kind === 'initiator' ? { genericInitiator: true } : {}),
    ...(hasMemory(node)
      ? {
          memory: `${memoryMiB} MiB`,
          kind: kind === 'cpus' ? 'ram' : memoryKind,
          ...(memoryKind === 'ram' || kind === 'cpus' ? { hotPluggable } : {}),
        }
      : {}),
  };
}
