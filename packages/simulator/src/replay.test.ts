import { defineMigrationPolicy } from '@tierlab/policy';
import type { AccessTrace } from '@tierlab/trace';
import { expect, test } from 'vitest';
import { letterTrace, numberTrace, replay, replayMany, tinyMemory } from './index.ts';
import { bare, far, letters, near, policyOf, show } from './policy-of.testing.ts';

const stayPut = defineMigrationPolicy({
  name: 'stay-put',
  doc: 'Nothing moves.',
  create: () => ({}),
});

test('an unloaded run is a closed formula, to the nanosecond', async () => {
  // page:  a b c a c C   node 0 holds a and b, node 1 holds c; 80 and 250 ns, writes 300 on node 1
  const record = await replay({
    trace: letterTrace('abcacC'),
    memory: tinyMemory([
      { pages: 2, latencyNs: 80 },
      { pages: 8, latencyNs: 250, writeLatencyNs: 300 },
    ]),
    policy: stayPut,
    settings: { ...bare, fault: '1000 ns' },
  });
  const { totals } = record;
  expect(totals.nodes.map(({ reads, writes, pages }) => [reads, writes, pages])).toEqual([
    [3, 0, 2],
    [2, 1, 1],
  ]);
  expect(totals.timeNs).toBe(3 * 80 + 2 * 250 + 300 + 3 * 1000);
  expect(totals.time).toEqual({
    thinkNs: 0,
    memoryNs: 3 * 80 + 2 * 250 + 300,
    faultNs: 3000,
    moveNs: 0,
    sampleNs: 0,
    displacedNs: 0,
  });
});

const everyFifth = (i: number): boolean => i % 5 === 0;

test('a move costs its work, its copy and its shootdown, and the books name them', async () => {
  // Copy of 4096 B at 1000 MB/s: 4096 ns. Asked for by a kernel thread beside an idle core.
  const up = policyOf([], ({ moves, clock }) => {
    clock.after(1000, () => void moves.request(0, far));
    return {};
  });
  const request = {
    trace: letterTrace('a'.repeat(100)),
    memory: tinyMemory([
      { pages: 2, latencyNs: 80, bandwidthMbps: 1000 },
      { pages: 2, latencyNs: 100, bandwidthMbps: 1000 },
    ]),
    policy: up,
    settings: { ...bare, movePage: 700, shootdown: 300 },
  };
  const beside = await replay(request);
  expect(beside.totals).toMatchObject({ kernelThreadNs: 5096, demotedPages: 1 });
  // 13 reads of 80 ns pass before the tick at 1000 ns (13 * 80 = 1040).
  expect(beside.totals.nodes.map(({ reads }) => reads)).toEqual([13, 87]);
  expect(beside.totals.timeNs).toBe(13 * 80 + 87 * 100);
  expect(beside.totals.nodes.map(({ readBytes, writeBytes }) => [readBytes, writeBytes])).toEqual([
    [13 * 64 + 4096, 0],
    [87 * 64, 4096],
  ]);
  const displaced = await replay({ ...request, settings: { ...request.settings, idleCores: 0 } });
  expect(displaced.totals.time.displacedNs).toBe(5096);
  expect(displaced.totals.timeNs).toBe(13 * 80 + 5096 + 87 * 100);
  expect(displaced.vmstat).toEqual({ pgdemote_kswapd: 1, pgfault: 1, pgmigrate_success: 1 });
});

test('a hint fault comes at the next touch, and a move in it makes the task wait', async () => {
  // a and b fill node 0, c is on node 1. Three first touches take 1000 ns of fault and 100 of access
  // each, until 3300; c is protected at 3400 between a and b, and touched at 3700.
  const faults: number[][] = [];
  const onFault = policyOf(['hintFaults'], ({ moves, clock, signals }) => {
    clock.after(3400, () => void signals.hintFaults.protect(2));
    return {
      hintFault({ page, timeNs, protectedNs }) {
        faults.push([page, timeNs, protectedNs]);
        moves.request(0, far);
        moves.request(page, near);
      },
    };
  });
  const record = await replay({
    trace: letterTrace('abc abab c c'),
    memory: tinyMemory([
      { pages: 2, latencyNs: 100 },
      { pages: 8, latencyNs: 100 },
    ]),
    policy: onFault,
    settings: { ...bare, fault: 1000, movePage: 10, copyBandwidth: '1 TB' },
    watchedPages: letters,
  });
  expect(faults).toEqual([[2, 3700, 3400]]);
  expect(show(record)).toBe('a:0>1 c:1>0');
  expect(record.vmstat).toMatchObject({
    numa_hint_faults: 1,
    numa_pte_updates: 1,
    pgpromote_success: 1,
    pgdemote_direct: 1,
  });
  expect(record.totals.time).toMatchObject({ faultNs: 4000, moveNs: 2 * (10 + 4.09375) });
});

