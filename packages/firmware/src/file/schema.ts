import type { MappedRange, MemorySideCache } from '@tierlab/core';
import * as z from 'zod';

import { FirmwareError } from '../errors.ts';
import { parseIdList } from '../id-list.ts';
import { parseQuantity, type QuantityKind } from './quantity.ts';

/** A quantity in text, `80 ns`; what comes out is a number in the unit in which its kind is held. */
function quantity(kind: QuantityKind, description: string, example: string) {
  const read = (text: unknown): number | string => {
    try {
      if (typeof text === 'string' || typeof text === 'number') return parseQuantity(kind, text);
      return `expected a text such as ${example}`;
    } catch (error) {
      if (error instanceof FirmwareError) return error.message;
      throw error;
    }
  };
  return z
    .string({ error: ({ input }) => String(read(input)) })
    .meta({ description, examples: [example] })
    .transform((text, context): number => {
      const value = read(text);
      if (typeof value === 'number') return value;
      context.issues.push({ code: 'custom', message: value, input: text });
      return z.NEVER;
    });
}

const latency = (what: string) => quantity('time', what, '80 ns');
const bandwidth = (what: string) => quantity('bandwidth', what, '38.4 GB/s');
const size = (what: string) => quantity('size', what, '64 GiB');

/** MAX_NUMNODES is 1024 in the kernels that are built for the largest machines. */
const NODE_MAX = 1023;
const nodeNumber = z.int().min(0).max(NODE_MAX);

const figures = {
  latency: latency('Read and write latency, unloaded.').optional(),
  readLatency: latency('Read latency, where it differs from write latency.').optional(),
  writeLatency: latency('Write latency, where it differs from read latency.').optional(),
  bandwidth: bandwidth('Read and write bandwidth.').optional(),
  readBandwidth: bandwidth('Read bandwidth, where it differs from write bandwidth.').optional(),
  writeBandwidth: bandwidth('Write bandwidth, where it differs from read bandwidth.').optional(),
};

const address = z
  .union([z.int().min(0), z.string().regex(/^0x[0-9a-fA-F]{1,13}$/)], {
    error: () => 'expected an address such as 0x100000000',
  })
  .transform(Number)
  .meta({ description: 'First address.', examples: ['0x100000000'] });

const MEMORY_KINDS = ['ram', 'hot-plug', 'soft-reserved', 'persistent'] as const;
const memoryKind = z
  .enum(MEMORY_KINDS)
  .meta({
    description:
      'ram: there at boot (the default). hot-plug: room for memory that is not there at boot. ' +
      'soft-reserved: left to the dax driver. persistent: left to the nvdimm and dax drivers.',
  })
  .optional();

const memoryFlags = {
  kind: memoryKind,
  hotPluggable: z
    .boolean()
    .meta({ description: 'Firmware marks the memory hot-pluggable; hot-plug memory always is.' })
    .optional(),
  nonVolatile: z
    .boolean()
    .meta({ description: 'Firmware marks the memory non-volatile; persistent memory always is.' })
    .optional(),
};

const range = z.strictObject({ base: address, size: size('Length.'), ...memoryFlags });

const cache = z.strictObject({
  level: z
    .int()
    .min(1)
    .max(15)
    .default(1)
    .meta({ description: 'Cache level, 1 is nearest the memory.' }),
  size: size('Capacity.'),
  lineSize: size('Length of a line.').default(64),
  indexing: z.enum(['direct', 'indexed', 'other']).default('direct'),
  writePolicy: z.enum(['write-back', 'write-through', 'other']).default('write-back'),
  addressMode: z
    .enum(['reserved', 'extended-linear'])
    .default('reserved')
    .meta({ description: 'extended-linear: cache and memory are both addressable.' }),
});

const cpus = z
  .union([z.int().min(0).max(8192), z.string()], {
    error: () => 'expected a count such as 16 or a list such as 0-15',
  })
  .refine((value) => typeof value === 'number' || parseIdList(value) !== undefined, {
    error: () => 'expected a count such as 16 or a list such as 0-15,32-47',
  })
  .meta({
    description: 'How many CPUs, or which (0-15,32-47; a single CPU 3 is 3-3). None when left out.',
    examples: [16, '0-15,32-47'],
  });

const node = z.strictObject({
  id: nodeNumber
    .meta({ description: "Linux's number of the node; its place in the list when left out." })
    .optional(),
  proximityDomain: z
    .int()
    .min(0)
    .max(0xffff_ffff)
    .nullable()
    .meta({ description: "Firmware's number of the node; its id when left out, none when null." })
    .optional(),
  cpus: cpus.optional(),
  genericInitiator: z
    .boolean()
    .meta({ description: 'Holds a device that accesses memory without being a CPU.' })
    .optional(),
  online: z
    .literal(true)
    .meta({
      description:
        'true: online without CPUs, memory or a generic initiator, for CPUs not yet plugged in.',
    })
    .optional(),
  memory: z
    .union([size('How much memory.'), z.array(range)], {
      error: () => 'expected a size such as 64 GiB, or a list of ranges with base and size',
    })
    .meta({ description: 'How much memory, or a list of ranges with their addresses.' })
    .optional(),
  ...memoryFlags,
  ...figures,
  from: z
    .record(z.string().regex(/^(?:node)?\d{1,4}$/), z.strictObject(figures))
    .meta({
      description:
        'Figures as each initiator sees them, by node id. Those beside it are what the attached initiator sees, else the nearest nodes with CPUs.',
    })
    .optional(),
  underLoad: z
    .array(z.tuple([z.number().min(0).max(1), z.number().min(1)]))
    .min(1)
    .meta({
      description:
        'Latency under load, as measured: at ascending shares of the bandwidth, how many times the unloaded latency it is.',
      examples: ['[[0.5, 1.1], [0.9, 1.5], [1, 2.2]]'],
    })
    .optional(),
  attachedInitiator: nodeNumber
    .meta({
      description:
        'The initiator that firmware attaches to this memory; Linux then looks at no other.',
    })
    .optional(),
  caches: z.array(cache).meta({ description: 'Memory-side caches.' }).optional(),
  sources: z
    .record(z.string(), z.string())
    .meta({
      description: 'Where each figure comes from, by its key; a guess begins with "estimated".',
    })
    .optional(),
});

