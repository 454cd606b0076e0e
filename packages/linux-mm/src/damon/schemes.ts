import { accessesMax, splitAt, type DamonAttributes, type DamonRegion } from './regions.ts';

/** What is done to a region that fits. Source: include/linux/damon.h, enum damos_action. */
export type DamosAction =
  | 'migrate_hot'
  | 'migrate_cold'
  | 'lru_prio'
  | 'lru_deprio'
  | 'pageout'
  | 'stat';

/** Bounds, both included, of what a region must be like. */
export interface DamosPattern {
  readonly accessesMin: number;
  readonly accessesMax: number;
  readonly ageMin: number;
  readonly ageMax: number;
}

/** How much may be done in each window of time. Source: struct damos_quota. */
export interface DamosQuota {
  /** Pages a window; 0: no limit. */
  readonly pages: number;
  readonly resetMs: number;
  readonly weightAccesses: number;
  readonly weightAge: number;
  /** Feedback: the current value in ten-thousandths of the goal; the quota grows while it is below. */
  readonly score?: () => number;
}

/** Free memory, per mille, between which a scheme works. Source: struct damos_watermarks. */
export interface DamosWatermarks {
  readonly high: number;
  readonly mid: number;
  readonly low: number;
  readonly intervalUs: number;
}

/** One rule of a monitor and how far it has got. */
export interface DamosScheme {
  readonly action: DamosAction;
  readonly pattern: DamosPattern;
  readonly applyUs: number;
  readonly quota: DamosQuota;
  readonly watermarks?: DamosWatermarks;
  /** Whether the watermarks let it work. */
  active: boolean;
  nextApply: number;
  /** Whether the quota holds in the first window too. Source: mm/damon/core.c, damos_adjust_quota, since 6.18. */
  readonly limitsFirstWindow: boolean;
  /** Pages that this window allows; 0: no limit. */
  effectivePages: number;
  /** Ten-thousandths of a byte that the feedback allows. */
  feedbackBp: number;
  /** Pages that this window has spent. */
  chargedPages: number;
  /** -1: no window yet. */
  windowStartMs: number;
  scoreMin: number;
  /** Page at which the next window resumes; -1: at the start. */
  resumeAt: number;
  appliedPages: number;
}

/** Makes a scheme that has done nothing yet. */
export function createScheme(
  rule: Pick<DamosScheme, 'action' | 'pattern' | 'applyUs' | 'quota'> & {
    readonly watermarks?: DamosWatermarks;
    readonly limitsFirstWindow?: boolean;
  },
): DamosScheme {
  return {
    limitsFirstWindow: true,
    ...rule,
    active: rule.watermarks === undefined,
    nextApply: 0,
    effectivePages: 0,
    feedbackBp: 0,
    chargedPages: 0,
    windowStartMs: -1,
    scoreMin: 0,
    resumeAt: -1,
    appliedPages: 0,
  };
}

const PAGE_BYTES = 4096;
/** Source: DAMOS_MAX_SCORE, DAMON_MAX_SUBSCORE, DAMON_MAX_AGE_IN_LOG. */
const SCORE_MAX = 99;
const SUBSCORE_MAX = 100;
const AGE_LOG_MAX = 32;

/** Priority of a region under a quota, 0 to 99. Source: mm/damon/ops-common.c, damon_hot_score. */
export function hotScore(
  region: DamonRegion,
  quota: DamosQuota,
  attributes: DamonAttributes,
): number {
  const frequency = Math.trunc((region.accesses * SUBSCORE_MAX) / accessesMax(attributes));
  let seconds = Math.trunc((region.age * attributes.aggregationUs) / 1e6);
  let log = 0;
  for (; log < AGE_LOG_MAX && seconds > 0; log++) seconds = Math.trunc(seconds / 2);
  if (frequency === 0) log = -log;
  const age = Math.trunc(((log + AGE_LOG_MAX) * SUBSCORE_MAX) / AGE_LOG_MAX / 2);
  const weights = quota.weightAccesses + quota.weightAge;
  const sum = quota.weightAccesses * frequency + quota.weightAge * age;
  return Math.trunc((Math.trunc(weights > 0 ? sum / weights : sum) * SCORE_MAX) / SUBSCORE_MAX);
}

function scoreOf(scheme: DamosScheme, region: DamonRegion, attributes: DamonAttributes): number {
  const hot = hotScore(region, scheme.quota, attributes);
  const cold =
    scheme.action === 'migrate_cold' ||
    scheme.action === 'lru_deprio' ||
    scheme.action === 'pageout';
  return cold ? SCORE_MAX - hot : hot;
}

/**
 * The next input of the feedback loop, from the last one and its score; 10,000 is the goal.
 * Source: damon_feed_loop_next_input.
 */
export function nextInput(lastInput: number, score: number): number {
  const goal = 10_000;
  const least = 10_000;
  if (score === goal) return lastInput;
  if (score >= goal * 2) return least;
  const compensation = Math.trunc((lastInput * Math.abs(goal - score)) / goal);
  return score > goal ? Math.max(lastInput - compensation, least) : lastInput + compensation;
}

function fits(region: DamonRegion, pattern: DamosPattern): boolean {
  const accesses = Math.trunc(region.accessesBp / 10_000);
  return (
    accesses >= pattern.accessesMin &&
    accesses <= pattern.accessesMax &&
    region.age >= pattern.ageMin &&
    region.age <= pattern.ageMax
  );
}

