import type { AccessTrace } from '../block.ts';
import { commonParameters, generatedTrace, type Generator } from './generator.ts';
import { gups, hot, moving, phased } from './hot-set.ts';
import { labTrace } from './lab.ts';
import { chase, cyclic, sequential } from './scan.ts';
import { badGenerator, parameterValues, splitSpec } from './spec.ts';
import { ycsb } from './ycsb.ts';
import { uniform, zipf } from './zipf.ts';

/** Every generator by parameters; `lab:` takes the lab's own words instead (`labTrace`). */
export const generators: readonly Generator[] = [
  uniform,
  zipf,
  hot,
  moving,
  phased,
  sequential,
  cyclic,
  chase,
  gups,
  ...ycsb,
].map((generator) =>
  Object.assign({}, generator, {
    parameters: [...generator.parameters, ...commonParameters],
  }),
);

/**
 * The trace that a spec describes, e.g. `zipf:pages=1Mi,theta=0.99,accesses=20M,seed=1`, or
 * `lab:80000 300 2 z:14:0:80000:0.9:20`. The same spec gives the same accesses everywhere.
 * @throws TRACE_BAD_GENERATOR
 */
export function generateTrace(spec: string): AccessTrace {
  const { generator: name, rest } = splitSpec(spec);
  if (name === 'lab') return labTrace(rest);
  const generator = generators.find((one) => one.name === name);
  if (generator === undefined)
    throw badGenerator(spec, `no generator ${JSON.stringify(name)}; one of ${listed()}`);
  const values = parameterValues(spec, rest, generator.parameters);
  const wrong = generator.check?.(values);
  if (wrong !== undefined) throw badGenerator(spec, wrong);
  return generatedTrace(generator, values);
}

const listed = (): string => [...generators.map(({ name }) => name), 'lab'].join(', ');
