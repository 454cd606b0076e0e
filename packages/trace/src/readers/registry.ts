import { champsim } from './champsim.ts';
import { damonJson } from './damon-json.ts';
import { damonPerfScript } from './damon-perf-script.ts';
import { damonRecord } from './damon-record.ts';
import { delimited } from './delimited.ts';
import { dramsim } from './dramsim.ts';
import { drmemtrace } from './drmemtrace.ts';
import { drmemtraceView } from './drmemtrace-view.ts';
import type { TraceFormat } from './format.ts';
import { gem5 } from './gem5.ts';
import { gem5Text } from './gem5-text.ts';
import { labStream } from './lab-stream.ts';
import { lackey } from './lackey.ts';
import { lcs } from './lcs.ts';
import { libcachesimCsv } from './libcachesim-csv.ts';
import { memtierd } from './memtierd.ts';
import { memtraceSimple } from './memtrace-simple.ts';
import { memtraceX86 } from './memtrace-x86.ts';
import { oracleGeneral } from './oracle-general.ts';
import { oracleGeneralOpNs } from './oracle-general-op-ns.ts';
import { perfData } from './perf-data.ts';
import { perfScript } from './perf-script.ts';
import { pin } from './pin.ts';
import { ramulator } from './ramulator.ts';
import { rec16 } from './rec16.ts';
import { tlt } from './tlt.ts';
import { twr } from './twr.ts';
import { ucsd } from './ucsd.ts';
import { vscsi } from './vscsi.ts';

/** Every trace format that tierlab reads, in the order of the documentation. */
export const traceFormats: readonly TraceFormat[] = [
  lackey,
  tlt,
  delimited,
  perfScript,
  perfData,
  damonJson,
  damonPerfScript,
  damonRecord,
  drmemtrace,
  drmemtraceView,
  memtraceSimple,
  memtraceX86,
  pin,
  champsim,
  gem5,
  gem5Text,
  ramulator,
  dramsim,
  ucsd,
  oracleGeneral,
  oracleGeneralOpNs,
  lcs,
  vscsi,
  libcachesimCsv,
  twr,
  memtierd,
  labStream,
  rec16,
];
