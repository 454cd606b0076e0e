// Records the traces of this folder again: node traces/record.mjs NAME... (after pnpm build). Needs qemu-user, a C
// compiler and the programs themselves; postgres-* must run as a user other than root. The programs run on data that
// is made here or that the system has, so another machine records the same kind of trace, not the same bytes.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createWriteStream,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { arch, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { openTlt, randomAccess, record, writeTlt } from '../packages/trace/dist/index.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const shell = (script, folder) => execFileSync('bash', ['-euc', script], { cwd: folder });
const levels = (lastLevelBytes) => [
  { sizeBytes: 32 << 10, ways: 8 },
  { sizeBytes: lastLevelBytes, ways: 16 },
];
const MIB = 1 << 20;
const postgresBin = () =>
  shell('dirname "$(ls -d /usr/lib/postgresql/*/bin/postgres | tail -1)"', '/').toString().trim();

/** A program of our own, built for the recording. */
const own = (name, args) => ({
  setup: (folder) => shell(`cc -O2 -o ${name} ${here}programs/${name}.c -lm`, folder),
  program: (folder) => join(folder, name),
  args,
});

/** A PostgreSQL back end without its server: single-user mode, the statements on its input. */
const postgres = (statements) => ({
  setup(folder) {
    const bin = postgresBin();
    shell(
      `${bin}/initdb -D db -A trust -N >/dev/null
       ${bin}/pg_ctl -D db -w -o "-k $PWD -h ''" -l log start >/dev/null
       ${bin}/createdb -h "$PWD" bench && ${bin}/pgbench -h "$PWD" -i -s 2 -q bench 2>/dev/null
       ${bin}/pg_ctl -D db -w -m fast stop >/dev/null`,
      folder,
    );
    writeFileSync(join(folder, 'input'), statements());
  },
  program: () => join(postgresBin(), 'postgres'),
  args: ['--single', '-j', '-D', 'db', '-c', 'shared_buffers=32MB', '-c', 'fsync=off', 'bench'],
  reads: true,
});

/** pgbench's own transaction (TPC-B like, scale 2) with accounts by a Zipf-like law. */
function pgbenchStatements() {
  let state = 7;
  const below = (bound, power) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 1 + Math.floor((state / 2 ** 32) ** power * bound);
  };
  const statements = [];
  for (let i = 0; i < 1500; i++) {
    const account = ((below(200_000, 3) * 7919) % 200_000) + 1;
    const [teller, branch, delta] = [below(20, 1), below(2, 1), below(10_000, 1) - 5000];
    statements.push(
      `UPDATE pgbench_accounts SET abalance = abalance + ${delta} WHERE aid = ${account}`,
      `SELECT abalance FROM pgbench_accounts WHERE aid = ${account}`,
      `UPDATE pgbench_tellers SET tbalance = tbalance + ${delta} WHERE tid = ${teller}`,
      `UPDATE pgbench_branches SET bbalance = bbalance + ${delta} WHERE bid = ${branch}`,
      `INSERT INTO pgbench_history VALUES (${teller}, ${branch}, ${account}, ${delta}, now())`,
    );
  }
  return `${statements.join(';\n\n')};\n\n`;
}

const SORT_STATEMENT = `SET work_mem = '64MB';

SELECT count(*) FROM (SELECT aid, filler FROM pgbench_accounts ORDER BY md5(aid::text) LIMIT 190000) sorted;

`;

