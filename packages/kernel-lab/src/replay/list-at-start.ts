import type { ZoneDescription } from '@tierlab/linux-mm';
import type { MeasuredGuest } from '../boot/measure-costs.ts';
import type { ShownZone } from '../zoneinfo.ts';

/**
 * What lies on the CPU's list of node 0's largest zone at the program's first touch.
 *
 * The kernel's own start leaves it there, and no file tells the kinds of pages apart: the measuring program takes one
 * page after the other until the list is refilled. What it counted holds for a list that had room. The list's high mark
 * moves between the zone's low watermark and an eighth of the zone; where boot has left it no file of a golden tells. A
 * sixteenth, or the low watermark where that is more, is an assumption: nodes of 128 MiB and 160 MiB were full to that,
 * and one of 256 MiB with a low watermark of 358 pages held all that was counted. A record that shows how long the list
 * was before the program's start needs neither.
 * Source: mm/page_alloc.c, zone_highsize, nr_pcp_high, free_unref_page_commit, decay_pcp_high, Linux 6.12.
 */
export function listAtStart(
  { low, managedPages, listedPages }: ShownZone,
  facts: MeasuredGuest['facts'],
): Pick<ZoneDescription, 'perCpuPages' | 'perCpuUnmovable' | 'sizedPages'> {
  const taken = facts['per_cpu_before'] - facts['per_cpu_pages'];
  const sizedPages = managedPages - facts['image_pages_freed'];
  const room = Math.max(low, Math.trunc(sizedPages / 16));
  const before = listedPages ?? Math.min(facts['per_cpu_before'], room);
  const others = facts['per_cpu_pages'] - facts['per_cpu_movable'];
  const movable = Math.max(0, before - taken - others);
  const unmovable = facts['per_cpu_unmovable'];
  return {
    perCpuPages: movable + unmovable,
    perCpuUnmovable: unmovable,
    sizedPages,
  };
}
