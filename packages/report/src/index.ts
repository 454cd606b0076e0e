export type { BesideRecords, RefusedRun, ReplicateSlowdown, RunCosts } from './beside-records.ts';
export { tableToCsv } from './csv.ts';
export { ReportError, type ReportErrorCode } from './errors.ts';
export { intervalsTable } from './intervals.ts';
export { pairsTable, type PolicyPair } from './pairs.ts';
export { placementTable } from './placement.ts';
export {
  BASELINE_POLICY,
  compareRuns,
  isRuler,
  paramsText,
  policyLabel,
  runId,
  type ComparedRun,
} from './run-set.ts';
export { columnValues, type Cell, type ColumnKind, type Table, type TableHead } from './table.ts';
export {
  placementSummary,
  showBytes,
  showCount,
  showPercent,
  showTime,
  textTable,
  type TextTable,
} from './terminal.ts';
export { renderHtml } from './html/page.ts';
export { renderTraceHtml, type TraceSheet } from './html/trace-page.ts';
export { capacityCurves, type CapacityCurve } from './capacity-curve.ts';
export type { HeatMap } from './heat-map.ts';
export type { PlanAnswer, PlanCurve, PlanPoint, PlanSheet, SensitivityLine } from './plan-sheet.ts';
export {
  readResult,
  RESULT_VERSION,
  writeResult,
  type Result,
  type ThresholdLine,
} from './result.ts';
export type { SheetNode, SheetTier, TierSheet } from './tier-sheet.ts';
export {
  compareResults,
  differencesTable,
  type Difference,
  type ResultDifference,
} from './difference.ts';
export { thresholdsToJunit } from './junit.ts';
export { tableToMarkdown } from './markdown.ts';
export { tableToParquet } from './parquet.ts';
