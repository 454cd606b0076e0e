import { expect, test } from 'vitest';

import { readToldStates } from './read-tiers.ts';

const log = `
@kernel 6.12.107+deb13-amd64
@tier 0 4 0-1
@tier 0 27 2
@state 0 online 0-2
@state 0 has_memory 0-3
@state 0 has_generic_initiator 
@distance 0 0 10 20 255
@access 0 0 access0 read_latency 100
@access 0 0 access0 write_latency 0
@initiators 0 0 access0 node10 node2
@initiators 0 1 access1 node[0-9]*
@demotion 0 [    1.1] Demotion targets for Node 0: preferred: 2, fallback: 2
@demotion 0 [    1.1] Demotion targets for Node 2: null
@demotion 0 [    2.5] Demotion targets for Node 0: null
@demotion 0 [    2.5] Demotion targets for Node 3: preferred: 0-1, fallback: 0-1,4
@refused 1 memory5 stays online
@tier 1 4 0-1
@state 1 has_memory 0-1
@demotion 1 [    2.5] Demotion targets for Node 3: preferred: 0-1, fallback: 0-1,4
@demotion 1 [    9.5] Demotion targets for Node 0: preferred: 1, fallback: 1
@tier 10 5 7
@done`.split('\n');

test('what is shown at boot and after each step, and what was refused', () => {
  const [boot, step] = readToldStates(log, 1);
  expect(boot).toEqual({
    refused: [],
    state: {
      tiers: { '4': '0-1', '27': '2' },
      demotion: {
        // A rebuild logs a node again: the later line holds.
        '0': { preferred: null, fallback: null },
        '2': { preferred: null, fallback: null },
        '3': { preferred: '0-1', fallback: '0-1,4' },
      },
      access: { '0': { access0: { read_latency: 100, write_latency: 0 } } },
      initiators: { '0': { access0: [2, 10] }, '1': { access1: [] } },
      distances: { '0': [10, 20, 255] },
      states: { online: '0-2', has_memory: '0-3', has_generic_initiator: '' },
    },
  });
  expect(step.refused).toEqual(['memory5 stays online']);
  expect(step.state.tiers).toEqual({ '4': '0-1' });
  // Node 3 lost its memory: what was logged of it before holds no more.
  expect(step.state.demotion).toEqual({ '0': { preferred: '1', fallback: '1' } });
});
