// What memory the pages of a trace take: how much higher the resident memory of a process gets (its peak) where a trace
// has more pages, divided by those, for one run and for many configurations of its policy in one pass, which differ in
// how many pages fit the fastest tier. Processes differ by 10 MB whatever they do, so that figures of up to 4 Mi pages are of
// the middle one of three. The trace is made block by block and never held.
//   pnpm --filter @tierlab/benchmarks bench:memory [MEBIPAGES [CONFIGURATIONS [POLICY...]]]
// Both are lists with commas: 1,16 and 1,8,64 unless told. `bench:memory 100 1 stay-put` is the run of 100 Mi pages.
import { spawnSync } from 'node:child_process';
import { migrationPolicies } from '@tierlab/migration-policies';
import { defineMigrationPolicy } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';
import { replayMany, tinyMemory } from '@tierlab/simulator';
import { streamed } from './streamed.ts';

const MEBI = 2 ** 20;
/** Pages of the trace that another is compared with. */
const FEW_PAGES = 2 ** 16;
/** After every page was touched once. */
const ACCESSES = 2 ** 20;
/** The machine has this many pages in its fastest tier, of a hundred; with several configurations, from 5 to 70. */
const FAST_PERCENT = 10;

/** Reads the exact counts of each epoch and keeps nothing of them. */
const watching = defineMigrationPolicy({
  name: 'epoch-counts',
  doc: 'Reads the counts of each epoch and moves nothing.',
  signals: ['accesses'],
  create: () => ({ epoch: () => {} }),
});

function named(name: string): MigrationPolicy {
  const policy = name === watching.name ? watching : migrationPolicies.get(name);
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy;
}

/** Replays in this process. */
async function replayHere(name: string, configurations: number, pages: number): Promise<void> {
  const policy = named(name);
  const requests = Array.from({ length: configurations }, (_, i) => {
    const percent = configurations === 1 ? FAST_PERCENT : 5 + (65 * i) / (configurations - 1);
    const memory = tinyMemory([
      { pages: Math.ceil((pages * percent) / 100), latencyNs: 90, bandwidthMbps: 60_000 },
      { pages: pages + 1024, latencyNs: 250, bandwidthMbps: 20_000 },
    ]);
    return { policy, memory };
  });
  await replayMany(streamed(pages, ACCESSES), requests);
}

/** Pages up to which one process is not enough. */
const NOISY_PAGES = 4 * MEBI;

/** The most resident memory, in bytes, of a process that replays; `among` says how many pages it is compared for. */
function residentBytes(name: string, configurations: number, pages: number, among = pages): number {
  const processes = among > NOISY_PAGES ? 1 : 3;
  return Array.from({ length: processes }, () =>
    residentOnce(name, configurations, pages),
  ).toSorted((a, b) => a - b)[processes >> 1];
}

function residentOnce(name: string, configurations: number, pages: number): number {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...process.execArgv,
      import.meta.filename,
      '--one',
      name,
      String(configurations),
      String(pages),
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(/^\w*Error: .*/m.exec(stderr)?.[0] ?? stderr);
  return Number(stdout);
}

const numbers = (list: string | undefined, otherwise: string): number[] =>
  (list ?? otherwise).split(',').map(Number);

const [first, ...rest] = process.argv.slice(2);
if (first === '--one') {
  const [name = '', configurations, pages] = rest;
  await replayHere(name, Number(configurations), Number(pages));
  process.stdout.write(String(1024 * process.resourceUsage().maxRSS));
} else {
  const counts = numbers(rest[0], '1,8,64');
  const names = rest.length > 1 ? rest.slice(1) : ['stay-put', watching.name];
  process.stdout.write(
    'Bytes of resident memory a page at the peak; in brackets, what each configuration adds; and the process in MiB\n',
  );
  for (const name of names) {
    for (const mebipages of numbers(first, '1,16')) {
      const pages = mebipages * MEBI;
      let one = 0;
      const row = counts.map((count) => {
        const bytes = residentBytes(name, count, pages);
        const others = residentBytes(name, count, FEW_PAGES, pages);
        const perPage = (bytes - others) / (pages - FEW_PAGES);
        if (count === 1) one = perPage;
        const more = count === 1 ? '' : ` (${((perPage - one) / (count - 1)).toFixed(2)})`;
        return `${count}: ${perPage.toFixed(1)}${more}, ${(bytes / MEBI).toFixed(0)} MiB`;
      });
      process.stdout.write(
        `${name.padEnd(16)}${String(mebipages).padStart(5)} Mi  ${row.join('   ')}\n`,
      );
    }
  }
}
