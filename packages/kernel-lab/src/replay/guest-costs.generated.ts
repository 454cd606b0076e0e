// Made by scripts/measure-guest-costs.mjs; do not edit.
import type { MeasuredGuest } from '../boot/measure-costs.ts';

/** The lab's machine of two nodes under each kernel, measured by guest/calibrate.c. */
export const MEASURED_GUESTS: readonly MeasuredGuest[] = [
  {
    "kernel": "6.12.107+deb13-amd64",
    "costs": {
      "boot_work": {
        "ns": 554050994,
        "count": 1
      },
      "damon_held": {
        "ns": 26415665,
        "count": 83
      },
      "damon_free": {
        "ns": 21621160,
        "count": 82
      },
      "damon_free_few": {
        "ns": 6005708,
        "count": 87
      },
      "query_page": {
        "ns": 52478719,
        "count": 80000
      },
      "report_page": {
        "ns": 1459585,
        "count": 80000
      },
      "report_byte": {
        "ns": 19172207,
        "count": 120000
      },
      "report_run": {
        "ns": 19735508,
        "count": 40000
      },
      "report_counters": {
        "ns": 579623,
        "count": 1
      },
      "query_huge": {
        "ns": 54937361,
        "count": 81920
      },
      "tick": {
        "ns": 305510,
        "count": 99
      },
      "access_u": {
        "ns": 14547595,
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
        "ns": 5756225,
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
        "ns": 5454850,
        "count": 16411
      },
      "hint_fault": {
        "ns": 36598003,
        "count": 16384
      },
      "promotion": {
        "ns": 273337817,
        "count": 16384
      },
      "huge_first_touch": {
        "ns": 67847580,
        "count": 16
      },
      "huge_promotion": {
        "ns": 68472581,
        "count": 16
      },
      "first_touch": {
        "ns": 121621490,
        "count": 16384
      },
      "walk_youngest": {
        "ns": 2518035,
        "count": 16384
      },
      "walk_old": {
        "ns": 67544,
        "count": 16384
      },
      "walk_young": {
        "ns": 5138402,
        "count": 16384
      },
      "keep_or_demote": {
        "ns": 1226954,
        "count": 128
      },
      "demotion": {
        "ns": 120470556,
        "count": 8192
      },
      "huge_demotion": {
        "ns": 34241059,
        "count": 8
      },
      "rotate_or_demote": {
        "ns": 27288887,
        "count": 16477
      },
      "classic_demotion": {
        "ns": 118081095,
        "count": 8218
      }
    },
    "facts": {
      "runtime_at_start": 3202946,
      "per_cpu_pages": 1556,
      "per_cpu_movable": 1475,
      "per_cpu_unmovable": 42,
      "file_pages": 720,
      "mapped_file_pages": 594,
      "small_anonymous_pages": 32,
      "pages_below_border": 7,
      "image_pages_freed": 1665,
      "damon_window_held": 16384,
      "damon_window_free": 16384,
      "damon_regions": 32,
      "damon_few_regions": 8,
      "query_huge_pages": 160,
      "protected": 16411,
      "promoted_cold": 0,
      "promoted_hot": 16382,
      "huge_pages": 16,
      "demoted_young": 76,
      "rotation_demoted": 92,
      "classic_rotated": 0,
      "per_cpu_before": 1699,
      "bss_pages": 2,
      "bss_busy": 0,
      "bss_reporting": 2,
      "heap_pages": 5,
      "heap_busy": 3,
      "heap_reporting": 4,
      "stack_pages": 2,
      "stack_busy": 1,
      "stack_reporting": 2
    }
  },
  {
    "kernel": "6.18.15+deb13-amd64",
    "costs": {
      "boot_work": {
        "ns": 555078572,
        "count": 1
      },
      "damon_held": {
        "ns": 27063249,
        "count": 84
      },
      "damon_free": {
        "ns": 21827057,
        "count": 82
      },
      "damon_free_few": {
        "ns": 6011659,
        "count": 87
      },
      "query_page": {
        "ns": 52766084,
        "count": 80000
      },
      "report_page": {
        "ns": 1460787,
        "count": 80000
      },
      "report_byte": {
        "ns": 21305550,
        "count": 120000
      },
      "report_run": {
        "ns": 19070671,
        "count": 40000
      },
      "report_counters": {
        "ns": 590302,
        "count": 1
      },
      "query_huge": {
        "ns": 45998068,
        "count": 81920
      },
      "tick": {
        "ns": 363277,
        "count": 100
      },
      "access_u": {
        "ns": 14551665,
        "count": 150000
      },
      "access_z": {
        "ns": 59421909,
        "count": 150000
      },
      "access_s": {
        "ns": 15138502,
        "count": 150000
      },
      "wake": {
        "ns": 5737868,
        "count": 1000
      },
      "scan_protected": {
        "ns": 202583,
        "count": 16411
      },
      "scan_local": {
        "ns": 3646927,
        "count": 16384
      },
      "protect": {
        "ns": 6720536,
        "count": 16411
      },
      "hint_fault": {
        "ns": 37382394,
        "count": 16384
      },
      "promotion": {
        "ns": 281647393,
        "count": 16384
      },
      "huge_first_touch": {
        "ns": 34144767,
        "count": 16
      },
      "huge_promotion": {
        "ns": 68475695,
        "count": 16
      },
      "first_touch": {
        "ns": 124216775,
        "count": 16384
      },
      "walk_youngest": {
        "ns": 2966636,
        "count": 16384
      },
      "walk_old": {
        "ns": 4196340,
        "count": 16384
      },
      "walk_young": {
        "ns": 7027489,
        "count": 16384
      },
      "keep_or_demote": {
        "ns": 1868578,
        "count": 151
      },
      "demotion": {
        "ns": 123744316,
        "count": 8192
      },
      "huge_demotion": {
        "ns": 34324370,
        "count": 8
      },
      "rotate_or_demote": {
        "ns": 28381368,
        "count": 16472
      },
      "classic_demotion": {
        "ns": 120702638,
        "count": 8210
      }
    },
    "facts": {
      "runtime_at_start": 3364715,
      "per_cpu_pages": 2771,
      "per_cpu_movable": 2109,
      "per_cpu_unmovable": 183,
      "file_pages": 720,
      "mapped_file_pages": 594,
      "small_anonymous_pages": 32,
      "pages_below_border": 9,
      "image_pages_freed": 2108,
      "damon_window_held": 16384,
      "damon_window_free": 16384,
      "damon_regions": 32,
      "damon_few_regions": 8,
      "query_huge_pages": 160,
      "protected": 16411,
      "promoted_cold": 0,
      "promoted_hot": 16380,
      "huge_pages": 16,
      "demoted_young": 64,
      "rotation_demoted": 87,
      "classic_rotated": 0,
      "per_cpu_before": 2919,
      "bss_pages": 2,
      "bss_busy": 0,
      "bss_reporting": 2,
      "heap_pages": 5,
      "heap_busy": 3,
      "heap_reporting": 4,
      "stack_pages": 2,
      "stack_busy": 1,
      "stack_reporting": 2
    }
  },
  {
    "kernel": "7.2.13+deb14-amd64",
    "costs": {
      "boot_work": {
        "ns": 819031305,
        "count": 1
      },
      "damon_held": {
        "ns": 6080481,
        "count": 88
      },
      "damon_free": {
        "ns": 1332340,
        "count": 90
      },
      "damon_free_few": {
        "ns": 560543,
        "count": 90
      },
      "query_page": {
        "ns": 50142525,
        "count": 80000
      },
      "report_page": {
        "ns": 1462483,
        "count": 80000
      },
      "report_byte": {
        "ns": 20516575,
        "count": 120000
      },
      "report_run": {
        "ns": 19358977,
        "count": 40000
      },
      "report_counters": {
        "ns": 597062,
        "count": 1
      },
      "query_huge": {
        "ns": 43786129,
        "count": 81920
      },
      "tick": {
        "ns": 358028,
        "count": 102
      },
      "access_u": {
        "ns": 14548987,
        "count": 150000
      },
      "access_z": {
        "ns": 59437991,
        "count": 150000
      },
      "access_s": {
        "ns": 15136801,
        "count": 150000
      },
      "wake": {
        "ns": 7040201,
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
        "ns": 36958729,
        "count": 16384
      },
      "promotion": {
        "ns": 280984868,
        "count": 16384
      },
      "huge_first_touch": {
        "ns": 34178154,
        "count": 16
      },
      "huge_promotion": {
        "ns": 164,
        "count": 0
      },
      "first_touch": {
        "ns": 123878179,
        "count": 16384
      },
      "walk_youngest": {
        "ns": 4593491,
        "count": 16384
      },
      "walk_old": {
        "ns": 2631565,
        "count": 16384
      },
      "walk_young": {
        "ns": 7146993,
        "count": 16384
      },
      "keep_or_demote": {
        "ns": 2037455,
        "count": 152
      },
      "demotion": {
        "ns": 124064061,
        "count": 8192
      },
      "huge_demotion": {
        "ns": 39695332,
        "count": 8
      },
      "rotate_or_demote": {
        "ns": 27037829,
        "count": 16472
      },
      "classic_demotion": {
        "ns": 121486383,
        "count": 8210
      }
    },
    "facts": {
      "runtime_at_start": 3416753,
      "per_cpu_pages": 2886,
      "per_cpu_movable": 2137,
      "per_cpu_unmovable": 94,
      "file_pages": 720,
      "mapped_file_pages": 595,
      "small_anonymous_pages": 32,
      "pages_below_border": 9,
      "image_pages_freed": 2135,
      "damon_window_held": 16384,
      "damon_window_free": 16384,
      "damon_regions": 32,
      "damon_few_regions": 8,
      "query_huge_pages": 160,
      "protected": 16384,
      "promoted_cold": 0,
      "promoted_hot": 16380,
      "huge_pages": 16,
      "demoted_young": 64,
      "rotation_demoted": 87,
      "classic_rotated": 0,
      "per_cpu_before": 2992,
      "bss_pages": 2,
      "bss_busy": 0,
      "bss_reporting": 2,
      "heap_pages": 5,
      "heap_busy": 3,
      "heap_reporting": 4,
      "stack_pages": 2,
      "stack_busy": 1,
      "stack_reporting": 2
    }
  }
];
