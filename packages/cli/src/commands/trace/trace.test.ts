import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { generateTrace, writeTlt } from '@tierlab/trace';
import { beforeAll, expect, test } from 'vitest';

import { runCli } from '../../run-cli.testing.ts';
import { testFolder } from '../../test-folder.testing.ts';

// Two pages; three reads, and a modify that is a read and a write.
const lackey = ' L 1000,8\n S 2000,8\n M 2008,4\n L 1010,8\n';

const at = testFolder();
beforeAll(() => {
  writeFileSync(at('t.lackey'), lackey);
});

async function info(name: string): Promise<Record<string, unknown>> {
  const { stdout } = await runCli('trace', 'info', '--json', at(name));
  return JSON.parse(stdout) as Record<string, unknown>;
}

test('info counts accesses and pages', async () => {
  expect(await info('t.lackey')).toMatchObject({ accesses: 5, reads: 3, writes: 2, pages: 2 });
  const { stdout } = await runCli('trace', 'info', at('t.lackey'));
  expect(stdout).toMatch(/accesses +5\n/);
});

test('info of a histogram says so, and so does a run of it', async () => {
  const lines = [1, 2].map(
    (second) =>
      `kdamond.0 44 [000] ${second}.000000: damon:damon_aggregated: target_id=1 nr_regions=1 4096-12288: ${second} 3\n`,
  );
  writeFileSync(at('damon.txt'), lines.join(''));
  const { stdout } = await runCli('trace', 'info', at('damon.txt'));
  expect(stdout).toMatch(/^holds +counts of regions by interval, virtual addresses$/m);
  // Two pages, once and twice; the first interval is as long as the second.
  expect(stdout).toMatch(/^stand for +6$/m);
  expect(stdout).toMatch(/^duration +2,000,000,000 nanoseconds$/m);
  const run = ['run', '--machine', 'vm-hmat', '--policy', 'stay-put', '--json'];
  const { stdout: record } = await runCli(...run, '--trace', at('damon.txt'));
  expect(JSON.parse(record)).toMatchObject({
    manifest: { trace: { format: 'damon-perf-script', countedBy: 'region' } },
    totals: { accesses: 6, pages: 2 },
  });
});

test('what a file says of its trace is shown, and stays when it is converted', async () => {
  const shipped = fileURLToPath(new URL('../../../../../traces/pagerank.tlt', import.meta.url));
  const opened = await runCli('trace', 'info', '--json', shipped);
  const { about } = JSON.parse(opened.stdout) as { about: Record<string, unknown> };
  expect(about).toMatchObject({ levels: [{ sizeBytes: 32_768, ways: 8 }, {}] });
  await runCli('trace', 'convert', shipped, at('replay.tlt'), '--codec', 'replay');
  expect((await info('replay.tlt'))['about']).toEqual(about);
  const { stdout } = await runCli('trace', 'info', at('replay.tlt'));
  expect(stdout).toMatch(/^recorder +qemu-x86_64 version/m);
  expect(stdout).toMatch(/^command +\.\/pagerank 150000 4 4$/m);
});

test('what a file says of its trace cannot change the terminal', async () => {
  const about = { program: 'a\u001b[2Jb', 'x\ny': 3 };
  const trace = generateTrace('uniform:pages=4,accesses=8,seed=1');
  const parts: Uint8Array[] = [];
  for await (const part of writeTlt(trace, { about })) parts.push(part);
  writeFileSync(at('evil.tlt'), Buffer.concat(parts));
  const { stdout } = await runCli('trace', 'info', at('evil.tlt'));
  expect(stdout).toContain('program               "a\\u001b[2Jb"\n"x\\ny"');
});

test('through the native format and back to text the accesses are the same', async () => {
  expect((await runCli('trace', 'convert', at('t.lackey'), at('t.tlt'))).exitCode).toBe(0);
  await runCli('trace', 'convert', at('t.tlt'), at('back.lackey'), '--to', 'lackey');
  const { declaration: _, sha256: __, trace: ___, ...before } = await info('t.lackey');
  expect(await info('back.lackey')).toMatchObject({
    pages: before['pages'],
    reads: before['reads'],
  });
  const heads = [];
  for (const name of ['t.lackey', 't.tlt', 'back.lackey']) {
    heads.push((await runCli('trace', 'head', at(name))).stdout.replaceAll(/^.*?,(?=[RW],)/gm, ''));
  }
  expect(heads[1]).toBe(heads[0]);
  expect(heads[2]).toBe(heads[0]);
});

