import { gunzipSync, gzipSync } from 'node:zlib';

import { assert, RUN_RECORD_VERSION, type RunRecord } from '@tierlab/core';

import type { BesideRecords } from './beside-records.ts';
import { ReportError } from './errors.ts';
import type { HeatMap } from './heat-map.ts';
import type { PolicyPair } from './pairs.ts';
import type { PlanSheet } from './plan-sheet.ts';
import type { TierSheet } from './tier-sheet.ts';

/** Version of the form of {@link Result}; a reader refuses a higher one. */
export const RESULT_VERSION = 1;

/** Everything that a report is made of: plain data, written as JSON and embedded in the HTML. */
export interface Result extends BesideRecords {
  readonly schemaVersion: typeof RESULT_VERSION;
  readonly title: string;
  readonly records: readonly RunRecord[];
  readonly pairs?: readonly PolicyPair[];
  readonly thresholds?: readonly ThresholdLine[];
  readonly plans?: readonly PlanSheet[];
  readonly heatMaps?: readonly HeatMap[];
  readonly machines?: readonly TierSheet[];
}

/** A threshold at one run. */
export interface ThresholdLine {
  readonly threshold: string;
  readonly run: string;
  readonly value?: number;
  readonly crossed: boolean;
}

/** Id of the element of an HTML report that holds the result. */
const EMBEDDED_ID = 'tierlab-result';

/** `result` as JSON, ending with a newline. */
export function writeResult(result: Result): string {
  return `${JSON.stringify(result, undefined, 1)}\n`;
}

/**
 * The result in `text`: that of {@link writeResult}, an HTML report that embeds one, or one run record.
 *
 * @throws {ReportError} `REPORT_NOT_A_RESULT`, `REPORT_NEWER_VERSION`; the message names `source`.
 */
export function readResult(source: string, text: string): Result {
  const json = /^\s*</.test(text) ? embedded(source, text) : text;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    assert(error instanceof SyntaxError, String(error));
    throw notAResult(source, `no JSON: ${error.message}`);
  }
  const { schemaVersion, records, manifest } = Object(value) as Partial<Result & RunRecord>;
  if (typeof schemaVersion !== 'number') throw notAResult(source, 'it has no schemaVersion');
  if (manifest !== undefined) {
    checkVersion(source, schemaVersion, RUN_RECORD_VERSION);
    const record = value as RunRecord;
    return { schemaVersion: RESULT_VERSION, title: source, records: [record] };
  }
  checkVersion(source, schemaVersion, RESULT_VERSION);
  if (!Array.isArray(records)) throw notAResult(source, 'it has no list of records');
  for (const record of records as readonly RunRecord[]) {
    checkVersion(source, record.schemaVersion, RUN_RECORD_VERSION);
  }
  return value as Result;
}

/**
 * The element that holds `result` in an HTML report. Text that would end the element early is written in escapes;
 * a long result is gzip in base64.
 */
export function embedResult(result: Result): string {
  const json = JSON.stringify(result);
  if (json.length < 500_000) {
    const safe = json.replaceAll('<', String.raw`\u003C`);
    return `<script type="application/json" id="${EMBEDDED_ID}">${safe}</script>`;
  }
  const packed = gzipSync(json, { level: 9 }).toString('base64');
  return `<script type="application/gzip" id="${EMBEDDED_ID}">${packed}</script>`;
}

function embedded(source: string, html: string): string {
  const match = new RegExp(
    `<script type="application/(json|gzip)" id="${EMBEDDED_ID}">([^<]*)</script>`,
  ).exec(html);
  if (!match) throw notAResult(source, 'this HTML has no result in it');
  const [, form, text = ''] = match;
  if (form === 'json') return text;
  try {
    return gunzipSync(Buffer.from(text, 'base64')).toString('utf8');
  } catch (error) {
    throw notAResult(source, `its result cannot be unpacked: ${String(error)}`);
  }
}

function notAResult(source: string, problem: string): ReportError {
  return new ReportError(
    'REPORT_NOT_A_RESULT',
    `${source}: no tierlab result: ${problem}; give a runs.json, a report.html or a run record`,
  );
}

function checkVersion(source: string, version: number, known: number): void {
  if (version <= known) return;
  throw new ReportError(
    'REPORT_NEWER_VERSION',
    `${source}: written in version ${version} of the form, this tierlab reads up to ${known}: update tierlab`,
  );
}