test('a record of weight 0 maps its page and touches nothing', async () => {
  const bits = new Uint8Array(2);
  let faults = 0;
  const look = policyOf(['accessedBits', 'hintFaults', 'allocation'], ({ signals }) => ({
    mapped: (page) => void signals.hintFaults.protect(page),
    hintFault: () => void faults++,
    finish: () => void signals.accessedBits.readMany([0, 1], 0, bits),
  }));
  const plain = letterTrace('AbAb');
  const weight = Uint32Array.from([0, 3, 0, 1]);
  const record = await replay({
    trace: {
      declaration: plain.declaration,
      async *blocks() {
        for await (const block of plain.blocks()) yield { ...block, weight };
      },
    },
    memory: tinyMemory([{ pages: 8, latencyNs: 100 }]),
    policy: look,
    settings: bare,
  });
  expect([...bits]).toEqual([0, 1]);
  expect(faults).toBe(1);
  expect(record.totals).toMatchObject({ accesses: 4 });
});

test('accessed and dirty bits are those since they were cleared', async () => {
  const seen: number[][] = [];
  const scan = policyOf(['accessedBits'], ({ clock, signals }) => {
    clock.every(300, () => {
      const bits = new Uint8Array(3);
      signals.accessedBits.readMany([0, 1, 2], 3, bits);
      seen.push([...bits]);
    });
    return {};
  });
  // a b c | A b b | b b b: bits are read at 300, 600 and 900 ns
  await replay({
    trace: letterTrace('abc Abb bbb a'),
    memory: tinyMemory([{ pages: 8, latencyNs: 100 }]),
    policy: scan,
    settings: { ...bare, pteScan: 0 },
  });
  expect(seen).toEqual([
    [1, 1, 1],
    [3, 1, 0],
    [0, 1, 0],
  ]);
});

test('a sampler takes every n-th event of its kind; a full buffer loses them', async () => {
  const drained: number[][] = [];
  let lost = 0;
  const sample = policyOf(['samples'], ({ signals }) => {
    const stores = signals.samples.open({ event: 'stores', period: 2 });
    const loads = signals.samples.open({
      event: 'loads',
      nodes: [far],
      period: 3,
      bufferSamples: 1,
    });
    return {
      finish() {
        for (const sampler of [stores, loads]) {
          const { page, length } = sampler.drain();
          drained.push([...page.subarray(0, length)]);
        }
        lost = loads.lost;
      },
    };
  });
  // stores: A B a.. -> 2nd store B, 4th store A. Loads of node 1 (pages c, d): c d c | d c d.
  const record = await replay({
    trace: letterTrace('A B c d c d c d A A'),
    memory: tinyMemory([
      { pages: 2, latencyNs: 100 },
      { pages: 8, latencyNs: 100 },
    ]),
    policy: sample,
    settings: { ...bare, sample: 50 },
  });
  expect(drained).toEqual([[1, 0], [2]]);
  expect(lost).toBe(1);
  expect(record.totals.time.sampleNs).toBe(3 * 50);
});

test('first touch keeps the low watermark while another node has room, then goes down to min', async () => {
  const watermarks = { minPages: 1, lowPages: 2, highPages: 3, promoPages: 4 };
  const told: string[] = [];
  const watch = policyOf(['pressure', 'allocation'], ({ pages }) => ({
    pressure: (node, level) => void told.push(`${node} ${level}`),
    mapped: (page) => void told.push(`${page}@${pages.nodeOf[page]}`),
  }));
  const run = replay({
    trace: letterTrace('abcdefg'),
    memory: tinyMemory([
      { pages: 4, latencyNs: 100, watermarks },
      { pages: 4, latencyNs: 100, watermarks },
    ]),
    policy: watch,
  });
  await expect(run).rejects.toThrow('page 6: no node has a free page above its min watermark');
  expect(told.join(', ')).toBe(
    '0@0, 1@0, 2@1, 3@1, 0 low, 1 low, 4@0, 0 low, 1 low, 5@1, 0 low, 1 low, 0 min',
  );
});