test('a cache of one line’s reuse lets the first touches through', async () => {
  await runCli('trace', 'filter', at('t.lackey'), at('f.tlt'), '--cache', '256KiB:16');
  // Lines 0x1000 and 0x2000 are fetched once each; nothing is evicted.
  expect(await info('f.tlt')).toMatchObject({ accesses: 2, reads: 2, writes: 0, pages: 2 });
});

/** The first accesses of a trace as columns of text, without its head line. */
async function head(name: string, lines = 20): Promise<string[]> {
  const { stdout } = await runCli('trace', 'head', at(name), '--lines', String(lines));
  return stdout.split('\n').slice(1, -1);
}

test('processes are merged by their clocks, with pages apart', async () => {
  // time, address, operation: 5 and 9 of one process against 0 and 3 of the other, which starts at 5.
  writeFileSync(at('one.csv'), '5,0x1000,R\n9,0x2000,W\n');
  writeFileSync(at('two.csv'), '0,0x1000,W\n3,0x1000,R\n');
  const reading = ['--columns', 'time,addr,op', '--clock', 'column', '--clock-unit', 'ns'];
  const merge = (...more: string[]): ReturnType<typeof runCli> =>
    runCli(
      'trace',
      'merge',
      at('one.csv'),
      at('two.csv'),
      '--out',
      at('m.tlt'),
      ...reading,
      ...more,
    );
  expect((await merge('--start', '0,5')).stderr).toBe('');
  expect(await info('m.tlt')).toMatchObject({ accesses: 4, pages: 3, threads: 2 });
  const merged = (await head('m.tlt')).map((line) => line.split(','));
  // Time, thread and operation; a tie goes to the process named first.
  expect(merged.map(([time, thread]) => `${time}#${thread}`)).toEqual(['5#0', '5#1', '8#1', '9#0']);
  expect(merged.map((columns) => columns.find((text) => /^[RW]$/.test(text))).join('')).toBe(
    'RWRW',
  );
  expect((await merge('--start', '7')).stderr).toMatch(/CLI_BAD_OPTION: --start 7: expected 2/);
  const other = await runCli('trace', 'merge', at('t.lackey'), at('m.tlt'), '--out', at('n.tlt'));
  expect([other.exitCode, other.stderr]).toEqual([
    2,
    expect.stringMatching(/TRACE_BAD_OPTION: merge/),
  ]);
  expect(readdirSync(at(''))).not.toContain('n.tlt');
});

test('a trace is cut, windowed, sampled with weights and counted in huge pages', async () => {
  const spec = 'cyclic:pages=2Ki,per-page=1,accesses=40Ki';
  expect((await runCli('trace', 'generate', spec, at('g.tlt'))).stderr).toBe('');
  const whole = await head('g.tlt', 3000);
  const filter = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { stderr } = await runCli('trace', 'filter', at('g.tlt'), at('f.tlt'), ...args);
    expect(stderr).toBe('');
    return info('f.tlt');
  };
  expect(await filter('--cut', '2500')).toMatchObject({ accesses: 2500, pages: 2048 });
  expect(await head('f.tlt', 3000)).toEqual(whole.slice(0, 2500));
  expect(await filter('--window', '1000..1500')).toMatchObject({ accesses: 500, pages: 500 });
  expect(await head('f.tlt', 3000)).toEqual(whole.slice(1000, 1500));
  // One in ten: binomial, five standard deviations wide; what is kept stands for ten each.
  const sampled = (await filter('--sample', '10', '--seed', '3')) as Record<string, number>;
  expect(Math.abs(sampled['accesses']! - 4096)).toBeLessThan(5 * Math.sqrt(40_960 * 0.09));
  expect(sampled['weight']).toBe(10 * sampled['accesses']!);
  // 2,048 pages of 4 KiB in a row are 4 of 2 MiB where they begin at one.
  for (const [words, message] of [
    ['--window 900000..900001', /CLI_BAD_OPTION: .*g\.tlt: no access is left of it/],
    ['--cut 0', /CLI_BAD_OPTION: --cut 0: expected a count, at least 1/],
    ['--seed 4', /CLI_OPTION_WITHOUT_EFFECT: --seed/],
  ] as const) {
    const args = ['trace', 'filter', at('g.tlt'), at('none.tlt'), ...words.split(' ')];
    const { stderr, exitCode } = await runCli(...args);
    expect({ stderr, exitCode }).toMatchObject({
      stderr: expect.stringMatching(message),
      exitCode: 2,
    });
    expect(existsSync(at('none.tlt'))).toBe(false);
  }
  expect(await filter('--huge-pages')).toMatchObject({ accesses: 40_960, pages: 4 });
});

