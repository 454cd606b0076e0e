import * as z from 'zod';

import { traceOptionNames } from '../trace/trace-options.ts';

const text = z.string();
const texts = z.array(text);
/** A value that a parser of its own reads: a number is as good as its text. */
const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: () => 'expected a text, a number, true or false',
});
const scalars = z.union([scalar, z.array(scalar).min(1)], {
  error: () => 'expected a value, or a list of values to try',
});
const count = z.int().min(1);

/** YAML reads 6.10 as the number 6.1. */
const version = z.string({ error: () => "expected a version in quotes, such as '6.12'" });

const policy = z.strictObject({
  name: text.meta({ description: 'Name, ./file or package; all for every policy there is.' }),
  params: z
    .record(text, scalars)
    .meta({
      description: 'Values of its parameters; every value of a list is tried with all others.',
      examples: [{ fill: [0.25, 0.5] }],
    })
    .optional(),
});

const camelCase = (name: string): string =>
  name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

const read = z.strictObject({
  format: text
    .meta({ description: 'Format of the traces; told from their content if absent.' })
    .optional(),
  lenient: z.boolean().meta({ description: 'Skip what is not understood.' }).optional(),
  maxPages: count.meta({ description: 'Pages that a reader may hold.' }).optional(),
  ...Object.fromEntries(traceOptionNames.map((name) => [camelCase(name), scalar.optional()])),
});

const plan = z.strictObject({
  target: scalar
    .meta({ description: 'A slowdown that is still good enough.', examples: ['5%'] })
    .optional(),
  weights: z
    .array(z.number().positive())
    .meta({ description: 'The part of each trace in the fleet.' })
    .optional(),
  dramNode: scalar.meta({ description: 'The node whose memory is sized.' }).optional(),
  prices: z
    .record(text, scalar)
    .meta({ description: 'Quantities of the cost.', examples: [{ dramPrice: '4 USD/GiB' }] })
    .optional(),
  cost: text
    .meta({ description: 'What it costs, over dram, cxl, slowdown and the prices.' })
    .optional(),
  breakEven: text.meta({ description: 'The price whose break-even is asked for.' }).optional(),
  refinements: z
    .int()
    .min(0)
    .meta({ description: 'Halvings of the step between sizes around the answer.' })
    .optional(),
  sensitivity: z
    .boolean()
    .meta({ description: 'Plan again with slower and narrower nodes.' })
    .optional(),
  out: text.meta({ description: 'Folder of the plan.' }).optional(),
});

const tune = z.strictObject({
  policy: text.meta({ description: 'Name, ./file or package of the policy that is tuned.' }),
  params: z
    .record(text, scalars)
    .meta({
      description: 'Values to try, in an order in which neighbours are alike.',
      examples: [{ fill: [0.25, 0.5, 0.75] }],
    })
    .optional(),
  budget: count.meta({ description: 'Choices that are tried at most.' }).optional(),
  windows: count.meta({ description: 'Equal parts that the trace is cut into.' }).optional(),
  heldOut: z
    .number()
    .meta({ description: 'Share of the parts, the last ones, that the search does not see.' })
    .optional(),
  out: text.meta({ description: 'Folder of the search.' }).optional(),
});

const experimentFile = z
  .strictObject({
    $schema: text.optional(),
    schemaVersion: z.literal(1).optional(),
    traces: texts.min(1).meta({ description: 'Traces, each a run of every policy.' }),
    read: read.meta({ description: 'How the traces are read; see docs/formats.' }).optional(),
    placements: texts
      .min(1)
      .meta({ description: 'Where the pages of each trace were before: one numa_maps a trace.' })
      .optional(),
    windows: count
      .meta({ description: 'Equal parts that each trace is cut into; they are the replicates.' })
      .optional(),
    machines: texts
      .min(1)
      .meta({ description: 'Machine files, tables, snapshots or names of the catalogue.' }),
    kernel: version
      .meta({ description: 'The kernel that looks at the machines.', examples: ['6.12'] })
      .optional(),
    set: z
      .record(text, scalar)
      .meta({ description: 'What-ifs.', examples: [{ 'node1.readLatency': '250 ns' }] })
      .optional(),
    tiering: texts
      .meta({
        description: "Tiering policies instead of Linux's; default-dram always answers last.",
      })
      .optional(),
    bootOptions: texts
      .meta({ description: 'Kernel boot options.', examples: [['numa=nohmat']] })
      .optional(),
    hotplug: text
      .meta({ description: 'What happens after boot.', examples: ['offline 1; online 1'] })
      .optional(),
    policies: z
      .array(
        z.union([z.string(), policy], {
          error: () => 'expected the name of a policy, or one with name and params',
        }),
      )
      .min(1)
      .meta({ description: 'Migration policies, in the order of the tables.' })
      .optional(),
    capacities: z
      .record(
        z.string().regex(/^(?:node)?\d{1,4}$/),
        z.union([z.string(), texts.min(1)], {
          error: () => 'expected a size such as 64 MiB, or a list of sizes',
        }),
      )
      .meta({
        description: 'Memory that nodes have for the runs; several sizes are several runs.',
        examples: [{ node0: ['64 MiB', '128 MiB'] }],
      })
      .optional(),
    seeds: z
      .array(z.int().min(0).max(999_999_999))
      .min(1)
      .meta({ description: 'Seeds; each is a run of its own.' })
      .optional(),
    settings: z
      .record(text, scalar)
      .meta({ description: 'Settings of the simulator.', examples: [{ memoryParallelism: 8 }] })
      .optional(),
    prices: z
      .record(text, scalar)
      .meta({
        description: 'Prices and other quantities of the cost of each run, with their units.',
        examples: [{ dramPrice: '4 USD/GiB', cxlPrice: '2 USD/GiB' }],
      })
      .optional(),
    cost: text
      .meta({ description: 'What a run costs, over dram, cxl, slowdown and the prices.' })
      .optional(),
    failIf: texts
      .meta({
        description: 'Thresholds that end a comparison with exit code 3.',
        examples: [['slowdown > 1.05']],
      })
      .optional(),
    heatMaps: z
      .int()
      .min(0)
      .meta({ description: 'Runs of which the report maps the placement.' })
      .optional(),
    jobs: count
      .meta({ description: 'Worker threads; the results are the same for any number.' })
      .optional(),
    plan: plan
      .meta({
        description:
          'What `tierlab plan` asks of this experiment; it looks at no windows, capacities and thresholds.',
      })
      .optional(),
    tune: tune
      .meta({
        description:
          'What `tierlab tune` asks of this experiment, of one trace, one machine and one capacity; it looks at no policies and thresholds.',
      })
      .optional(),
    out: text
      .meta({ description: 'Folder of the report, the tables and the finished runs.' })
      .optional(),
  })
  .meta({ id: 'tierlab-experiment', title: 'tierlab experiment file' });