test('under load the latency follows the curve', async () => {
  // One read of 64 B every 10 ns is 6400 MB/s: 0.64 of 10,000 MB/s; above a knee of 0.5 the factor is
  // 1 + (3 - 1) * (0.64 - 0.5) / (1 - 0.5) = 1.56.
  const time = Float64Array.from({ length: 200_000 }, (_, i) => i * 10);
  let latencyNs = 0;
  const look = policyOf(['telemetry'], ({ signals }) => ({
    finish: () => void (latencyNs = signals.telemetry.readLatencyNs(0)),
  }));
  await replay({
    trace: numberTrace(new Uint8Array(200_000), () => false, 65_536, time),
    memory: tinyMemory([
      {
        pages: 4,
        latencyNs: 100,
        bandwidthMbps: 10_000,
        curve: { kind: 'knee', knee: 0.5, saturation: 3 },
      },
    ]),
    policy: look,
    settings: { loop: 'open', contentionWindow: 50_000 },
  });
  // 50,000 ns windows hold 5000 accesses each; the load before is halved away in 40 windows.
  expect(latencyNs).toBeCloseTo(156, 6);
});

test('the size of blocks is invisible, and so are the runs beside', async () => {
  let state = 3;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const numbers = Array.from({ length: 20_000 }, () => Math.floor(300 * random() * random()));
  const busy = policyOf(
    ['hintFaults', 'accessedBits', 'samples', 'accesses', 'telemetry'],
    ({ moves, clock, signals, pages, random: draw }) => {
      const sampler = signals.samples.open({ event: 'all', period: 37 });
      clock.every(1000, () => {
        if (pages.pageCount === 0) return;
        const page = Math.floor(draw() * pages.pageCount);
        signals.hintFaults.protect(page);
        if (signals.accessedBits.read(page, 1) === 0) moves.enqueue(page, far);
        const { page: sampled, length } = sampler.drain();
        for (let i = 0; i < length; i++) moves.enqueueTransaction(sampled[i], near, i % 2 === 0);
      });
      return {
        hintFault: ({ page }) => void moves.request(page, near),
        epoch({ touched, touchedCount }) {
          for (let i = 0; i < touchedCount; i += 50) moves.request(touched[i], far);
        },
      };
    },
  );
  const request = {
    memory: tinyMemory([
      {
        pages: 100,
        latencyNs: 100,
        bandwidthMbps: 5000,
        curve: { kind: 'knee', knee: 0.2, saturation: 4 },
      },
      { pages: 400, latencyNs: 300, bandwidthMbps: 5000 },
    ]),
    policy: busy,
    settings: {
      epochAccesses: 3000,
      contentionWindow: 20_000,
      intervalLength: 100_000,
      intervalsMax: 7,
    },
  };
  const whole = await replay({ ...request, trace: numberTrace(numbers, everyFifth) });
  expect(whole.totals.movedRequests).toBeGreaterThan(100);
  for (const blockAccesses of [1, 7, 4096]) {
    const trace = numberTrace(numbers, everyFifth, blockAccesses);
    expect(await replay({ ...request, trace })).toEqual(whole);
    const still = { ...request, policy: stayPut };
    const [beside] = await replayMany(trace, [request, still]);
    expect(beside).toEqual(whole);
  }
});

/** `trace` with a clock that ticks once in a thousand accesses. */
function inSeconds(trace: AccessTrace): AccessTrace {
  return {
    declaration: { ...trace.declaration, clock: 'nanoseconds' },
    async *blocks() {
      let start = 0;
      for await (const block of trace.blocks()) {
        const first = start;
        const secondOf = (_: number, i: number): number => 400_000 * Math.floor((first + i) / 1000);
        yield { ...block, time: Float64Array.from({ length: block.length }, secondOf) };
        start += block.length;
      }
    },
  };
}

