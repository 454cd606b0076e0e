// Made by scripts/measure-guest-costs.mjs; do not edit.
import type { MeasuredGuest } from '../boot/measure-costs.ts';

/** The lab's machine of two nodes, measured by guest/calibrate.c. */
export const MEASURED_GUEST: MeasuredGuest = {
  "kernel": "6.12.107+deb13-amd64",
  "costs": {
    "boot_work": {
      "ns": 543855067,
      "count": 1
    },
    "tick": {
      "ns": 339210,
      "count": 101
    },
    "access_u": {
      "ns": 16514667,
      "count": 150000
    },
    "access_z": {
      "ns": 59423974,
      "count": 150000
    },
    "access_s": {
      "ns": 15141270,
      "count": 150000
    },
    "query_page": {
      "ns": 10661116,
      "count": 16384
    },
    "wake": {
      "ns": 5735858,
      "count": 1000
    },
    "scan_protected": {
      "ns": 362700,
      "count": 16384
    },
    "scan_local": {
      "ns": 1971419,
      "count": 16384
    },
    "protect": {
      "ns": 5415135,
      "count": 16384
    },
    "hint_fault": {
      "ns": 36368187,
      "count": 16384
    },
    "promotion": {
      "ns": 272437096,
      "count": 16384
    },
    "huge_first_touch": {
      "ns": 67860373,
      "count": 16
    },
    "huge_promotion": {
      "ns": 68836500,
      "count": 16
    },
    "first_touch": {
      "ns": 121505027,
      "count": 16384
    },
    "walk_youngest": {
      "ns": 2539335,
      "count": 16384
    },
    "walk_old": {
      "ns": 109711,
      "count": 16384
    },
    "walk_young": {
      "ns": 5166087,
      "count": 16384
    },
    "keep_or_demote": {
      "ns": 1949416,
      "count": 192
    },
    "demotion": {
      "ns": 120397783,
      "count": 8192
    },
    "huge_demotion": {
      "ns": 34240803,
      "count": 8
    },
    "damon_sample": {
      "ns": 267174079,
      "count": 90182
    }
  },
  "facts": {
    "runtime_at_start": 1044383,
    "per_cpu_0_DMA": 0,
    "per_cpu_0_DMA32": 1543,
    "per_cpu_1_DMA32": 904,
    "pages_below_border": 7,
    "protected": 16384,
    "promoted_cold": 0,
    "promoted_hot": 16383,
    "huge_pages": 16,
    "demoted_young": 127
  }
};
