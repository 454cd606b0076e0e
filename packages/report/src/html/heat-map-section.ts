import { assert } from '@tierlab/core';

import type { HeatMap } from '../heat-map.ts';
import { palettePng } from '../png.ts';
import type { Result } from '../result.ts';
import { showBytes, showCount } from '../terminal.ts';
import { html, type Markup } from './markup.ts';

/** Which pages were accessed when, and which of them were in the fastest tier. */
export function heatMapSection({ heatMaps = [] }: Result): Markup | undefined {
  if (heatMaps.length === 0) return undefined;
  return html`<section id="heat" aria-labelledby="heat-title">
    <h2 id="heat-title">Heat and placement</h2>
    <p class="note">
      Time runs to the right in accesses, addresses upward; pages that were never touched take no
      room. A policy does well where its placement is dark where the accesses are.
    </p>
    <div class="grid">${heatMaps.map(panel)}</div>
  </section>`;
}

function panel(map: HeatMap): Markup {
  const title =
    map.kind === 'accesses'
      ? `Accesses of ${map.trace}`
      : `Placement by ${map.policy ?? ''} of ${map.trace}${map.machine === undefined ? '' : ` on ${map.machine}`}`;
  const scale =
    map.kind === 'accesses'
      ? ['1 access', `${showCount(map.accessesMax ?? 1)} accesses a cell`]
      : ['slower tiers', 'fastest tier'];
  const footprint = showBytes(map.pages * map.pageBytes);
  return html`<figure class="chart heat">
    <figcaption>${title}</figcaption>
    <img
      alt="${title}: ${showCount(map.accesses)} accesses to the right, ${footprint} upward."
      src="data:image/png;base64,${pngOf(map)}"
    />
    <div class="scale">
      <span>${scale[0]}</span><i class="${map.kind}"></i><span>${scale[1]}</span>
      <span class="quiet">${showCount(map.accesses)} accesses × ${footprint}</span>
    </div>
  </figure>`;
}

function pngOf({ kind, columns, rows, cells }: HeatMap): string {
  const bytes = Buffer.from(cells, 'base64');
  assert(
    bytes.length === columns * rows,
    `heat map of ${bytes.length} cells, not ${columns} x ${rows}`,
  );
  return Buffer.from(palettePng(columns, rows, bytes, PALETTES[kind])).toString('base64');
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
