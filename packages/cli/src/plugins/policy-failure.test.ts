import { writeFileSync } from 'node:fs';

import { beforeAll, expect, test } from 'vitest';

import { runCli } from '../run-cli.testing.ts';
import { testFolder, twoNodes } from '../test-folder.testing.ts';

const at = testFolder();
beforeAll(() => {
  writeFileSync(at('m.yaml'), twoNodes);
  writeFileSync(at('t.lackey'), ' L 1000,8\n S 2000,8\n L 1000,8\n');
});

/** Runs a policy whose `create` has this body, of a file of its own. */
const runBody = (name: string, signals: string, body: string) => {
  writeFileSync(
    at(`${name}.mjs`),
    `export const policy = {\n  name: '${name}', doc: 'Fails.', signals: [${signals}],\n  create({ clock, cpu, moves, signals }) {\n    ${body}\n  },\n};\n`,
  );
  const given = `--machine ${at('m.yaml')} --trace ${at('t.lackey')} --policy ${at(`${name}.mjs`)}`;
  return runCli('run', ...given.split(' '), '--setting', 'epochAccesses=1');
};

test.each([
  [
    'epoch',
    "'accesses'",
    "return { epoch() { throw new Error('boom'); } };",
    /hook epoch: Error: boom/,
  ],
  [
    'tick',
    '',
    "clock.every(1, () => { throw new Error('boom'); }); return {};",
    /a tick: Error: boom/,
  ],
  ['create', '', "throw new TypeError('boom');", /create: TypeError: boom/],
  ['thrown', "'accesses'", "return { epoch() { throw 'boom'; } };", /hook epoch: it threw "boom"/],
  ['page', "'accesses'", 'return { epoch() { moves.request(7, 0); } };', /page 7 is not mapped/],
])('what the policy %s throws is told as its mistake, with the line', async (name, ...given) => {
  const [signals, body, message] = given;
  const { exitCode, stderr, stdout } = await runBody(`fails-in-${name}`, signals, body);
  expect(exitCode).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(new RegExp(`^tierlab: CLI_POLICY_FAILED: fails-in-${name}: `));
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain('bug in tierlab');
  // A text that is thrown has no place.
  expect(stderr.includes(`fails-in-${name}.mjs:4:`)).toBe(name !== 'thrown');
});

test('hooks that the engine cannot call are refused before the run', async () => {
  const misspelt = await runBody('misspelt', '', 'return { epcoh() {} };');
  expect(misspelt.stderr).toMatch(/^tierlab: POLICY_BAD_HOOKS: misspelt: no hook "epcoh"/);
  const undeclared = await runBody('undeclared', '', 'return { hintFault() {} };');
  expect(undeclared.stderr).toMatch(/^tierlab: POLICY_SIGNAL_UNDECLARED: undeclared: the hook/);
});

test('hooks may be the methods of an object', async () => {
  const methods = await runBody(
    'methods',
    "'accesses'",
    `class Hooks { #epochs = 0; epoch() { if (++this.#epochs === 2) moves.request(0, 1); } }\n    return new Hooks();`,
  );
  expect(methods.stderr).toBe('');
  expect(methods.stdout).toContain('1 moves asked for');
});
