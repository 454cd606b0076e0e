import { defineTieringPolicy, type TieringPolicy } from '@tierlab/policy/tiering';

/**
 * Places the node of a CXL region by the coordinates of its devices, class 1. It has the priority of
 * the HMAT's algorithm and registers after it, so it is asked second.
 * Source: Linux drivers/cxl/core/region.c cxl_region_calculate_adistance.
 */
export const cxlRegion: TieringPolicy = defineTieringPolicy({
  name: 'cxl-region',
  priority: 100,
  adistance(node, { cxlRegions, performanceToAdistance }) {
    const access = cxlRegions.get(node);
    return access
      ? performanceToAdistance(access[1])
      : { pass: 'no CXL region with coordinates is on the node' };
  },
});