/** A value as people write it: a number is as good as its text. */
type Scalar = string | number | boolean;

/** What an experiment file says, as it stands there. */
export interface ExperimentFile {
  readonly $schema?: string | undefined;
  readonly schemaVersion?: 1 | undefined;
  readonly traces: readonly string[];
  readonly read?: Readonly<Record<string, Scalar | undefined>> | undefined;
  readonly placements?: readonly string[] | undefined;
  readonly windows?: number | undefined;
  readonly machines: readonly string[];
  readonly kernel?: string | undefined;
  readonly set?: Readonly<Record<string, Scalar>> | undefined;
  readonly tiering?: readonly string[] | undefined;
  readonly bootOptions?: readonly string[] | undefined;
  readonly hotplug?: string | undefined;
  readonly policies?: readonly (string | FilePolicy)[] | undefined;
  readonly capacities?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly seeds?: readonly number[] | undefined;
  readonly settings?: Readonly<Record<string, Scalar>> | undefined;
  readonly prices?: Readonly<Record<string, Scalar>> | undefined;
  readonly cost?: string | undefined;
  readonly failIf?: readonly string[] | undefined;
  readonly heatMaps?: number | undefined;
  readonly jobs?: number | undefined;
  readonly plan?: FilePlan | undefined;
  readonly tune?: FileTune | undefined;
  readonly out?: string | undefined;
}

/** What `tierlab plan` asks of an experiment. */
export interface FilePlan {
  readonly target?: Scalar | undefined;
  readonly weights?: readonly number[] | undefined;
  readonly dramNode?: Scalar | undefined;
  readonly prices?: Readonly<Record<string, Scalar>> | undefined;
  readonly cost?: string | undefined;
  readonly breakEven?: string | undefined;
  readonly refinements?: number | undefined;
  readonly sensitivity?: boolean | undefined;
  readonly out?: string | undefined;
}

/** What `tierlab tune` asks of an experiment. */
export interface FileTune {
  readonly policy: string;
  readonly params?: FilePolicy['params'];
  readonly budget?: number | undefined;
  readonly windows?: number | undefined;
  readonly heldOut?: number | undefined;
  readonly out?: string | undefined;
}

/** A policy with values to try of its parameters. */
export interface FilePolicy {
  readonly name: string;
  readonly params?: Readonly<Record<string, Scalar | readonly Scalar[]>> | undefined;
}

/** An experiment file: what `tierlab compare --config` reads and the shipped JSON Schema describes. */
export const experimentFileSchema: z.ZodType<ExperimentFile> = experimentFile;

/** The keys of an experiment file at its top. */
export const experimentFileKeys: readonly string[] = Object.keys(experimentFile.shape);

/** The keys that an object at `path` may have; none where there is no such object, or it has names of the user's. */
export function keysAt(path: readonly (string | number)[]): readonly string[] {
  if (path.length === 0) return experimentFileKeys;
  if (path.length === 1 && path[0] === 'read') return Object.keys(read.shape);
  if (path.length === 1 && path[0] === 'plan') return Object.keys(plan.shape);
  if (path.length === 1 && path[0] === 'tune') return Object.keys(tune.shape);
  if (path.length === 2 && path[0] === 'policies') return Object.keys(policy.shape);
  return [];
}

/** The JSON Schema (draft 2020-12) of an experiment file, for editors. */
export function experimentFileJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(experimentFileSchema, { io: 'input' });
}
