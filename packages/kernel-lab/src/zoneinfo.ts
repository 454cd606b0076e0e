import { ZONE_TYPES, type ZoneDescription } from '@tierlab/linux-mm';
import { KernelLabError } from './errors.ts';

/** A zone as `/proc/zoneinfo` shows it. */
export interface ShownZone extends ZoneDescription {
  /** Pages on the only CPU's list; undefined: the text leaves them out, as the goldens do. */
  readonly listedPages: number | undefined;
}

/**
 * Reads `/proc/zoneinfo` as records keep it; zones without memory are left out.
 *
 * @throws {KernelLabError} `LAB_BAD_RECORD`.
 */
export function parseZoneinfo(text: string, name = 'zoneinfo'): ShownZone[] {
  const zones: ShownZone[] = [];
  for (const section of text.split(/(?=^Node \d+, zone)/m)) {
    const head = /^Node (\d+), zone\s+(\w+)/.exec(section);
    if (head === null) continue;
    const found = (field: string): number | undefined => {
      const match = new RegExp(`^\\s+(?:pages )?${field}\\s+(\\d+)$`, 'm').exec(section);
      return match === null ? undefined : Number(match[1]);
    };
    const value = (field: string): number => {
      const number = found(field);
      if (number !== undefined) return number;
      throw new KernelLabError(
        'LAB_BAD_RECORD',
        `${name}: zoneinfo: expected "${field}" in ${head[0]}`,
      );
    };
    if (value('managed') === 0) continue;
    zones.push({
      node: Number(head[1]),
      type: ZONE_TYPES.findIndex((zone) => zone === head[2]),
      freePages: value('free'),
      min: value('min'),
      low: value('low'),
      high: value('high'),
      promo: value('promo'),
      presentPages: value('present'),
      managedPages: value('managed'),
      perCpuPages: 0,
      perCpuUnmovable: 0,
      listedPages: found('count:'),
    });
  }
  return zones;
}

/** The zone of the node that manages the most pages. */
export function largestZone(zones: readonly ShownZone[], node: number): ShownZone | undefined {
  return zones
    .filter((zone) => zone.node === node)
    .toSorted((a, b) => b.managedPages - a.managedPages)
    .at(0);
}
