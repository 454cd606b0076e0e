import { describe, expect, test } from 'vitest';
import { createCpu, endOfTimeout, TICK_NS, type KernelThread } from './cpu.ts';

const MS = 1e6;

describe('a sleep that is counted in ticks', () => {
  // A trace of Linux 6.12 in the lab: kswapd dozes for a tenth of a second from 6.024784 s; the tick before was at 6.023209,
  // and it is awake again at the tick of 6.127209.
  test('ends at the tick after its last one', () => {
    const tick = 1500 * TICK_NS;
    const now = tick + 1.575 * MS;
    expect(endOfTimeout(now, 100 * MS)).toBe(tick + 26 * TICK_NS + 1);
  });

  test('ends at a coarser tick the longer it is', () => {
    expect(endOfTimeout(0, 62 * TICK_NS)).toBe(63 * TICK_NS + 1);
    expect(endOfTimeout(0, 63 * TICK_NS)).toBe(64 * TICK_NS + 1);
    expect(endOfTimeout(0, 64 * TICK_NS)).toBe(72 * TICK_NS + 1);
    expect(endOfTimeout(0, 504 * TICK_NS)).toBe(512 * TICK_NS + 1);
    expect(endOfTimeout(0, 512 * TICK_NS)).toBe(576 * TICK_NS + 1);
  });
});

// The same kind of trace: ticks at 4.462866 s and every 4 ms. The first page that misses wakes kswapd at 4.463567; its walk of the
// page tables ends at 4.476600, three ticks later, where the program goes on, to 4.482866, the second tick.
test('who does firm work keeps the CPU over ticks, and gives it up at its end', () => {
  const tick = 1000 * TICK_NS;
  const turns: number[] = [];
  const walks: KernelThread = {
    wakeAtNs: Infinity,
    owedNs: 0,
    isFirm: false,
    step(nowNs) {
      turns.push(nowNs);
      this.isFirm = turns.length === 1;
      return 13.033 * MS;
    },
  };
  const cpu = createCpu(tick - 10 * TICK_NS, 0, [walks], {
    tick() {},
    resumed() {
      turns.push(cpu.nowNs);
    },
    userMode() {},
  });
  cpu.run(10 * TICK_NS + 0.701 * MS);
  cpu.wake(walks);
  cpu.run(10 * MS);
  const ms = turns.map((ns) => (ns - tick) / MS);
  expect(ms.slice(0, 3)).toEqual([0.701, 13.734, 20]);
});
