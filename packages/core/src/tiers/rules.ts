import type { KernelRule } from '../kernel.ts';

/** kmem asks the algorithms for a node's abstract distance. */
export const ALGORITHM_CHAIN: KernelRule = {
  name: 'algorithm-chain',
  since: '6.7',
  source: 'Linux mm/memory-tiers.c register_mt_adistance_algorithm; drivers/dax/kmem.c',
  what: 'the dax/kmem driver asks the abstract distance algorithms; before, all its memory was 2880 (tier 22)',
};

/** Nodes without CPUs wait for the algorithms. */
export const LATE_CPULESS_NODES: KernelRule = {
  name: 'late-cpuless-nodes',
  since: '6.10',
  source:
    'Linux mm/memory-tiers.c memory_tier_late_init; "create CPUless memory tiers after obtaining HMAT info" v11',
  what: 'boot nodes without CPUs and hot-added memory get their tier from the algorithms, at late initialisation; before, every boot node was DRAM (tier 4)',
};

/** Nodes with CPUs wait too. */
export const LATE_ALL_NODES: KernelRule = {
  name: 'late-all-nodes',
  since: '6.11',
  source: 'Linux mm/memory-tiers.c memory_tier_late_init, default_dram_nodes; commit 823430c8e9d9',
  what: 'nodes with CPUs get their tier from the algorithms as well; before, they were DRAM (tier 4), and the DRAM reference came from all nodes of the default type',
};

/** The distance is computed in 64 bits. */
export const WIDE_ADISTANCE: KernelRule = {
  name: 'wide-adistance',
  since: '6.17',
  backports: ['6.12.43', '6.15.11', '6.16.2'],
  source: 'Linux include/linux/memory-tiers.h MEMTIER_CHUNK_SIZE; commit cce35103135c',
  what: 'the abstract distance is computed in 64 bits; before, each product wrapped at 32 bits and slow memory could come out faster than DRAM',
};

/** CXL regions answer for their nodes. */
export const CXL_ADISTANCE: KernelRule = {
  name: 'cxl-adistance',
  since: '6.11',
  source: 'Linux drivers/cxl/core/region.c cxl_region_calculate_adistance',
  what: 'a CXL region answers for its own node with the coordinates of its devices; before, kmem got no answer and took 2880 (tier 22)',
};

/** Devices that share a link upstream share its bandwidth. */
export const CXL_SHARED_BANDWIDTH: KernelRule = {
  name: 'cxl-shared-bandwidth',
  since: '6.12',
  source: 'Linux drivers/cxl/core/cdat.c cxl_region_shared_upstream_bandwidth_update',
  what: 'the bandwidth of a CXL region is counted per host bridge, links without line coding; before, it was the sum over devices, links with line coding',
};

/** Demotion keeps to the nodes that the task may use. */
export const ALLOWED_DEMOTION: KernelRule = {
  name: 'allowed-demotion',
  since: '7.0',
  source:
    'Linux mm/memory-tiers.c next_demotion_node(node, allowed); "fix demotion targets checks in reclaim/demotion"',
  what: 'the next demotion node is one of the preferred that is allowed, or else the nearest allowed one below; before, cpusets and policies were not asked',
};

/** Every difference between kernels that the tier model knows. */
export const TIER_RULES: readonly KernelRule[] = [
  ALGORITHM_CHAIN,
  LATE_CPULESS_NODES,
  LATE_ALL_NODES,
  WIDE_ADISTANCE,
  CXL_ADISTANCE,
  CXL_SHARED_BANDWIDTH,
  ALLOWED_DEMOTION,
];
