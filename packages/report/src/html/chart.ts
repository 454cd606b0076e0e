import { html, type Markup } from './markup.ts';

/** A chart over a shared x axis. */
export interface Chart {
  /** What it shows, for the caption. */
  readonly title: string;
  /** What one should see in it, for those who cannot. */
  readonly description: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly x: readonly number[];
  readonly series: readonly Series[];
  /** Series lie on top of each other and are filled. */
  readonly stacked?: boolean;
  /** Values hold from one x to the next. */
  readonly stepped?: boolean;
  readonly yMin?: number;
  readonly yMax?: number;
  /** A horizontal line with a label. */
  readonly rule?: { readonly y: number; readonly label: string };
  readonly showX: (x: number) => string;
  readonly showY: (y: number) => string;
  /** In pixels at full size; the chart scales with its column. */
  readonly width?: number;
  readonly height?: number;
}

export interface Series {
  readonly name: string;
  /** Index of the colour. */
  readonly colour: number;
  readonly value: readonly (number | undefined)[];
  readonly low?: readonly (number | undefined)[];
  readonly high?: readonly (number | undefined)[];
  readonly dashed?: boolean;
  readonly marked?: boolean;
}

const MARGIN = { top: 10, right: 12, bottom: 34, left: 66 };

/** `chart` as a figure with its legend; the numbers come with it, for the pointer and the keyboard. */
export function drawChart(chart: Chart): Markup {
  const { width = 560, height = 220 } = chart;
  const frame = makeFrame(chart, width, height);
  return html`<figure class="chart">
    <figcaption>${chart.title}</figcaption>
    <svg
      viewBox="0 0 ${width} ${height}"
      role="img"
      tabindex="0"
      aria-label="${chart.title}. ${chart.description}"
      data-chart="${chartData(chart, frame)}"
    >
      ${axes(chart, frame)}${chart.series.map((series, i) => drawSeries(chart, frame, series, i))}
      ${chart.rule && drawRule(frame, chart.rule)}
      <line class="cursor" y1="${frame.top}" y2="${frame.bottom}" x1="0" x2="0" />
    </svg>
    ${legend(chart)}
  </figure>`;
}

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
  readonly toX: (x: number) => number;
  readonly toY: (y: number) => number;
}

function makeFrame(chart: Chart, width: number, height: number): Frame {
  const [left, right] = [MARGIN.left, width - MARGIN.right];
  const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
  const [xMin, xMax] = extent(chart.x);
  const tops = chart.stacked
    ? [stackTop(chart)]
    : chart.series.flatMap(({ value, low = [], high = [] }) => [...value, ...low, ...high]);
  const [dataMin, dataMax] = extent([
    ...tops.filter((value) => value !== undefined),
    ...(chart.rule ? [chart.rule.y] : []),
  ]);
  const yTicks = niceTicks(chart.yMin ?? dataMin, chart.yMax ?? dataMax, 4);
  const yMin = chart.yMin ?? Math.min(dataMin, yTicks[0] ?? dataMin);
  const yMax = chart.yMax ?? Math.max(dataMax, yTicks.at(-1) ?? dataMax);
  return {
    left,
    right,
    top,
    bottom,
    xTicks: niceTicks(xMin, xMax, 6).filter((tick) => tick >= xMin && tick <= xMax),
    yTicks: yTicks.filter((tick) => tick >= yMin && tick <= yMax),
    toX: scale(xMin, xMax, left, right),
    toY: scale(yMin, yMax, bottom, top),
  };
}

/** The line through (from, low) and (to, high). */
function scale(from: number, to: number, low: number, high: number): (value: number) => number {
  return (value) => low + ((value - from) / (to - from || 1)) * (high - low);
}

function axes(chart: Chart, { left, right, top, bottom, xTicks, yTicks, toX, toY }: Frame): Markup {
  return html`<g class="axes">
    ${yTicks.map(
      (tick) =>
        html`<line x1="${left}" x2="${right}" y1="${px(toY(tick))}" y2="${px(toY(tick))}" /><text
            x="${left - 6}"
            y="${px(toY(tick) + 4)}"
            class="y"
            >${chart.showY(tick)}</text
          >`,
    )}
    ${xTicks.map(
      (tick) =>
        html`<text x="${px(toX(tick))}" y="${bottom + 15}" class="x">${chart.showX(tick)}</text>`,
    )}
    <line class="base" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}" />
    <text class="label x" x="${(left + right) / 2}" y="${bottom + 30}">${chart.xLabel}</text>
    <text class="label x" transform="translate(12 ${(top + bottom) / 2}) rotate(-90)">
      ${chart.yLabel}
    </text>
  </g>`;
}

