// Made by scripts/measure-guest-costs.mjs; do not edit.
import type { MeasuredGuest } from '../boot/measure-costs.ts';

/** The lab's machine of two nodes under each kernel, measured by guest/calibrate.c. */
export const MEASURED_GUESTS: readonly MeasuredGuest[] = [
  {
    "kernel": "6.12.107+deb13-amd64",
    "costs": {
      "boot_work": {
        "ns": 542091668,
        "count": 1
      },
      "damon_held": {
        "ns": 26744409,
        "count": 84
      },
      "damon_free": {
        "ns": 21702265,
        "count": 82
      },
      "damon_free_few": {
        "ns": 6111360,
        "count": 88
      },
      "query_page": {
        "ns": 52468669,
        "count": 80000
      },
      "report_page": {
        "ns": 1459588,
        "count": 80000
      },
      "report_byte": {
        "ns": 19174540,
        "count": 120000
      },
      "report_run": {
        "ns": 19732522,
        "count": 40000
      },
      "report_counters": {
        "ns": 587971,
        "count": 1
      },
      "query_huge": {
        "ns": 47333971,
        "count": 81920
      },
      "tick": {
        "ns": 304269,
        "count": 99
      },
      "access_u": {
        "ns": 14546075,
        "count": 150000
      },
      "access_z": {
        "ns": 59419459,
        "count": 150000
      },
      "access_s": {
        "ns": 15141825,
        "count": 150000
      },
      "wake": {
        "ns": 5785994,
        "count": 1000
      },
      "scan_protected": {
        "ns": 367418,
        "count": 16411
      },
      "scan_local": {
        "ns": 1951247,
        "count": 16384
      },
      "protect": {
        "ns": 5453234,
        "count": 16411
      },
      "hint_fault": {
        "ns": 36596268,
        "count": 16384
      },
      "promotion": {
        "ns": 271662009,
        "count": 16384
      },
      "huge_first_touch": {
        "ns": 67831483,
        "count": 16
      },
      "huge_promotion": {
        "ns": 68657975,
        "count": 16
      },
      "first_touch": {
        "ns": 121060152,
        "count": 16384
      },
      "walk_youngest": {
        "ns": 2526028,
        "count": 16384
      },
      "walk_old": {
        "ns": 112560,
        "count": 16384
      },
      "walk_young": {
        "ns": 5148936,
        "count": 16384
      },
      "keep_or_demote": {
        "ns": 1085420,
        "count": 128
      },
      "demotion": {
        "ns": 119830550,
        "count": 8192
      },
      "huge_demotion": {
        "ns": 34238397,
        "count": 8
      },
      "rotate_or_demote": {
        "ns": 27424884,
        "count": 16486
      },
      "classic_demotion": {
        "ns": 117713323,
        "count": 8197
      }
    },
    "facts": {
      "runtime_at_start": 3206217,
      "per_cpu_0_DMA": 0,
      "per_cpu_0_DMA32": 1608,
      "per_cpu_1_DMA32": 858,
      "pages_below_border": 7,
      "file_pages": 719,
      "mapped_file_pages": 594,
      "small_anonymous_pages": 31,
      "damon_window_held": 16384,
      "damon_window_free": 16384,
      "damon_regions": 32,
      "damon_few_regions": 8,
      "query_huge_pages": 160,
      "protected": 16411,
      "promoted_cold": 0,
      "promoted_hot": 16380,
      "huge_pages": 16,
      "demoted_young": 67,
      "rotation_demoted": 101,
      "classic_rotated": 0
    }
  },
  {
    "kernel": "6.18.15+deb13-amd64",
    "costs": {
      "boot_work": {
        "ns": 535309948,
        "count": 1
      },
      "damon_held": {
        "ns": 27063563,
        "count": 84
      },
      "damon_free": {
        "ns": 21815692,
        "count": 82
      },
      "damon_free_few": {
        "ns": 6070319,
        "count": 88
      },
      "query_page": {
        "ns": 52767387,
        "count": 80000
      },
      "report_page": {
        "ns": 1460790,
        "count": 80000
      },
      "report_byte": {
        "ns": 21303806,
        "count": 120000
      },
      "report_run": {
        "ns": 19071771,
        "count": 40000
      },
      "report_counters": {
        "ns": 600930,
        "count": 1
      },
      "query_huge": {
        "ns": 45999299,
        "count": 81920
      },
      "tick": {
        "ns": 326272,
        "count": 99
      },
      "access_u": {
        "ns": 14550195,
        "count": 150000
      },
      "access_z": {
        "ns": 59426339,
        "count": 150000
      },
      "access_s": {
        "ns": 15138564,
        "count": 150000
      },
      "wake": {
        "ns": 5739906,
        "count": 1000
      },
      "scan_protected": {
        "ns": 1518621,
        "count": 16411
      },
      "scan_local": {
        "ns": 2329125,
        "count": 16384
      },
      "protect": {
        "ns": 6722035,
        "count": 16411
      },
      "hint_fault": {
        "ns": 37381196,
        "count": 16384
      },
      "promotion": {
        "ns": 279992770,
        "count": 16384
      },
      "huge_first_touch": {
        "ns": 34148327,
        "count": 16
      },
      "huge_promotion": {
        "ns": 68686888,
        "count": 16
      },
      "first_touch": {
        "ns": 123848275,
        "count": 16384
      },
      "walk_youngest": {
        "ns": 2966508,
        "count": 16384
      },
      "walk_old": {
        "ns": 4189099,
        "count": 16384
      },
      "walk_young": {
        "ns": 7026094,
        "count": 16384
      },
      "keep_or_demote": {
        "ns": 1864382,
        "count": 151
      },
      "demotion": {
        "ns": 123183282,
        "count": 8188
      },
      "huge_demotion": {
        "ns": 34292447,
        "count": 8
      },
      "rotate_or_demote": {
        "ns": 28380852,
        "count": 16472
      },
      "classic_demotion": {
        "ns": 120441509,
        "count": 8210
      }
    },
    "facts": {
      "runtime_at_start": 3380757,
      "per_cpu_0_DMA": 0,
      "per_cpu_0_DMA32": 2792,
      "per_cpu_1_DMA32": 1016,
      "pages_below_border": 9,
      "file_pages": 719,
      "mapped_file_pages": 594,
      "small_anonymous_pages": 31,
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
      "classic_rotated": 0
    }
  },
  {
    "kernel": "7.2.13+deb14-amd64",
    "costs": {
      "boot_work": {
        "ns": 820029130,
        "count": 1
      },
      "damon_held": {
        "ns": 6083311,
        "count": 88
      },
      "damon_free": {
        "ns": 1335430,
        "count": 90
      },
      "damon_free_few": {
        "ns": 560636,
        "count": 90
      },
      "query_page": {
        "ns": 50127444,
        "count": 80000
      },
      "report_page": {
        "ns": 1463232,
        "count": 80000
      },
      "report_byte": {
        "ns": 20513080,
        "count": 120000
      },
      "report_run": {
        "ns": 19362237,
        "count": 40000
      },
      "report_counters": {
        "ns": 607952,
        "count": 1
      },
      "query_huge": {
        "ns": 43787264,
        "count": 81920
      },
      "tick": {
        "ns": 352370,
        "count": 102
      },
      "access_u": {
        "ns": 14549080,
        "count": 150000
      },
      "access_z": {
        "ns": 59426605,
        "count": 150000
      },
      "access_s": {
        "ns": 15140457,
        "count": 150000
      },
      "wake": {
        "ns": 7011007,
        "count": 1000
      },
      "scan_protected": {
        "ns": 393380,
        "count": 16411
      },
      "scan_local": {
        "ns": 2469896,
        "count": 16384
      },
      "protect": {
        "ns": 7722008,
        "count": 16411
      },
      "hint_fault": {
        "ns": 36955750,
        "count": 16384
      },
      "promotion": {
        "ns": 279150318,
        "count": 16384
      },
      "huge_first_touch": {
        "ns": 33994026,
        "count": 16
      },
      "huge_promotion": {
        "ns": 69037041,
        "count": 16
      },
      "first_touch": {
        "ns": 124111957,
        "count": 16384
      },
      "walk_youngest": {
        "ns": 4612289,
        "count": 16384
      },
      "walk_old": {
        "ns": 2671677,
        "count": 16384
      },
      "walk_young": {
        "ns": 7151127,
        "count": 16384
      },
      "keep_or_demote": {
        "ns": 2044939,
        "count": 153
      },
      "demotion": {
        "ns": 123129327,
        "count": 8192
      },
      "huge_demotion": {
        "ns": 39633842,
        "count": 8
      },
      "rotate_or_demote": {
        "ns": 27035735,
        "count": 16472
      },
      "classic_demotion": {
        "ns": 121284887,
        "count": 8210
      }
    },
    "facts": {
      "runtime_at_start": 3426432,
      "per_cpu_0_DMA": 0,
      "per_cpu_0_DMA32": 2895,
      "per_cpu_1_DMA32": 801,
      "pages_below_border": 9,
      "file_pages": 719,
      "mapped_file_pages": 595,
      "small_anonymous_pages": 31,
      "damon_window_held": 16384,
      "damon_window_free": 16384,
      "damon_regions": 32,
      "damon_few_regions": 8,
      "query_huge_pages": 160,
      "protected": 16411,
      "promoted_cold": 0,
      "promoted_hot": 16380,
      "huge_pages": 16,
      "demoted_young": 63,
      "rotation_demoted": 87,
      "classic_rotated": 0
    }
  }
];
