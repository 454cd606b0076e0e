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
