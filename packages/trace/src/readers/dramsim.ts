import { DEFAULT_LAYOUT } from '../text/layout.ts';
import { columnTrace, mostLinesMatch } from './parts/column-trace.ts';
import type { TraceFormat } from './format.ts';

/**
 * DRAMSim2 and DRAMsim3 traces: `0xADDRESS OPERATION CYCLE`, what reached the memory controller.
 *
 * Source: DRAMSim2 TraceBasedSim.cpp parseTraceFileLine (k6, mase); DRAMsim3 src/common.cc operator>>.
 */
export const dramsim: TraceFormat = {
  name: 'dramsim',
  summary: 'DRAMSim2 (mase, k6) and DRAMsim3 traces: address, operation, cycle',
  options: [],
  score: (head) => (mostLinesMatch(head, LINE) ? 80 : 0),
  open: (content, options) =>
    columnTrace(
      content,
      {
        ...DEFAULT_LAYOUT,
        columns: ['addr', 'op', 'time'],
        readTokens: READS,
        writeTokens: WRITES,
        fetchTokens: [],
      },
      { format: 'dramsim', level: 'memory', addressSpace: 'physical', clock: 'cycles' },
      options,
    ),
};

// An instruction fetch that missed every cache is a read of memory as any other.
const READS = ['READ', 'read', 'IFETCH', 'P_MEM_RD', 'P_FETCH', 'P_LOCK_RD', 'P_I/O_RD'];
const WRITES = ['WRITE', 'write', 'P_MEM_WR', 'P_LOCK_WR', 'P_I/O_WR', 'BOFF'];
const LINE = new RegExp(`^0x[0-9a-f]+\\s+(${[...READS, ...WRITES].join('|')})\\s+\\d+\\s*$`, 'i');
