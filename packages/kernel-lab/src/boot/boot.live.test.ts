import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { bytes, type Machine, nodeId, parseHotplugSteps } from '@tierlab/core';
import type { AccessBlock } from '@tierlab/trace';

import { encodePlay } from './access-play.ts';
import { bootTiers } from './boot-tiers.ts';
import { findKernel } from './debian-kernels.ts';
import { compiledProgram, defaultCacheDirectory } from './guest-files.ts';
import { recordScenario } from './record-scenario.ts';
import { scaledMachine } from './scaled-machine.ts';

// Boots take minutes and need QEMU and a kernel, so they run when asked for (`pnpm test:live`), and
// then a missing tool is a failure, never a skip.
const kernelVersion = process.env['TIERLAB_KERNEL'] ?? '6.12';
const cacheDirectory = defaultCacheDirectory();
const minutes = 60_000;

/** One CPU, a fast node and a slow one, in MiB. */
const twoNodes = (fastMib: number, slowMib: number): { readonly qemu: readonly string[] } => ({
  qemu: `
    -smp 1 -m ${fastMib + slowMib}M
    -object memory-backend-ram,size=${fastMib}M,id=m0 -numa node,nodeid=0,memdev=m0,cpus=0
    -object memory-backend-ram,size=${slowMib}M,id=m1 -numa node,nodeid=1,memdev=m1,initiator=0
    ${path(0, 'latency', '80')} ${path(0, 'bandwidth', '40G')}
    ${path(1, 'latency', '240')} ${path(1, 'bandwidth', '20G')}`
    .trim()
    .split(/\s+/),
});

const path = (target: number, kind: 'latency' | 'bandwidth', value: string): string =>
  `-numa hmat-lb,initiator=0,target=${target},hierarchy=memory,data-type=access-${kind},${kind}=${value}`;

const tiering =
  'echo 1 > /sys/kernel/mm/numa/demotion_enabled; echo 2 > /proc/sys/kernel/numa_balancing; ';

