import { expect, test } from 'vitest';

import { labelledSteps, readKernelTiers } from './boot-tiers.ts';

const log = `
@kernel 6.12.107+deb13-amd64
@tier boot 4 0-1
@tier boot 27 2
@state boot online 0-2
@state boot has_generic_initiator 
@tier off2 4 0-1
@state off2 online 0-2
@refused memory5 stays online
@distance 0 10 20 255
@access 0 access0 read_latency 100
@access 0 access0 write_latency 0
@initiators 0 access0 node10 node2
@initiators 1 access1 node[0-9]*
@demotion [    1.1] Demotion targets for Node 0: preferred: 2, fallback: 2
@demotion [    1.1] Demotion targets for Node 2: null
@demotion [    2.5] Demotion targets for Node 0: null
@demotion [    2.5] Demotion targets for Node 3: preferred: 0-1, fallback: 0-1,4
@done`.split('\n');

test('the answer holds the state after the last step, and each step', () => {
  expect(readKernelTiers(log)).toEqual({
    kernel: '6.12.107+deb13-amd64',
    tiers: { '4': '0-1' },
    demotion: {
      // A rebuild logs a node again: the later line holds.
      '0': { preferred: null, fallback: null },
      '2': { preferred: null, fallback: null },
      '3': { preferred: '0-1', fallback: '0-1,4' },
    },
    access: { '0': { access0: { read_latency: 100, write_latency: 0 } } },
    initiators: { '0': { access0: [2, 10] }, '1': { access1: [] } },
    distances: { '0': [10, 20, 255] },
    states: { online: '0-2', has_generic_initiator: '' },
    after: {
      boot: {
        tiers: { '4': '0-1', '27': '2' },
        states: { online: '0-2', has_generic_initiator: '' },
      },
      off2: { tiers: { '4': '0-1' }, states: { online: '0-2' } },
    },
    refused: ['memory5 stays online'],
  });
});

test('a step that is done twice has two names', () => {
  expect(labelledSteps(['off1', 'on1', 'off1'])).toBe("off1 off1\non1 on1\noff1 off1'\n");
  expect(labelledSteps([])).toBe('');
});