/** Opens a window of the quota when it is time, and sets the lowest score that the quota lets through.
 *  Source: mm/damon/core.c, damos_adjust_quota. */
function adjustQuota(
  scheme: DamosScheme,
  regions: readonly DamonRegion[],
  attributes: DamonAttributes,
  nowMs: number,
): void {
  const { quota } = scheme;
  if (quota.pages === 0 && quota.score === undefined) return;
  if (scheme.windowStartMs < 0) {
    scheme.windowStartMs = nowMs;
    if (scheme.limitsFirstWindow) setEffectiveQuota(scheme);
  }
  if (nowMs - scheme.windowStartMs >= quota.resetMs) {
    scheme.windowStartMs = nowMs;
    scheme.chargedPages = 0;
    setEffectiveQuota(scheme);
  }
  const pagesByScore = new Float64Array(SCORE_MAX + 1);
  for (const region of regions)
    if (fits(region, scheme.pattern))
      pagesByScore[scoreOf(scheme, region, attributes)] += region.end - region.start;
  let pages = 0;
  let score = SCORE_MAX;
  for (; score > 0; score--) {
    pages += pagesByScore[score];
    if (pages >= scheme.effectivePages) break;
  }
  scheme.scoreMin = score;
}

/** Source: damos_set_effective_quota. */
function setEffectiveQuota(scheme: DamosScheme): void {
  const { quota } = scheme;
  let pages = quota.pages > 0 ? quota.pages : Infinity;
  if (quota.score !== undefined) {
    scheme.feedbackBp = nextInput(Math.max(scheme.feedbackBp, 10_000), quota.score());
    pages = Math.min(pages, scheme.feedbackBp / 10_000 / PAGE_BYTES);
  }
  scheme.effectivePages = pages;
}

/** Does a scheme's action to the pages of `[start, end)`; returns how many it was done to. */
export type DamosApply = (scheme: DamosScheme, start: number, end: number) => number;

/**
 * Applies every scheme whose interval has passed to the regions that fit, in order of address, within its quota;
 * regions are split where a quota ends. Source: kdamond_apply_schemes, damos_apply_scheme, Linux 6.12.
 */
export function applySchemes(
  schemes: readonly DamosScheme[],
  regions: DamonRegion[],
  attributes: DamonAttributes,
  samplesPassed: number,
  nowMs: number,
  apply: DamosApply,
): void {
  const due = schemes.filter((scheme) => scheme.active && samplesPassed >= scheme.nextApply);
  if (due.length === 0) return;
  for (const scheme of due) adjustQuota(scheme, regions, attributes, nowMs);
  for (let i = 0; i < regions.length; i++)
    for (const scheme of due) applyToRegion(scheme, regions, i, attributes, apply);
  for (const scheme of due)
    scheme.nextApply = samplesPassed + Math.trunc(scheme.applyUs / attributes.sampleUs);
}

function applyToRegion(
  scheme: DamosScheme,
  regions: DamonRegion[],
  index: number,
  attributes: DamonAttributes,
  apply: DamosApply,
): void {
  const limited = scheme.effectivePages > 0;
  if (limited && scheme.chargedPages >= Math.floor(scheme.effectivePages)) return;
  if (skipsCharged(scheme, regions, index)) return;
  const region = regions[index];
  if (!fits(region, scheme.pattern)) return;
  if (limited && scoreOf(scheme, region, attributes) < scheme.scoreMin) return;
  let size = region.end - region.start;
  if (limited && scheme.chargedPages + size > scheme.effectivePages) {
    size = Math.floor(scheme.effectivePages - scheme.chargedPages);
    if (size <= 0) return;
    regions.splice(index + 1, 0, splitAt(region, size));
  }
  scheme.appliedPages += apply(scheme, region.start, region.end);
  scheme.chargedPages += size;
  if (limited && scheme.chargedPages >= Math.floor(scheme.effectivePages))
    scheme.resumeAt = region.end;
  if (scheme.action !== 'stat') region.age = 0;
}

/** Whether the region was dealt with before the quota of the last window ended. Source: damos_skip_charged_region. */
function skipsCharged(scheme: DamosScheme, regions: DamonRegion[], index: number): boolean {
  if (scheme.resumeAt < 0) return false;
  const region = regions[index];
  if (index === regions.length - 1) {
    scheme.resumeAt = -1;
    return true;
  }
  if (region.end <= scheme.resumeAt) return true;
  if (region.start < scheme.resumeAt) {
    regions.splice(index + 1, 0, splitAt(region, scheme.resumeAt - region.start));
    return true; // the right part comes next
  }
  scheme.resumeAt = -1;
  return false;
}

/** Switches a scheme on or off by free memory, per mille; returns the pause in us, 0: work. Source: damos_wmark_wait_us. */
export function checkWatermarks(scheme: DamosScheme, freePermille: number): number {
  const { watermarks } = scheme;
  if (watermarks === undefined) return 0;
  if (freePermille > watermarks.high || freePermille < watermarks.low) scheme.active = false;
  else if (scheme.active || freePermille < watermarks.mid) scheme.active = true;
  return scheme.active ? 0 : watermarks.intervalUs;
}
