import type { ThresholdLine } from './result.ts';
import { printable } from './terminal.ts';

/**
 * Thresholds as JUnit XML, for a CI that shows test reports: a suite for each threshold, a case for each run, and a
 * failure where it is crossed. A run without the value is skipped.
 *
 * Source: the schema that Jenkins' xunit plugin publishes, junit-10.xsd.
 */
export function thresholdsToJunit(lines: readonly ThresholdLine[]): string {
  const suites = [...new Set(lines.map((line) => line.threshold))].map((threshold) =>
    suite(
      threshold,
      lines.filter((line) => line.threshold === threshold),
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${counts(lines)}>\n${suites.join('')}</testsuites>\n`;
}

function suite(threshold: string, lines: readonly ThresholdLine[]): string {
  return `  <testsuite name="${xml(threshold)}"${counts(lines)}>\n${lines.map(testcase).join('')}  </testsuite>\n`;
}

function testcase({ threshold, run, value, crossed }: ThresholdLine): string {
  const open = `    <testcase classname="${xml(threshold)}" name="${xml(run)}"`;
  if (value === undefined) return `${open}><skipped message="no such value"/></testcase>\n`;
  if (!crossed) return `${open}/>\n`;
  return `${open}><failure message="${xml(`${value} crosses ${threshold}`)}"/></testcase>\n`;
}

function counts(lines: readonly ThresholdLine[]): string {
  const failures = lines.filter((line) => line.crossed).length;
  const skipped = lines.filter((line) => line.value === undefined).length;
  return ` tests="${lines.length}" failures="${failures}" skipped="${skipped}"`;
}

function xml(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
