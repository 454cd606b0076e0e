// Made by scripts/measure-guest-costs.mjs; do not edit.
import type { MeasuredGuest } from '../boot/measure-costs.ts';

/** The lab's machine of two nodes under each kernel, measured by guest/calibrate.c. */
export const MEASURED_GUESTS: readonly MeasuredGuest[] = [
  {
    "kernel": "6.12.107+deb13-amd64",
    "costs": {
      "boot_work": {
        "ns": 547942617,
        "count": 1
      },
      "query_page": {
        "ns": 53348190,
        "count": 80000
      },
      "report_page": {
        "ns": 1459652,
        "count": 80000
      },
      "report_byte": {
        "ns": 19176163,
        "count": 120000
      },
      "report_run": {
        "ns": 19730537,
        "count": 40000
      },
      "report_counters": {
        "ns": 571571,
        "count": 1
      },
      "query_huge": {
        "ns": 47335683,
        "count": 81920
      },
      "damon_held": {
        "ns": 26103298,
        "count": 82
      },
      "damon_free": {
        "ns": 21664270,
        "count": 82
      },
      "damon_free_few": {
        "ns": 6039383,
        "count": 87
      },
      "tick": {
        "ns": 305027,
        "count": 99
      },
      "access_u": {
        "ns": 14539041,
        "count": 150000
      },
      "access_z": {
        "ns": 59424134,
        "count": 150000
      },
      "access_s": {
        "ns": 15142322,
        "count": 150000
      },
      "wake": {
        "ns": 5752244,
        "count": 1000
      },
      "scan_protected": {
        "ns": 366794,
        "count": 16411
      },
      "scan_local": {
        "ns": 1946303,
        "count": 16384
      },
      "protect": {
        "ns": 5453432,
        "count": 16411
      },
      "hint_fault": {
        "ns": 36710976,
        "count": 16384
      },
      "promotion": {
        "ns": 271778079,
        "count": 16384
      },
      "huge_first_touch": {
        "ns": 67828366,
        "count": 16
      },
      "huge_promotion": {
        "ns": 68469696,
        "count": 16
      },
      "first_touch": {
        "ns": 121755496,
        "count": 16384
      },
      "walk_youngest": {
        "ns": 2510810,
        "count": 16384
      },
      "walk_old": {
        "ns": 64064,
        "count": 16384
      },
      "walk_young": {
        "ns": 5140778,
        "count": 16384
      },
      "keep_or_demote": {
        "ns": 1212986,
        "count": 128
      },
      "demotion": {
        "ns": 119769533,
        "count": 8192
      },
      "huge_demotion": {
        "ns": 34240308,
        "count": 8
      }
    },
    "facts": {
      "runtime_at_start": 3189775,
      "per_cpu_0_DMA": 0,
      "per_cpu_0_DMA32": 1547,
      "per_cpu_1_DMA32": 899,
      "pages_below_border": 7,
      "query_huge_pages": 160,
      "damon_window_held": 16384,
      "damon_window_free": 16384,
      "damon_regions": 32,
      "damon_few_regions": 8,
      "protected": 16411,
      "promoted_cold": 0,
      "promoted_hot": 16380,
      "huge_pages": 16,
      "demoted_young": 75
    }
  },
  {
    "kernel": "6.18.15+deb13-amd64",
    "costs": {
      "boot_work": {
        "ns": 532400285,
        "count": 1
      },
      "query_page": {
        "ns": 53100627,
        "count": 80000
      },
      "report_page": {
        "ns": 1460851,
        "count": 80000
      },
      "report_byte": {
        "ns": 21303652,
        "count": 120000
      },
      "report_run": {
        "ns": 19401488,
        "count": 40000
      },
      "report_counters": {
        "ns": 583963,
        "count": 1
      },
      "query_huge": {
        "ns": 46117573,
        "count": 81920
      },
      "damon_held": {
        "ns": 10663198,
        "count": 86
      },
      "damon_free": {
        "ns": 5984152,
        "count": 88
      },
      "damon_free_few": {
        "ns": 1734372,
        "count": 89
      },
      "tick": {
        "ns": 326342,
        "count": 99
      },
      "access_u": {
        "ns": 14542693,
        "count": 150000
      },
      "access_z": {
        "ns": 59422820,
        "count": 150000
      },
      "access_s": {
        "ns": 15142014,
        "count": 150000
      },
      "wake": {
        "ns": 5727167,
        "count": 1000
      },
      "scan_protected": {
        "ns": 1518064,
        "count": 16411
      },
      "scan_local": {
        "ns": 2323791,
        "count": 16384
      },
      "protect": {
        "ns": 6720407,
        "count": 16411
      },
      "hint_fault": {
        "ns": 38183730,
        "count": 16384
      },
      "promotion": {
        "ns": 280873022,
        "count": 16384
      },
      "huge_first_touch": {
        "ns": 34149381,
        "count": 16
      },
      "huge_promotion": {
        "ns": 68965787,
        "count": 16
      },
      "first_touch": {
        "ns": 124273663,
        "count": 16384
      },
      "walk_youngest": {
        "ns": 2961002,
        "count": 16384
      },
      "walk_old": {
        "ns": 4182987,
        "count": 16384
      },
      "walk_young": {
        "ns": 7018925,
        "count": 16384
      },
      "keep_or_demote": {
        "ns": 1876687,
        "count": 153
      },
      "demotion": {
        "ns": 123185738,
        "count": 8192
      },
      "huge_demotion": {
        "ns": 34323425,
        "count": 8
      }
    },
    "facts": {
      "runtime_at_start": 3349076,
      "per_cpu_0_DMA": 0,
      "per_cpu_0_DMA32": 2354,
      "per_cpu_1_DMA32": 1039,
      "pages_below_border": 9,
      "query_huge_pages": 160,
      "damon_window_held": 16384,
      "damon_window_free": 16384,
      "damon_regions": 32,
      "damon_few_regions": 8,
      "protected": 16411,
      "promoted_cold": 0,
      "promoted_hot": 16380,
      "huge_pages": 16,
      "demoted_young": 64
    }
  },
  {
    "kernel": "7.2.13+deb14-amd64",
    "costs": {
      "boot_work": {
        "ns": 815603064,
        "count": 1
      },
      "query_page": {
        "ns": 49226812,
        "count": 80000
      },
      "report_page": {
        "ns": 1463191,
        "count": 80000
      },
      "report_byte": {
        "ns": 20558461,
        "count": 120000
      },
      "report_run": {
        "ns": 19343646,
        "count": 40000
      },
      "report_counters": {
        "ns": 589720,
        "count": 1
      },
      "query_huge": {
        "ns": 40383334,
        "count": 81920
      },
      "damon_held": {
        "ns": 6083304,
        "count": 88
      },
      "damon_free": {
        "ns": 1333564,
        "count": 90
      },
      "damon_free_few": {
        "ns": 561005,
        "count": 90
      },
      "tick": {
        "ns": 339959,
        "count": 101
      },
      "access_u": {
        "ns": 14537963,
        "count": 150000
      },
      "access_z": {
        "ns": 59426606,
        "count": 150000
      },
      "access_s": {
        "ns": 15139883,
        "count": 150000
      },
      "wake": {
        "ns": 7028402,
        "count": 1000
      },
      "scan_protected": {
        "ns": 392858,
        "count": 16411
      },
      "scan_local": {
        "ns": 2464524,
        "count": 16384
      },
      "protect": {
        "ns": 7721676,
        "count": 16411
      },
      "hint_fault": {
        "ns": 36726438,
        "count": 16384
      },
      "promotion": {
        "ns": 277951658,
        "count": 16384
      },
      "huge_first_touch": {
        "ns": 33999877,
        "count": 16
      },
      "huge_promotion": {
        "ns": 69587811,
        "count": 16
      },
      "first_touch": {
        "ns": 123884306,
        "count": 16384
      },
      "walk_youngest": {
        "ns": 4597195,
        "count": 16384
      },
      "walk_old": {
        "ns": 2664458,
        "count": 16384
      },
      "walk_young": {
        "ns": 7141425,
        "count": 16384
      },
      "keep_or_demote": {
        "ns": 2050165,
        "count": 151
      },
      "demotion": {
        "ns": 123484883,
        "count": 8193
      },
      "huge_demotion": {
        "ns": 39307512,
        "count": 8
      }
    },
    "facts": {
      "runtime_at_start": 3389531,
      "per_cpu_0_DMA": 0,
      "per_cpu_0_DMA32": 2372,
      "per_cpu_1_DMA32": 1315,
      "pages_below_border": 9,
      "query_huge_pages": 160,
      "damon_window_held": 16384,
      "damon_window_free": 16384,
      "damon_regions": 32,
      "damon_few_regions": 8,
      "protected": 16411,
      "promoted_cold": 0,
      "promoted_hot": 16380,
      "huge_pages": 16,
      "demoted_young": 63
    }
  }
];