const mapped = z.strictObject({
  base: address,
  size: size('Length.'),
  kind: z.enum(['ram', 'soft-reserved', 'persistent', 'reserved']),
});

const machineFile = z
  .strictObject({
    $schema: z.string().optional(),
    schemaVersion: z.literal(1).optional(),
    name: z.string().meta({ description: 'What people call the machine.' }).optional(),
    description: z.string().optional(),
    nodes: z.array(node).min(1).meta({ description: 'NUMA nodes.' }),
    distances: z
      .array(z.array(z.int().min(0).max(255)))
      .meta({
        description:
          'Row by row, the distance of each node in the list from this one; 10 to itself and 20 to others when left out.',
      })
      .optional(),
    hmat: z
      .boolean()
      .meta({
        description:
          'true: firmware has an HMAT even if no node gives a figure. When left out: if any node gives one.',
      })
      .optional(),
    movableNode: z.boolean().meta({ description: 'Booted with movable_node.' }).optional(),
    memoryMap: z
      .array(mapped)
      .meta({
        description: 'What lies behind addresses, where the kinds of the ranges do not say it.',
      })
      .optional(),
    sources: z.record(z.string(), z.string()).optional(),
  })
  .meta({ id: 'tierlab-machine', title: 'tierlab machine file' });

/** Speed as a file gives it, in nanoseconds and MB/s. */
export interface FileFigures {
  readonly latency?: number | undefined;
  readonly readLatency?: number | undefined;
  readonly writeLatency?: number | undefined;
  readonly bandwidth?: number | undefined;
  readonly readBandwidth?: number | undefined;
  readonly writeBandwidth?: number | undefined;
}

/** What a file says of memory besides its size. */
interface FileMemoryFlags {
  readonly kind?: (typeof MEMORY_KINDS)[number] | undefined;
  readonly hotPluggable?: boolean | undefined;
  readonly nonVolatile?: boolean | undefined;
}

export interface FileRange extends FileMemoryFlags {
  readonly base: number;
  readonly size: number;
}

export interface FileNode extends FileFigures, FileMemoryFlags {
  readonly id?: number | undefined;
  readonly proximityDomain?: number | null | undefined;
  readonly cpus?: number | string | undefined;
  readonly genericInitiator?: boolean | undefined;
  readonly online?: true | undefined;
  readonly memory?: number | readonly FileRange[] | undefined;
  readonly from?: Readonly<Record<string, FileFigures>> | undefined;
  readonly underLoad?: readonly (readonly [number, number])[] | undefined;
  readonly attachedInitiator?: number | undefined;
  readonly caches?: readonly FileCache[] | undefined;
  readonly sources?: Readonly<Record<string, string>> | undefined;
}

/** A memory-side cache; sizes in bytes. */
export interface FileCache {
  readonly level: number;
  readonly size: number;
  readonly lineSize: number;
  readonly indexing: MemorySideCache['indexing'];
  readonly writePolicy: MemorySideCache['writePolicy'];
  readonly addressMode: MemorySideCache['addressMode'];
}

/** A machine file after its quantities have become numbers. */
export interface MachineFile {
  readonly $schema?: string | undefined;
  readonly schemaVersion?: 1 | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly nodes: readonly FileNode[];
  readonly distances?: readonly (readonly number[])[] | undefined;
  readonly hmat?: boolean | undefined;
  readonly movableNode?: boolean | undefined;
  readonly memoryMap?:
    | readonly {
        readonly base: number;
        readonly size: number;
        readonly kind: MappedRange['kind'];
      }[]
    | undefined;
  readonly sources?: Readonly<Record<string, string>> | undefined;
}

/** A machine file: what `readMachineFile` reads and the shipped JSON Schema describes. */
export const machineFileSchema: z.ZodType<MachineFile> = machineFile;

const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(machineFile.shape),
  nodes: Object.keys(node.shape),
  memory: Object.keys(range.shape),
  memoryMap: Object.keys(mapped.shape),
  caches: Object.keys(cache.shape),
  from: Object.keys(figures),
};

/** The keys that an object at `path` may have; none where there is no such object. */
export function keysAt(path: readonly (string | number)[]): readonly string[] {
  const last = path.at(-1);
  const list = typeof last === 'number' || path.at(-2) === 'from' ? path.at(-2) : last;
  return (path.length === 0 ? KEYS[''] : KEYS[String(list ?? '')]) ?? [];
}

/** The JSON Schema (draft 2020-12) of a machine file, for editors. */
export function machineFileJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(machineFileSchema, { io: 'input' });
}