test.each(['closed', 'open'] as const)(
  'a clock that stands still for whole blocks is the same as in one block: %s loop',
  async (loop) => {
    const numbers = Array.from({ length: 8000 }, (_, i) => (i * i) % 61);
    const upAndDown = policyOf([], ({ moves, clock, pages }) => {
      let next = 0;
      clock.every(5000, () => {
        if (pages.pageCount === 0) return;
        moves.request(next % pages.pageCount, next % 2 === 0 ? near : far);
        next++;
      });
      return {};
    });
    const request = {
      memory: tinyMemory([
        { pages: 20, latencyNs: 100 },
        { pages: 80, latencyNs: 300 },
      ]),
      policy: upAndDown,
      settings: { loop },
    };
    const replayCut = (blockAccesses: number): ReturnType<typeof replay> =>
      replay({ ...request, trace: inSeconds(numberTrace(numbers, everyFifth, blockAccesses)) });
    const whole = await replayCut(numbers.length);
    expect(whole.totals.time.thinkNs).toBeGreaterThan(1_000_000);
    expect(whole.totals.movedRequests).toBeGreaterThan(50);
    for (const blockAccesses of [1, 125, 999])
      expect(await replayCut(blockAccesses)).toEqual(whole);
  },
);

/** A trace after a cache: misses of pages a and c, with the pages that two intervals touched. */
function filtered(touches: boolean): AccessTrace {
  const { declaration } = letterTrace('a');
  return {
    declaration: { ...declaration, level: 'memory', clock: 'nanoseconds' },
    async *blocks() {
      yield {
        length: 4,
        page: Uint32Array.of(0, 2, 2, 0),
        write: new Uint8Array(4),
        time: Float64Array.of(0, 500, 1500, 2500),
        newPageFirst: 0,
        newPageNumber: Float64Array.of(10, 11, 12, 13),
        ...(touches && {
          touches: [
            { startTime: 0, endTime: 1000, page: Uint32Array.of(0, 1, 2) },
            { startTime: 1000, endTime: 2000, page: Uint32Array.of(2, 3) },
          ],
        }),
      };
    },
  };
}

test('touches beside the misses set accessed bits and fault; pages that never miss are mapped too', async () => {
  const faults: number[] = [];
  const bits = new Uint8Array(4);
  const look = policyOf(['hintFaults', 'accessedBits'], ({ signals, clock }) => {
    clock.after(1200, () => void signals.hintFaults.protect(1));
    clock.after(1200, () => void signals.hintFaults.protect(2));
    clock.after(1200, () => void signals.accessedBits.readMany([0, 1, 2], 3, bits));
    return {
      hintFault: ({ page }) => void faults.push(page),
      finish: () => void signals.accessedBits.readMany([0, 1, 2, 3], 0, bits),
    };
  });
  const memory = tinyMemory([{ pages: 8, latencyNs: 100 }]);
  const record = await replay({ trace: filtered(true), memory, policy: look, settings: bare });
  // Page 2 misses at 1500; page 1 is not touched again; page 3 is touched and never misses.
  expect(faults).toEqual([2]);
  expect([...bits]).toEqual([1, 0, 1, 1]);
  expect(record.totals).toMatchObject({ accesses: 4, pages: 4 });
  expect(record.totals.nodes[0].pages).toBe(4);
});

test('a policy that needs touches is refused a trace of misses alone', async () => {
  const scan = policyOf(['accessedBits'], () => ({}));
  const memory = tinyMemory([{ pages: 8, latencyNs: 100 }]);
  const misses = replay({ trace: filtered(false), memory, policy: scan });
  await expect(misses).rejects.toThrow('of-the-test needs accessedBits, which see every touch');
  const sampled = filtered(true);
  const trace = { ...sampled, declaration: { ...sampled.declaration, samplePeriod: 100 } };
  await expect(replay({ trace, memory, policy: scan })).rejects.toMatchObject({
    code: 'SIM_NO_TOUCHES',
  });
});

test('a record with a weight stands for so many accesses, for none with 0', async () => {
  // page:  a*3 b*0 c*2   one node of 80 ns, and a write of c
  const plain = letterTrace('abC');
  const trace: AccessTrace = {
    ...plain,
    async *blocks() {
      for await (const block of plain.blocks()) yield { ...block, weight: Uint32Array.of(3, 0, 2) };
    },
  };
  const memory = tinyMemory([{ pages: 8, latencyNs: 80, writeLatencyNs: 100 }]);
  const seen: number[][] = [];
  const counting = policyOf(['accesses'], () => ({
    epoch: ({ accesses, touched, touchedCount }) =>
      void seen.push(Array.from(touched.subarray(0, touchedCount), (page) => accesses[page])),
  }));
  const settings = { ...bare, epochAccesses: 3 };
  const { totals } = await replay({ trace, memory, policy: counting, settings });
  expect(totals).toMatchObject({
    accesses: 5,
    reads: 3,
    writes: 2,
    pages: 3,
    timeNs: 3 * 80 + 200,
  });
  expect(seen).toEqual([[3, 2]]);
});
