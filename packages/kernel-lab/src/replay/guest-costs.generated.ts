// Made by scripts/measure-guest-costs.mjs; do not edit.
import type { MeasuredGuest } from '../boot/measure-costs.ts';

/** The lab's machine of two nodes under each kernel, measured by guest/calibrate.c. */
export const MEASURED_GUESTS: readonly MeasuredGuest[] = [
  {
    "kernel": "6.12.107+deb13-amd64",
    "costs": {
      "boot_work": {
        "ns": 548572682,
        "count": 1
      },
      "damon_held": {
        "ns": 26735901,
        "count": 84
      },
      "damon_free": {
        "ns": 21660835,
        "count": 82
      },
      "damon_free_few": {
        "ns": 6110858,
        "count": 88
      },
      "query_page": {
        "ns": 52475938,
        "count": 80000
      },
      "report_page": {
        "ns": 1459587,
        "count": 80000
      },
      "report_byte": {
        "ns": 19174048,
        "count": 120000
      },
      "report_run": {
        "ns": 19730968,
        "count": 40000
      },
      "report_counters": {
        "ns": 547564,
        "count": 1
      },
      "query_huge": {
        "ns": 56328612,
        "count": 81920
      },
      "tick": {
        "ns": 313330,
        "count": 99
      },
      "access_u": {
        "ns": 14550400,
        "count": 150000
      },
      "access_z": {
        "ns": 59423115,
        "count": 150000
      },
      "access_s": {
        "ns": 15142356,
        "count": 150000
      },
      "wake": {
        "ns": 5743229,
        "count": 1000
      },
      "scan_protected": {
        "ns": 367592,
        "count": 16411
      },
      "scan_local": {
        "ns": 1952459,
        "count": 16384
      },
      "protect": {
        "ns": 5453574,
        "count": 16411
      },
      "hint_fault": {
        "ns": 36597983,
        "count": 16384
      },
      "promotion": {
        "ns": 273448613,
        "count": 16384
      },
      "huge_first_touch": {
        "ns": 67849402,
        "count": 16
      },
      "huge_promotion": {
        "ns": 68472152,
        "count": 16
      },
      "walk_other_node": {
        "ns": 1597255,
        "count": 16384
      },
      "walk_old": {
        "ns": 950525,
        "count": 16384
      },
      "first_touch": {
        "ns": 121864762,
        "count": 16384
      },
      "walk_youngest": {
        "ns": 3364297,
        "count": 16384
      },
      "walk_young": {
        "ns": 3901781,
        "count": 16384
      },
      "sort": {
        "ns": 2861330,
        "count": 16384
      },
      "keep": {
        "ns": 21849980,
        "count": 16384
      },
      "keep_sparse": {
        "ns": 5988789,
        "count": 1085
      },
      "demotion": {
        "ns": 119907924,
        "count": 8192
      },
      "huge_demotion": {
        "ns": 34240360,
        "count": 8
      },
      "rotate_or_demote": {
        "ns": 27424835,
        "count": 16486
      },
      "classic_demotion": {
        "ns": 117878772,
        "count": 8197
      }
    },
    "facts": {
      "runtime_at_start": 3198966,
      "per_cpu_pages": 1567,
      "per_cpu_movable": 1475,
      "per_cpu_unmovable": 35,
      "file_pages": 720,
      "mapped_file_pages": 594,
      "small_anonymous_pages": 32,
      "active_anonymous_pages": 10,
      "pages_below_border": 7,
      "image_pages_freed": 1665,
      "boot_ms": 1887,
      "damon_window_held": 16384,
      "damon_window_free": 16384,
      "damon_regions": 32,
      "damon_few_regions": 8,
      "query_huge_pages": 160,
      "protected": 16411,
      "promoted_cold": 0,
      "promoted_hot": 16380,
      "huge_pages": 16,
      "sort_scanned": 1,
      "keep_demoted": 0,
      "keep_sparse_demoted": 0,
      "rotation_demoted": 101,
      "classic_rotated": 0,
      "per_cpu_before": 1714,
      "bss_pages": 2,
      "bss_busy": 0,
      "bss_reporting": 2,
      "heap_pages": 5,
      "heap_busy": 3,
      "heap_reporting": 4,
      "stack_pages": 2,
      "stack_busy": 1,
      "stack_reporting": 2,
      "boot_threads": 1
    }
  },
  {
    "kernel": "6.18.15+deb13-amd64",
    "costs": {
      "boot_work": {
        "ns": 547556324,
        "count": 1
      },
      "damon_held": {
        "ns": 27064488,
        "count": 84
      },
      "damon_free": {
        "ns": 21819186,
        "count": 82
      },
      "damon_free_few": {
        "ns": 6001449,
        "count": 87
      },
      "query_page": {
        "ns": 52766081,
        "count": 80000
      },
      "report_page": {
        "ns": 1460787,
        "count": 80000
      },
      "report_byte": {
        "ns": 21316492,
        "count": 120000
      },
      "report_run": {
        "ns": 19055163,
        "count": 40000
      },
      "report_counters": {
        "ns": 586064,
        "count": 1
      },
      "query_huge": {
        "ns": 45998056,
        "count": 81920
      },
      "tick": {
        "ns": 352629,
        "count": 100
      },
      "access_u": {
        "ns": 14547791,
        "count": 150000
      },
      "access_z": {
        "ns": 59424890,
        "count": 150000
      },
      "access_s": {
        "ns": 15141483,
        "count": 150000
      },
      "wake": {
        "ns": 5669160,
        "count": 1000
      },
      "scan_protected": {
        "ns": 207211,
        "count": 16411
      },
      "scan_local": {
        "ns": 3642299,
        "count": 16384
      },
      "protect": {
        "ns": 6720536,
        "count": 16411
      },
      "hint_fault": {
        "ns": 37382399,
        "count": 16384
      },
      "promotion": {
        "ns": 281782702,
        "count": 16384
      },
      "huge_first_touch": {
        "ns": 34144711,
        "count": 16
      },
      "huge_promotion": {
        "ns": 68674494,
        "count": 16
      },
      "walk_other_node": {
        "ns": 1809831,
        "count": 16384
      },
      "walk_old": {
        "ns": 1008566,
        "count": 16384
      },
      "first_touch": {
        "ns": 124390192,
        "count": 16384
      },
      "walk_youngest": {
        "ns": 3836262,
        "count": 16384
      },
      "walk_young": {
        "ns": 4863145,
        "count": 16384
      },
      "sort": {
        "ns": 3297065,
        "count": 16384
      },
      "keep": {
        "ns": 86614926,
        "count": 11285
      },
      "keep_sparse": {
        "ns": 6409811,
        "count": 1084
      },
      "demotion": {
        "ns": 123220310,
        "count": 8191
      },
      "huge_demotion": {
        "ns": 34841800,
        "count": 8
      },
      "rotate_or_demote": {
        "ns": 28381857,
        "count": 16472
      },
      "classic_demotion": {
        "ns": 120619385,
        "count": 8210
      }
    },
    "facts": {
      "runtime_at_start": 3372131,
      "per_cpu_pages": 2767,
      "per_cpu_movable": 2109,
      "per_cpu_unmovable": 131,
      "file_pages": 720,
      "mapped_file_pages": 594,
      "small_anonymous_pages": 32,
      "active_anonymous_pages": 5,
      "pages_below_border": 9,
      "image_pages_freed": 2108,
      "boot_ms": 2170,
      "damon_window_held": 16384,
      "damon_window_free": 16384,
      "damon_regions": 32,
      "damon_few_regions": 8,
      "query_huge_pages": 160,
      "protected": 16411,
      "promoted_cold": 0,
      "promoted_hot": 16380,
      "huge_pages": 16,
      "sort_scanned": 11,
      "keep_demoted": 0,
      "keep_sparse_demoted": 0,
      "rotation_demoted": 87,
      "classic_rotated": 0,
      "per_cpu_before": 2889,
      "bss_pages": 2,
      "bss_busy": 0,
      "bss_reporting": 2,
      "heap_pages": 5,
      "heap_busy": 3,
      "heap_reporting": 4,
      "stack_pages": 2,
      "stack_busy": 1,
      "stack_reporting": 2,
      "boot_threads": 1
    }
  },
  {
    "kernel": "7.2.13+deb14-amd64",
    "costs": {
      "boot_work": {
        "ns": 819266336,
        "count": 1
      },
      "damon_held": {
        "ns": 6083123,
        "count": 88
      },
      "damon_free": {
        "ns": 1333411,
        "count": 90
      },
      "damon_free_few": {
        "ns": 560001,
        "count": 90
      },
      "query_page": {
        "ns": 50142865,
        "count": 80000
      },
      "report_page": {
        "ns": 1467966,
        "count": 80000
      },
      "report_byte": {
        "ns": 20514076,
        "count": 120000
      },
      "report_run": {
        "ns": 19355996,
        "count": 40000
      },
      "report_counters": {
        "ns": 592684,
        "count": 1
      },
      "query_huge": {
        "ns": 43786124,
        "count": 81920
      },
      "tick": {
        "ns": 352130,
        "count": 102
      },
      "access_u": {
        "ns": 14539633,
        "count": 150000
      },
      "access_z": {
        "ns": 59438018,
        "count": 150000
      },
      "access_s": {
        "ns": 15139883,
        "count": 150000
      },
      "wake": {
        "ns": 7039962,
        "count": 1000
      },
      "scan_protected": {
        "ns": 395540,
        "count": 16384
      },
      "scan_local": {
        "ns": 2483798,
        "count": 16384
      },
      "protect": {
        "ns": 7677441,
        "count": 16384
      },
      "hint_fault": {
        "ns": 36958733,
        "count": 16384
      },
      "promotion": {
        "ns": 280620273,
        "count": 16384
      },
      "huge_first_touch": {
        "ns": 34178967,
        "count": 16
      },
      "huge_promotion": {
        "ns": 164,
        "count": 0
      },
      "walk_other_node": {
        "ns": 1756196,
        "count": 16384
      },
      "walk_old": {
        "ns": 941450,
        "count": 16384
      },
      "first_touch": {
        "ns": 124376959,
        "count": 16384
      },
      "walk_youngest": {
        "ns": 5376447,
        "count": 16384
      },
      "walk_young": {
        "ns": 5804572,
        "count": 16384
      },
      "sort": {
        "ns": 2859558,
        "count": 16384
      },
      "keep": {
        "ns": 86324138,
        "count": 11291
      },
      "keep_sparse": {
        "ns": 6387679,
        "count": 1085
      },
      "demotion": {
        "ns": 123093862,
        "count": 8192
      },
      "huge_demotion": {
        "ns": 34365770,
        "count": 8
      },
      "rotate_or_demote": {
        "ns": 27034056,
        "count": 16472
      },
      "classic_demotion": {
        "ns": 121341274,
        "count": 8210
      }
    },
    "facts": {
      "runtime_at_start": 3450930,
      "per_cpu_pages": 2290,
      "per_cpu_movable": 2137,
      "per_cpu_unmovable": 68,
      "file_pages": 720,
      "mapped_file_pages": 595,
      "small_anonymous_pages": 32,
      "active_anonymous_pages": 5,
      "pages_below_border": 9,
      "image_pages_freed": 2135,
      "boot_ms": 2095,
      "damon_window_held": 16384,
      "damon_window_free": 16384,
      "damon_regions": 32,
      "damon_few_regions": 8,
      "query_huge_pages": 160,
      "protected": 16384,
      "promoted_cold": 0,
      "promoted_hot": 16380,
      "huge_pages": 16,
      "sort_scanned": 0,
      "keep_demoted": 0,
      "keep_sparse_demoted": 0,
      "rotation_demoted": 87,
      "classic_rotated": 0,
      "per_cpu_before": 2407,
      "bss_pages": 2,
      "bss_busy": 0,
      "bss_reporting": 2,
      "heap_pages": 5,
      "heap_busy": 3,
      "heap_reporting": 4,
      "stack_pages": 2,
      "stack_busy": 1,
      "stack_reporting": 2,
      "boot_threads": 2
    }
  }
];
