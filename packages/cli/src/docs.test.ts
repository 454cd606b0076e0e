import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { runCli } from './run-cli.testing.ts';

/**
 * Every `console` block of the documents is run, and must print what the document says:
 *
 *     $ tierlab tiers vm-cxl
 *     (the output)
 *
 * With UPDATE_DOCS=1 the documents get the output that the commands print.
 */
const root = resolve(import.meta.dirname, '../../..');
const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

const BLOCK = /^```console\n([\s\S]*?)^```$/gm;

/** The commands of a block: its lines that begin with a prompt. */
const commandsOf = (block: string): string[] =>
  block.split('\n').flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : []));

/** Progress of a long run, which a busy machine shows and another does not. */
const PROGRESS = /^(?:replay|read|compare|search)(?: \S+)?: [^\n]*\b(?:accesses|runs)\b[^\n]*\n/gm;

/** Words as a shell splits them: quotes group, nothing else is special. */
const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );

/** What a command prints, stdout before stderr, as a reader of the document sees it. */
async function outputOf(line: string): Promise<string> {
  const [program, ...args] = words(line.replace(/^(?:pnpm|npx) tierlab/, 'tierlab'));
  expect(program, `only tierlab is run: ${line}`).toBe('tierlab');
  const { stdout, stderr } = await runCli(...args);
  return stdout + stderr.replaceAll(PROGRESS, '');
}

const withBlocks = documents.flatMap((name) => {
  const text = readFileSync(join(root, name), 'utf8');
  const blocks = [...text.matchAll(BLOCK)].map(([, block = '']) => block);
  return blocks.length > 0 ? [{ name, text, blocks }] : [];
});

describe.each(withBlocks)('$name', ({ name, text, blocks }) => {
  let directory: string;
  let before: string;
  beforeAll(() => {
    before = process.cwd();
    // The commands write files: they run in a folder of their own that shows what a checkout has.
    directory = mkdtempSync(join(tmpdir(), 'tierlab-docs-'));
    for (const entry of ['traces', 'docs', 'packages', 'examples']) {
      symlinkSync(join(root, entry), join(directory, entry));
    }
    process.chdir(directory);
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(directory, { recursive: true });
  });

  test('prints what it says', { timeout: 240_000 }, async () => {
    let printed = text;
    for (const block of blocks) {
      let actual = '';
      for (const line of commandsOf(block)) actual += `$ ${line}\n${await outputOf(line)}`;
      printed = printed.replace(block, () => actual);
    }
    const update = process.env['UPDATE_DOCS'] === '1';
    if (update) writeFileSync(join(root, name), printed);
    expect(printed).toBe(update ? printed : text);
  });
});