function drawSeries(chart: Chart, frame: Frame, series: Series, index: number): Markup {
  const { toX, toY } = frame;
  const colour = series.colour % 8;
  const at = (i: number, y: number): string => `${px(toX(chart.x[i] ?? 0))} ${px(toY(y))}`;
  if (chart.stacked) {
    const base = chart.x.map((_, i) => sumAt(chart.series.slice(0, index), i));
    const upper = base.map((low, i) => low + (series.value[i] ?? 0));
    return html`<path class="area c${colour}" d="${band(chart, frame, base, upper)}" />`;
  }
  const path = linePath(chart, series.value, at);
  const { low, high } = series;
  return html`${low && high && html`<path class="band c${colour}" d="${band(chart, frame, low, high)}" />`}
    <path class="line c${colour}${series.dashed ? ' dashed' : ''}" d="${path}" />
    ${
      series.marked === true
        ? series.value.map((y, i) =>
            y === undefined
              ? undefined
              : html`<circle
                  class="c${colour}"
                  r="2.5"
                  cx="${px(toX(chart.x[i] ?? 0))}"
                  cy="${px(toY(y))}"
                />`,
          )
        : undefined
    }`;
}

/** A gap in the values is a gap in the line. */
function linePath(
  chart: Chart,
  values: readonly (number | undefined)[],
  at: (i: number, y: number) => string,
): string {
  let path = '';
  let pen = 'M';
  for (const [i, value] of values.entries()) {
    if (value === undefined) {
      pen = 'M';
      continue;
    }
    const previous = values[i - 1];
    if (chart.stepped === true && pen === 'L' && previous !== undefined)
      path += `L${at(i, previous)}`;
    path += pen + at(i, value);
    pen = 'L';
  }
  return path;
}

function band(
  chart: Chart,
  { toX, toY }: Frame,
  low: readonly (number | undefined)[],
  high: readonly (number | undefined)[],
): string {
  const known = chart.x.flatMap((x, i) => {
    const [bottom, top] = [low[i], high[i]];
    return bottom === undefined || top === undefined ? [] : [{ x: toX(x), bottom, top }];
  });
  if (known.length === 0) return '';
  const there = known.map(({ x, top }) => `${px(x)} ${px(toY(top))}`);
  const back = known.toReversed().map(({ x, bottom }) => `${px(x)} ${px(toY(bottom))}`);
  return `M${[...there, ...back].join('L')}Z`;
}

function drawRule({ left, right, toY }: Frame, rule: { y: number; label: string }): Markup {
  const y = toY(rule.y);
  return html`<g class="rule">
    <line x1="${left}" x2="${right}" y1="${px(y)}" y2="${px(y)}" />
    <text x="${right - 4}" y="${px(y - 4)}">${rule.label}</text>
  </g>`;
}

function legend(chart: Chart): Markup {
  return html`<ul class="legend">
    ${chart.series.map(
      ({ name, colour, dashed }) =>
        html`<li><i class="c${colour % 8}${dashed ? ' dashed' : ''}"></i>${name}</li>`,
    )}
  </ul>`;
}

/** What the script of the page needs to show the values under the pointer. */
function chartData(chart: Chart, frame: Frame): string {
  return JSON.stringify({
    px: chart.x.map((x) => Math.round(frame.toX(x))),
    x: chart.x.map((x) => chart.showX(x)),
    s: chart.series.map(({ name, colour, value }) => ({
      n: name,
      c: colour % 8,
      v: value.map((y) => (y === undefined ? '' : chart.showY(y))),
    })),
  });
}

function stackTop(chart: Chart): number {
  return Math.max(0, ...chart.x.map((_, i) => sumAt(chart.series, i)));
}

function sumAt(series: readonly Series[], i: number): number {
  return series.reduce((sum, { value }) => sum + (value[i] ?? 0), 0);
}

function extent(values: readonly number[]): readonly [number, number] {
  if (values.length === 0) return [0, 1];
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return min === max ? [Math.min(0, min), max === 0 ? 1 : max] : [min, max];
}

/** Multiples of 1, 2 or 5 times a power of ten that enclose `min` to `max`, about `count` of them. */
export function niceTicks(min: number, max: number, count: number): readonly number[] {
  const rough = (max - min) / count;
  if (!(rough > 0)) return [min];
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((step) => step * power >= rough * 0.999) ?? 10;
  const first = Math.floor(min / (factor * power));
  const last = Math.ceil(max / (factor * power) - 1e-9);
  // A product of whole numbers, so that 0.3 is not 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, i) =>
    power < 1 ? ((first + i) * factor) / Math.round(1 / power) : (first + i) * factor * power,
  );
}

const px = (value: number): string => String(Math.round(value * 10) / 10);
