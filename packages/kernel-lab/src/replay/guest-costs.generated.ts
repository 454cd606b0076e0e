// Made by scripts/measure-guest-costs.mjs; do not edit.
import type { MeasuredGuest } from '../boot/measure-costs.ts';

/** The lab's machine of two nodes, measured by guest/calibrate.c. */
export const MEASURED_GUEST: MeasuredGuest = {
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
};
