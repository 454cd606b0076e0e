import { assert } from '@tierlab/core';
import type { SampleBatch, Sampler, Samples, SamplerSpec } from '@tierlab/policy';
import { chargeKernelThread, chargeTask, knownNode } from './engine.ts';
import type { Engine } from './engine.ts';
import { CLOCK_NS } from './kernels/span.ts';

/** The samplers of a run, as the replay loop sees them. */
export interface SamplerSet extends Samples {
  /** How many accesses can be replayed before one may be a sample; Infinity without samplers. */
  accessesToNext(): number;
  /** Takes the samples of which access `last` of the block, just replayed, is one. */
  replayed(last: number): void;
}

const DEFAULT_BUFFER_SAMPLES = 65_536;

interface Running {
  /** Classes of access that the sampler counts. */
  readonly kinds: readonly number[];
  period: number;
  /** Events until the next sample. */
  left: number;
  /** Events counted when `left` was last brought up to date. */
  seen: number;
  readonly take: (last: number) => void;
}

/** No samplers yet. */
export function createSamplers(engine: Engine): SamplerSet {
  const running: Running[] = [];
  const { traffic } = engine;
  const events = (sampler: Running): number => {
    let sum = 0;
    for (const kind of sampler.kinds) sum += traffic.classTotal[kind] + traffic.classCount[kind];
    return sum;
  };
  return {
    open(spec) {
      const { event, period, bufferSamples = DEFAULT_BUFFER_SAMPLES } = spec;
      checkPeriod(period);
      assert(EVENTS.includes(event), `sampler: event ${event}; there are: ${EVENTS.join(', ')}`);
      assert(
        Number.isSafeInteger(bufferSamples) && bufferSamples >= 1,
        `sampler: a buffer of ${bufferSamples} samples`,
      );
      const buffer = createBuffer(engine, bufferSamples);
      const sampler: Running = {
        kinds: kindsOf(engine, spec),
        period,
        left: period || Infinity,
        seen: 0,
        take: buffer.take,
      };
      sampler.seen = events(sampler);
      running.push(sampler);
      return samplerView(engine, sampler, buffer);
    },
    accessesToNext() {
      let least = Infinity;
      for (const sampler of running) least = Math.min(least, sampler.left);
      return Math.max(1, least);
    },
    replayed(last) {
      for (const sampler of running) {
        const now = events(sampler);
        sampler.left -= now - sampler.seen;
        sampler.seen = now;
        // A record that stands for several accesses may be several samples.
        while (sampler.left <= 0) {
          sampler.take(last);
          sampler.left += sampler.period;
        }
      }
    },
  };
}

const EVENTS: readonly SamplerSpec['event'][] = ['loads', 'stores', 'all'];

function checkPeriod(period: number): void {
  assert(Number.isSafeInteger(period) && period >= 0, `sampler: period ${period}`);
}

function samplerView(engine: Engine, sampler: Running, buffer: SampleBuffer): Sampler {
  return {
    drain() {
      const batch = buffer.drain();
      chargeKernelThread(engine, engine.costs.sampleReadNs * batch.length);
      return batch;
    },
    setPeriod(period) {
      checkPeriod(period);
      if (period === sampler.period) return;
      sampler.period = period;
      sampler.left = period || Infinity;
    },
    get period() {
      return sampler.period;
    },
    get lost() {
      return buffer.lost();
    },
  };
}

function kindsOf(engine: Engine, spec: SamplerSpec): number[] {
  const { traffic, memory } = engine;
  const nodes = spec.nodes ?? memory.nodes.map((node) => node.id);
  const kinds: number[] = [];
  for (let initiator = 0; initiator < memory.initiators.length; initiator++) {
    for (const node of nodes) {
      knownNode(engine, node);
      const kind = 2 * (initiator * traffic.nodeSlots + node);
      if (spec.event !== 'stores') kinds.push(kind);
      if (spec.event !== 'loads') kinds.push(kind + 1);
    }
  }
  return kinds;
}

interface SampleBuffer {
  readonly take: (last: number) => void;
  drain(): SampleBatch;
  lost(): number;
}

function createBuffer(engine: Engine, capacity: number): SampleBuffer {
  const page = new Uint32Array(capacity);
  const write = new Uint8Array(capacity);
  const node = new Uint8Array(capacity);
  const thread = new Uint16Array(capacity);
  const timeNs = new Float64Array(capacity);
  let length = 0;
  let lost = 0;
  return {
    take(last) {
      if (length === capacity) {
        lost++;
        return;
      }
      const { span, pages } = engine;
      page[length] = span.page[last];
      write[length] = span.write[last];
      node[length] = pages.nodeOf[span.page[last]];
      thread[length] = span.thread?.[last] ?? span.soleThread ?? 0;
      timeNs[length] = span.registers[CLOCK_NS];
      length++;
      chargeTask(engine, 'sampleNs', engine.costs.sampleNs);
    },
    drain() {
      const batch = { length, page, write, node, thread, timeNs };
      length = 0;
      return batch;
    },
    lost: () => lost,
  };
}
