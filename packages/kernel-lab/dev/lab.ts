// Records and boots without the command line around it:
//   pnpm lab record SCENARIO.json OUT.json [KERNEL [SUITE]]
//   pnpm lab tiers SCENARIO.json [KERNEL [SUITE]]
// SCENARIO is a record, or as much of one as says what to do: name, qemu, setup, agent.
import { readFileSync, writeFileSync } from 'node:fs';

import {
  bootTiers,
  defaultCacheDirectory,
  findKernel,
  recordScenario,
  scenarioOfRecord,
} from '../src/index.ts';

const [command, scenarioFile = '', ...rest] = process.argv.slice(2);
const talk = (line: string): void => void process.stderr.write(`${line}\n`);
const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());

const scenario = scenarioOfRecord(JSON.parse(readFileSync(scenarioFile, 'utf8')));
const [version = '6.12', suite] = command === 'record' ? rest.slice(1) : rest;
const cacheDirectory = defaultCacheDirectory();
const kernel = await findKernel(version, {
  cacheDirectory,
  signal: interrupt.signal,
  onTalk: talk,
  ...(suite === undefined ? {} : { suite }),
});

if (command === 'record') {
  const record = await recordScenario(scenario, {
    kernel,
    cacheDirectory,
    signal: interrupt.signal,
    onProgress: (ms) => talk(`${scenario.name}: ${ms} ms`),
  });
  writeFileSync(rest[0] ?? '/dev/stdout', `${JSON.stringify(record)}\n`);
} else {
  const tiers = await bootTiers(scenario.machine, { kernel, signal: interrupt.signal });
  process.stdout.write(`${JSON.stringify(tiers, null, 2)}\n`);
}
