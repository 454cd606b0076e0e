import type { Watermarks } from '@tierlab/policy';

/** No marks: the whole capacity of a node can be allocated. */
export const NO_WATERMARKS: Watermarks = { minPages: 0, lowPages: 0, highPages: 0, promoPages: 0 };

/**
 * The watermarks that Linux gives nodes of these sizes, one zone a node.
 *
 * min_free_kbytes is isqrt(16 * memory in KiB), clamped to 128 and 262,144, and shared out by size;
 * the marks above follow at a distance of max(min / 4, managed * scale / 10,000).
 *
 * Source: Linux mm/page_alloc.c calculate_min_free_kbytes, __setup_per_zone_wmarks, 6.12.
 *
 * @param scaleFactor vm.watermark_scale_factor, 10 by default.
 */
export function linuxWatermarks(
  capacityPages: readonly number[],
  pageBytes: number,
  scaleFactor = 10,
): Watermarks[] {
  const pagesTotal = capacityPages.reduce((sum, pages) => sum + pages, 0);
  const kibTotal = (pagesTotal * pageBytes) / 1024;
  const minKib = Math.min(Math.max(Math.trunc(Math.sqrt(kibTotal * 16)), 128), 262_144);
  const minPagesTotal = Math.trunc((minKib * 1024) / pageBytes);
  return capacityPages.map((managed) => {
    const minPages = Math.trunc((minPagesTotal * managed) / Math.max(pagesTotal, 1));
    const step = Math.max(Math.trunc(minPages / 4), Math.trunc((managed * scaleFactor) / 10_000));
    return {
      minPages,
      lowPages: minPages + step,
      highPages: minPages + 2 * step,
      promoPages: minPages + 3 * step,
    };
  });
}
