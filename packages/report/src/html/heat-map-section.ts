import { assert } from '@tierlab/core';

import type { HeatMap } from '../heat-map.ts';
import { palettePng } from '../png.ts';
import type { Result } from '../result.ts';
import { showBytes, showCount, showPercent } from '../terminal.ts';
import { html, type Markup } from './markup.ts';

/** Which pages were accessed when, which were hot, and which of them each policy had in the fastest tier. */
export function heatMapSection({ heatMaps = [] }: Result): Markup | undefined {
  if (heatMaps.length === 0) return undefined;
  const traces = [...new Set(heatMaps.map((map) => map.trace))];
  return html`<section id="heat" aria-labelledby="heat-title">
    <h2 id="heat-title">Heat and placement</h2>
    <p class="note">
      Time runs to the right in accesses, addresses upward; pages that were never touched take no
      room. The hot set of a moment is its most accessed pages, as many as the fastest tier holds: a
      policy does well where its placement is dark where the hot set is.
    </p>
    ${traces.map((trace) => traceMaps(heatMaps.filter((map) => map.trace === trace)))}
  </section>`;
}

/** The maps of one trace: accesses, hot set and the placements, on the same axes. */
function traceMaps(maps: readonly HeatMap[]): Markup {
  const [first] = maps;
  assert(first !== undefined, 'a trace without a map has no part');
  return html`<h3>${first.trace}</h3>
    <p class="note">
      ${showCount(first.accesses)} accesses from left to right,
      ${showBytes(first.pages * first.pageBytes)} in ${showCount(first.pages)} pages from bottom to
      top.
    </p>
    <div class="grid">${maps.map((map) => heatMapFigure(map, maps))}</div>`;
}

/** One map, with what it shows in words; `beside` are the maps of the same trace. */
export function heatMapFigure(map: HeatMap, beside: readonly HeatMap[]): Markup {
  const title = titleOf(map);
  const finding = findingOf(map, beside);
  const [low, high] = scaleOf(map);
  return html`<figure class="chart heat">
    <figcaption>${title}</figcaption>
    <img
      alt="${title}, over ${showCount(map.accesses)} accesses to the right and ${showBytes(map.pages * map.pageBytes)} of addresses upward. ${finding}"
      width="${map.columns}"
      height="${map.rows}"
      loading="lazy"
      decoding="async"
      src="data:image/png;base64,${pngOf(map)}"
    />
    <div class="scale"><span>${low}</span><i class="${map.kind}"></i><span>${high}</span></div>
    <p class="note">${finding}</p>
  </figure>`;
}

function titleOf({ kind, policy = '', machine, hotPages = 0, pageBytes }: HeatMap): string {
  if (kind === 'accesses') return 'Accesses';
  if (kind === 'hot') return `Hot set of ${showBytes(hotPages * pageBytes)}`;
  return `Placement by ${policy}${machine === undefined ? '' : ` on ${machine}`}`;
}

function scaleOf({ kind, accessesMax = 1 }: HeatMap): readonly [low: string, high: string] {
  if (kind === 'accesses') return ['1 access', `${showCount(accessesMax)} accesses a cell`];
  return kind === 'hot' ? ['touched', 'hot'] : ['slower tiers', 'fastest tier'];
}

/** What there is to see, in a sentence. */
function findingOf(map: HeatMap, beside: readonly HeatMap[]): string {
  const bytes = cellsOf(map);
  if (map.kind === 'accesses') {
    const touched = bytes.filter((byte) => byte > 0).length;
    return `${showPercent(touched / bytes.length)} of the map is touched.`;
  }
  if (map.kind === 'hot') {
    const kept = meanOverlap(bytes, shifted(bytes, map.columns), map.columns);
    return `About ${showPercent(kept)} of the hot set of a moment is hot in the next one.`;
  }
  const shares = beside
    .filter(
      ({ kind, columns, rows }) => kind === 'hot' && columns === map.columns && rows === map.rows,
    )
    .map((hot) => {
      const share = meanOverlap(cellsOf(hot), bytes, map.columns);
      return `about ${showPercent(share)} of the hot set of ${showBytes((hot.hotPages ?? 0) * hot.pageBytes)}`;
    });
  return shares.length === 0 ? '' : `The fastest tier holds ${shares.join(', ')}.`;
}

/** The part of `weight` that lies where `other` is, on average over the columns that have any; both as cells of a map. */
function meanOverlap(weight: Uint8Array, other: Uint8Array, columns: number): number {
  let sum = 0;
  let counted = 0;
  for (let column = 0; column < columns; column++) {
    let all = 0;
    let both = 0;
    for (let at = column; at < weight.length; at += columns) {
      all += shareOf(weight[at]);
      both += shareOf(weight[at]) * shareOf(other[at]);
    }
    if (all === 0) continue;
    sum += both / all;
    counted++;
  }
  return counted === 0 ? 0 : sum / counted;
}

/** The share that a cell of a hot set or placement means. */
const shareOf = (byte = 0): number => Math.max(0, byte - 1) / 254;

/** The cells a column later; the last column stays. */
function shifted(bytes: Uint8Array, columns: number): Uint8Array {
  return bytes.map((byte, at) => (at % columns === columns - 1 ? byte : (bytes[at + 1] ?? 0)));
}

function cellsOf({ columns, rows, cells }: HeatMap): Uint8Array {
  const bytes = Buffer.from(cells, 'base64');
  assert(
    bytes.length === columns * rows,
    `heat map of ${bytes.length} cells, not ${columns} x ${rows}`,
  );
  return bytes;
}

function pngOf(map: HeatMap): string {
  const png = palettePng(map.columns, map.rows, cellsOf(map), PALETTES[map.kind]);
  return Buffer.from(png).toString('base64');
}

type Colour = readonly [number, number, number];

/** Colours from pale to dark whose lightness alone tells them apart: also printed in grey, also for the colour-blind. */
const PALETTES: Readonly<Record<HeatMap['kind'], readonly Colour[]>> = {
  accesses: ramp([
    [253, 231, 196],
    [245, 166, 110],
    [214, 84, 92],
    [132, 32, 107],
    [40, 11, 84],
  ]),
  hot: ramp([
    [240, 224, 214],
    [232, 160, 120],
    [205, 86, 60],
    [150, 32, 30],
    [84, 6, 18],
  ]),
  placement: ramp([
    [226, 214, 184],
    [158, 197, 176],
    [78, 158, 170],
    [34, 98, 150],
    [18, 44, 104],
  ]),
};

/** 256 colours through `stops`; index 0 is for what is not there. */
function ramp(stops: readonly Colour[]): Colour[] {
  return Array.from({ length: 256 }, (_, i) => {
    const position = (Math.max(0, i - 1) / 254) * (stops.length - 1);
    const [from, to] = [stops[Math.floor(position)], stops[Math.ceil(position)]];
    assert(from && to, `no colour at ${position}`);
    const part = position % 1;
    const mix = (channel: 0 | 1 | 2): number =>
      Math.round(from[channel] * (1 - part) + to[channel] * part);
    return [mix(0), mix(1), mix(2)] as const;
  });
}