const workloads = {
  redis: {
    what: 'redis-server, 60,000 values of 400 bytes, Zipf 0.99, 90/10 GET/SET; the popularity moves half-way',
    licence: 'BSD-3-Clause (redis 7.0)',
    setup: () => {},
    program: () => '/usr/bin/redis-server',
    args: ['--port', '7399', '--save', '', '--appendonly', 'no', '--logfile', '/dev/null'],
    load: ['redis-load.mjs', '7399', '60000', '100000'],
    levels: levels(2 * MIB),
  },
  sqlite: {
    what: 'sqlite3: load, index, join and group, sort over a database in memory; its first 400 M data accesses',
    licence: 'public domain (sqlite 3.40)',
    setup(folder) {
      writeFileSync(
        join(folder, 'input'),
        `CREATE TABLE part(id INTEGER PRIMARY KEY, kind INT, name TEXT);
         CREATE TABLE sale(id INTEGER PRIMARY KEY, part INT, day INT, amount REAL, note TEXT);
         WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 10000)
           INSERT INTO part SELECT x, x % 97, 'part number ' || x FROM c;
         WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 60000)
           INSERT INTO sale SELECT x, 1 + (x * 7919) % 10000, x % 365, x * 0.5, 'a note on the sale ' || x FROM c;
         CREATE INDEX sale_part ON sale(part);
         SELECT kind, sum(amount), count(DISTINCT day) FROM sale JOIN part ON part.id = sale.part GROUP BY kind;
         SELECT max(length(note)) FROM (SELECT note FROM sale ORDER BY amount * 13 % 1009, note);
         SELECT day, avg(amount) FROM sale WHERE part IN (SELECT id FROM part WHERE kind < 9) GROUP BY day;`,
      );
    },
    program: () => '/usr/bin/sqlite3',
    args: [':memory:'],
    reads: true,
    accessLimit: 400e6,
    levels: levels(MIB / 2),
  },
  'postgres-pgbench': {
    what: 'PostgreSQL back end: pgbench transactions, accounts skewed, scale 2, its first 80 M data accesses',
    licence: 'PostgreSQL licence (postgres 15)',
    ...postgres(pgbenchStatements),
    accessLimit: 80e6,
    levels: levels(1 * MIB),
  },
  'postgres-sort': {
    what: 'PostgreSQL back end: sort of 200,000 pgbench accounts by a hash, in 64 MB, its first 300 M data accesses',
    licence: 'PostgreSQL licence (postgres 15)',
    ...postgres(() => SORT_STATEMENT),
    accessLimit: 300e6,
    levels: levels(2 * MIB),
  },
  cc1plus: {
    what: 'cc1plus -O2 on a use of <regex>, its first 200 M data accesses',
    licence: 'GPL-3.0-or-later (g++ 12); the trace holds addresses only',
    setup: (folder) =>
      writeFileSync(
        join(folder, 'input.cc'),
        '#include <map>\n#include <regex>\nint main(int c, char **v) { return std::regex_match(v[0], std::regex("a.*b")); }\n',
      ),
    program: () => shell('g++ -print-prog-name=cc1plus', '/').toString().trim(),
    args: ['-quiet', '-O2', '-D_GNU_SOURCE', '-imultiarch', 'x86_64-linux-gnu', 'input.cc', '-o', '/dev/null'],
    accessLimit: 200e6,
    levels: levels(2 * MIB),
  },
  sort: {
    what: 'GNU sort of 150,000 lines, 10 MB, in memory, its first 200 M data accesses',
    licence: 'GPL-3.0-or-later (coreutils 9.1); the trace holds addresses only',
    setup: (folder) =>
      shell(
        `awk 'BEGIN{srand(3); for(i=0;i<150000;i++) printf "%.12f %d the rest of line %d, some more of it\\n", rand(), i%1000, i}' > input.txt`,
        folder,
      ),
    program: () => '/usr/bin/sort',
    args: ['--parallel=1', '-S', '100M', '-o', '/dev/null', 'input.txt'],
    accessLimit: 200e6,
    levels: levels(MIB / 2),
  },
  xz: {
    what: 'xz -6 of programs in /usr/bin, its first 200 M data accesses',
    licence: 'public domain (xz 5.4)',
    setup: (folder) => shell('find /usr/bin -type f -size -2M | sort | xargs cat 2>/dev/null | head -c 6000000 > input.bin || true', folder),
    program: () => '/usr/bin/xz',
    args: ['-6', '-T1', '-k', 'input.bin'],
    accessLimit: 200e6,
    levels: levels(1 * MIB),
  },
  pagerank: {
    what: 'PageRank, 150,000 vertices of 4 edges, skewed in-degree, 4 iterations',
    licence: 'MIT (programs/pagerank.c)',
    ...own('pagerank', ['150000', '4', '4']),
    levels: levels(1 * MIB),
  },
  hashjoin: {
    what: 'hash join, 150,000 rows built, 150,000 skewed probes',
    licence: 'MIT (programs/hashjoin.c)',
    ...own('hashjoin', ['150000', '150000']),
    levels: levels(MIB / 2),
  },
};

async function recordWorkload(name) {
  const { what, licence, setup, program, args, load, reads, ...settings } = workloads[name];
  const folder = mkdtempSync(join(tmpdir(), `tierlab-${name}-`));
  const before = process.cwd();
  try {
    setup(folder);
    process.chdir(folder);
    const path = program(folder);
    const started = process.hrtime.bigint();
    let progress = { dataAccesses: 0 };
    const recording = await record({
      program: path,
      args,
      cacheFolder: join(tmpdir(), `tierlab-recorder-${process.getuid()}`),
      onProgress: (latest) => (progress = latest),
      ...(reads && { input: openSync(join(folder, 'input'), 'r') }),
      ...settings,
    });
    const client = load && spawn(process.execPath, [join(here, 'programs', load[0]), ...load.slice(1)], { stdio: 'inherit' });
    const file = join(here, `${name}.tlt`);
    await write(file, recording, { what, licence, hardware: hardware() });
    client?.kill();
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    process.stderr.write(`${name}: ${progress.dataAccesses} data accesses in ${seconds.toFixed(0)} s\n`);
    return { ...(await row(name, file)), dataAccesses: progress.dataAccesses };
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function write(file, recording, facts) {
  const { program, args, ...about } = recording.about;
  const out = createWriteStream(file);
  const options = { level: 9, omit: ['line'], about: { ...facts, command: [program, ...args].map(shown), ...about } };
  for await (const bytes of writeTlt(recording.trace, options)) out.write(bytes);
  await new Promise((resolve) => out.end(resolve));
}

/** A word of a command, without the folder that only this recording had. */
const shown = (word) => word.replace(process.cwd(), '.');
const hardware = () => `${arch()}, QEMU user mode on ${cpus()[0].model}`;

async function row(name, file) {
  const bytes = readFileSync(file);
  const trace = await openTlt(randomAccess(file, bytes));
  return {
    name,
    accesses: trace.accesses,
    writes: trace.writes,
    pages: trace.pages,
    instructions: trace.lastTime,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    ...trace.about,
  };
}

const manifestFile = join(here, 'manifest.json');
const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in workloads));
if (names.length === 0 || unknown.length > 0) {
  process.stderr.write(`usage: node traces/record.mjs NAME..., one of ${Object.keys(workloads).join(' ')}\n`);
  process.exit(2);
}
for (const name of names) {
  const made = await recordWorkload(name);
  const others = JSON.parse(readFileSync(manifestFile, 'utf8')).filter((other) => other.name !== name);
  const rows = [...others, made].sort((a, b) => (a.name < b.name ? -1 : 1));
  writeFileSync(manifestFile, `${JSON.stringify(rows, undefined, 2)}\n`);
}