describe.skipIf(process.env['TIERLAB_LIVE'] === undefined)('a real kernel', () => {
  test('records one scenario twice with the same bytes', { timeout: 20 * minutes }, async () => {
    const kernel = await findKernel(kernelVersion, { cacheDirectory });
    const scenario = {
      name: 'twice',
      machine: twoNodes(256, 256),
      setup: tiering,
      stream: '60000 300 11 z:2:0:60000:0.9:20',
    };
    const once = await recordScenario(scenario, { kernel, cacheDirectory });
    const again = await recordScenario(scenario, { kernel, cacheDirectory });
    expect(JSON.stringify(again)).toBe(JSON.stringify(once));
    // The case bites: the kernel filled the fast node, and moved pages.
    const last = once.intervals.at(-1)!;
    expect(last['n0'] + last['n1']).toBe(60_000);
    expect(last['n1']).toBeGreaterThan(0);
    expect(last.vmstat['pgmigrate_success']).toBeGreaterThan(0);
  });

  test(
    'plays a trace: what it touches is placed, and nothing else',
    { timeout: 10 * minutes },
    async () => {
      const kernel = await findKernel(kernelVersion, { cacheDirectory });
      const stream = await encodePlay(firstTouches(1000, 40), { accessesPerMs: 100 });
      const record = await recordScenario(
        { name: 'played', machine: twoNodes(256, 256), setup: tiering, stream, stepMs: 5 },
        { kernel, cacheDirectory },
      );
      // 100 pages a millisecond for 10 ms, then the same pages again: after 5 ms half of them are there.
      expect(record.intervals.slice(0, 3).map(({ placement }) => placement)).toEqual([
        '01f4 x1f4',
        '03e8',
        '03e8',
      ]);
      expect(record.end).toBe('E accesses=4000 ms=40');
    },
  );

  test('tells the tiers that it built', { timeout: 5 * minutes }, async () => {
    const kernel = await findKernel(kernelVersion, { cacheDirectory });
    const answer = await bootTiers(twoNodes(256, 256), { kernel });
    // 576 * 480/160 * 81920/40960 = 3456, and 3456 >> 7 = 27.
    expect(answer.boot.tiers).toEqual({ '4': '0', '27': '1' });
    expect(answer.boot.demotion['0']).toEqual({ preferred: '1', fallback: '1' });
  });

  test(
    'soft-reserved memory joins tier 22 once kmem has it',
    { timeout: 5 * minutes },
    async () => {
      const kernel = await findKernel(kernelVersion, { cacheDirectory });
      const { machine, guest, bootOptions } = scaledMachine(withSoftReservedNode);
      const steps = parseHotplugSteps('kmem; offline 1; unbind 1; kmem 1; kmem');
      const hotplug = { steps, machine };
      const answer = await bootTiers(guest, { kernel, bootOptions, hotplug });
      expect(answer.boot.tiers).toEqual({ '4': '0' });
      // Nobody knows how fast it is: 5 * 576 = 2880, and 2880 >> 7 = 22.
      expect(answer.steps.map(({ state }) => state.tiers)).toEqual([
        { '4': '0', '22': '1' },
        { '4': '0' },
        { '4': '0' },
        { '4': '0', '22': '1' },
        { '4': '0', '22': '1' },
      ]);
      const refused = answer.steps.map((step) => step.refused);
      expect(refused).toEqual([[], [], [], [], ['no dax device waits']]);
    },
  );

  test('an aborted boot leaves nothing behind', { timeout: 5 * minutes }, async () => {
    const kernel = await findKernel(kernelVersion, { cacheDirectory });
    const before = leftovers();
    const controller = new AbortController();
    const boot = bootTiers(twoNodes(256, 256), { kernel, signal: controller.signal });
    setTimeout(() => controller.abort(), 1500);
    await expect(boot).rejects.toThrow(/aborted/);
    expect(leftovers()).toEqual(before);
    const late = bootTiers(twoNodes(256, 256), { kernel, timeLimitMs: 1000 });
    await expect(late).rejects.toThrow(/expected it to end within 1 s/);
    expect(leftovers()).toEqual(before);
  });

  test('the agent compiles without a warning and prints the stream it performs', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const agent = await compiledProgram('agent', directory);
    // 5 pages at 2 a millisecond: written in order, then 2 ms over pages 1 to 3 in turn.
    const printed = execFileSync(agent, ['emit', '5', '2', '7', 's:0.002:1:3:0:0']).toString();
    expect(printed.trim().split('\n')).toEqual([
      '0 0 W',
      '500000 1 W',
      '1000000 2 W',
      '1500000 3 W',
      '2000000 4 W',
      '3000000 1 R',
      '3500000 2 R',
      '4000000 3 R',
      '4500000 1 R',
    ]);
  });
});

const GIB = 2 ** 30;
const range = (node: number, kind: 'ram' | 'soft-reserved') => ({
  node: nodeId(node),
  kind,
  base: bytes(node * GIB),
  size: bytes(GIB),
});
const withSoftReservedNode: Machine = {
  nodes: [
    { id: nodeId(0), online: true, cpus: [0], genericInitiator: false, proximityDomain: 0 },
    { id: nodeId(1), online: false, cpus: [], genericInitiator: false, proximityDomain: 1 },
  ],
  distances: [
    [10, 20],
    [20, 10],
  ],
  memory: [range(0, 'ram'), range(1, 'soft-reserved')].map(({ node, base, size }) => ({
    node,
    base,
    size,
    hotPluggable: false,
    nonVolatile: false,
  })),
  memoryMap: [range(0, 'ram'), range(1, 'soft-reserved')],
  movableNode: false,
  tables: {},
  notes: [],
};

const leftovers = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('tierlab-boot-'));

/** Reads page 0, 1, 2... of `pageCount`, `rounds` times 100 accesses, starting over at the end. */
async function* firstTouches(pageCount: number, rounds: number): AsyncIterable<AccessBlock> {
  for (let round = 0; round < rounds; round++) {
    yield {
      length: 100,
      page: Uint32Array.from({ length: 100 }, (_, i) => (round * 100 + i) % pageCount),
      write: new Uint8Array(100),
      newPageFirst: 0,
      newPageNumber: new Float64Array(0),
    };
  }
}