test('info draws a page that needs nothing else, whole or not at all', async () => {
  const name = '<img src=x onerror=alert(1)>.lackey';
  writeFileSync(at(name), lackey);
  const { stdout, exitCode } = await runCli('trace', 'info', at(name), '--html', at('t.html'));
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/accesses +5\n/)]);
  const page = readFileSync(at('t.html'), 'utf8');
  expect(page).toContain('<title>&#60;img src=x onerror=alert(1)&#62;.lackey</title>');
  expect(page).not.toMatch(/<img src=x|<script|https?:|url\(/);
  expect(page).toContain('prefers-color-scheme: dark');
  expect(page).toMatch(/<th scope="row">accesses<\/th>\n?<td>5<\/td>/);
  // The image: 5 accesses from left to right, 2 pages upward.
  const [, image = ''] = /src="data:image\/png;base64,([^"]+)"/.exec(page) ?? [];
  const png = Buffer.from(image, 'base64');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([5, 2]);

  const before = readdirSync(at(''));
  writeFileSync(at('broken.lackey'), 'no access in it\n');
  const broken = await runCli('trace', 'info', at('broken.lackey'), '--html', at('b.html'));
  expect(broken.exitCode).toBe(2);
  const nowhere = await runCli('trace', 'info', at(name), '--html', at('no/t.html'));
  expect(nowhere.stderr).toMatch(/CLI_OUTPUT_UNWRITABLE/);
  expect(readdirSync(at(''))).toEqual([...before, 'broken.lackey'].toSorted());
  const piped = await runCli('trace', 'info', '-', '--html', at('p.html'));
  expect(piped.stderr).toMatch(/CLI_BAD_OPTION: --html/);
});

test('the same words generate the same bytes', async () => {
  const spec = 'zipf:pages=1Ki,theta=0.99,accesses=10K,seed=3';
  await runCli('trace', 'generate', spec, at('a.tlt'));
  await runCli('trace', 'generate', spec, at('b.tlt'));
  const a = await info('a.tlt');
  expect(a).toMatchObject({ accesses: 10_000 });
  expect((await info('b.tlt'))['sha256']).toBe(a['sha256']);
});

test('a trace that cannot be read leaves no file', async () => {
  const before = readdirSync(at(''));
  writeFileSync(at('broken.tlt'), 'not a trace at all');
  const { exitCode, stderr } = await runCli('trace', 'convert', at('broken.tlt'), at('none.tlt'));
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/TRACE_UNKNOWN_FORMAT/);
  expect(readdirSync(at(''))).toEqual([...before, 'broken.tlt'].toSorted());
});

test('curve shows what LRU hits at every size, and refuses a sample of few pages', async () => {
  // Pages 1, 2, 2, 2, 1: distances 0, 0 and 1.
  const { stdout } = await runCli('trace', 'curve', '--json', at('t.lackey'));
  expect((JSON.parse(stdout) as { points: unknown }).points).toEqual([
    { pages: 1, bytes: 4096, hitShare: 0.4 },
    { pages: 2, bytes: 8192, hitShare: 0.6 },
  ]);
  const { stderr, exitCode } = await runCli('trace', 'curve', '--sample', '0.1', at('t.lackey'));
  expect(stderr).toContain('SIM_SMALL_SAMPLE');
  expect(exitCode).toBe(2);
});
