import type { ZoneDescription } from '@tierlab/linux-mm';
import type { MeasuredGuest } from '../boot/measure-costs.ts';
import type { ShownZone } from '../zoneinfo.ts';

/**
 * What lies on the CPU's list of node 0's largest zone at the program's first touch.
 *
 * The kernel's own start leaves it there, and no file tells the kinds of pages apart: the measuring program takes one
 * page after the other until the list is refilled. What it counted holds for a list that had room. In a small zone the
 * list was as long as it may be, the zone's low watermark, and the program's start took some. A record that shows how
 * long the list was before that start needs neither.
 * Source: mm/page_alloc.c, zone_highsize, nr_pcp_high, free_unref_page_commit, Linux 6.12.
 */
export function listAtStart(
  { low, managedPages, listedPages }: ShownZone,
  facts: MeasuredGuest['facts'],
): Pick<ZoneDescription, 'perCpuPages' | 'perCpuUnmovable' | 'sizedPages'> {
  const taken = facts['per_cpu_before'] - facts['per_cpu_pages'];
  const before = listedPages ?? Math.min(facts['per_cpu_before'], low);
  const others = facts['per_cpu_pages'] - facts['per_cpu_movable'];
  const movable = Math.max(0, before - taken - others);
  const unmovable = facts['per_cpu_unmovable'];
  return {
    perCpuPages: movable + unmovable,
    perCpuUnmovable: unmovable,
    sizedPages: managedPages - facts['image_pages_freed'],
  };
}
