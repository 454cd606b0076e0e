import { expect, test } from 'vitest';

import { readOwnPages } from './measure-own-pages.ts';

/** Lines as the guest's script says them, of a program that touches `referenced` KiB of each small mapping. */
const said = (
  word: string,
  [bss, heap, stack]: readonly [number, number, number],
): readonly string[] =>
  [
    '004c9000-004cc000 rw-p 000c9000 00:02 13                                 /bin/agent',
    'Referenced:           12 kB',
    'Anonymous:            12 kB',
    '004cc000-004d1000 rw-p 00000000 00:00 0 ',
    `Referenced:           ${bss} kB`,
    'Anonymous:             8 kB',
    '004d1000-004f3000 rw-p 00000000 00:00 0                                  [heap]',
    `Referenced:           ${heap} kB`,
    'Anonymous:            20 kB',
    '7fffe4779000-7ffff7ff9000 rw-p 00000000 00:00 0 ',
    'Referenced:       320000 kB',
    'Anonymous:        320000 kB',
    '7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]',
    `Referenced:           ${stack} kB`,
    'Anonymous:             8 kB',
  ].map((line) => `@${word} ${line}`);

const COUNTERS = ['@counter nr_active_anon 724', '@counter nr_shmem 714'];

test('what is touched between reports, and with one, of the zeroed data, the heap and the stack', () => {
  const lines = [
    '@boot_threads 2',
    ...COUNTERS,
    ...said('busy', [0, 12, 4]),
    '@interval ms=4000',
    ...said('reporting', [8, 16, 8]),
  ];
  expect(readOwnPages(lines)).toEqual({
    boot_threads: 2,
    active_anonymous_pages: 10,
    bss_pages: 2,
    bss_busy: 0,
    bss_reporting: 2,
    heap_pages: 5,
    heap_busy: 3,
    heap_reporting: 4,
    stack_pages: 2,
    stack_busy: 1,
    stack_reporting: 2,
  });
});

test('an agent that ended too early is told', () => {
  const busy = said('busy', [0, 12, 4]);
  expect(() => readOwnPages(busy)).toThrow('expected nr_active_anon');
  expect(() => readOwnPages([...COUNTERS, ...busy])).toThrow('expected its bss, twice');
});
