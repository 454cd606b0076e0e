import { InputError } from './errors.ts';

/**
 * A Linux release. `stable` is the stable release of the series; a bare `6.12` means the newest
 * one, so that every fix that ever reached the series is in.
 */
export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
  readonly stable: number | 'newest';
}

/**
 * One difference between kernels: it holds from `since` on, and in the stable series of `backports`
 * from the release given there.
 */
export interface KernelRule {
  readonly name: string;
  /** First mainline release, as `6.17`. */
  readonly since: string;
  /** Stable releases that took it over, as `6.12.43`. */
  readonly backports?: readonly string[];
  readonly source: string;
  /** What the kernel does where the rule holds, and what it did before. */
  readonly what: string;
}

/** The kernel that is meant when none is named: the one whose answers are recorded. */
export const DEFAULT_KERNEL: KernelVersion = { major: 6, minor: 12, stable: 'newest' };

/** The oldest kernel with memory tiers as modelled here. */
const OLDEST: KernelVersion = { major: 6, minor: 1, stable: 0 };

/**
 * Reads `6.12`, `6.12.40`, `v6.12` or what `uname -r` prints (`6.12.107+deb13-amd64`).
 * Throws `CORE_BAD_KERNEL`.
 *
 * A distribution's `6.1.0-56-amd64` says 6.1.0; give `6.1` or the stable release it is made from.
 */
export function parseKernelVersion(text: string): KernelVersion {
  const match = /^v?(\d{1,3})\.(\d{1,3})(?:\.(\d{1,4}))?(?:[-+~].*)?$/.exec(text.trim());
  if (!match) throw badKernel(text, 'expected a release such as "6.12" or "6.12.40"');
  const version: KernelVersion = {
    major: Number(match[1]),
    minor: Number(match[2]),
    stable: match[3] === undefined ? 'newest' : Number(match[3]),
  };
  if (compareKernels(version, OLDEST) < 0)
    throw badKernel(
      text,
      'memory tiers are those of Linux 6.1 and later; give 6.1 or a later release',
    );
  return version;
}

const badKernel = (text: string, what: string): InputError =>
  new InputError('CORE_BAD_KERNEL', `kernel ${JSON.stringify(text)}: ${what}`);

/** `6.12`, or `6.12.40` where a stable release was named. */
export function kernelName(kernel: KernelVersion): string {
  const series = `${kernel.major}.${kernel.minor}`;
  return kernel.stable === 'newest' ? series : `${series}.${kernel.stable}`;
}

/** Whether `rule` holds in `kernel`. */
export function holds(rule: KernelRule, kernel: KernelVersion): boolean {
  const first = parseKernelVersion(rule.since);
  if (compareKernels(kernel, { ...first, stable: 0 }) >= 0) return true;
  return (rule.backports ?? []).some((release) => {
    const backport = parseKernelVersion(release);
    return (
      kernel.major === backport.major &&
      kernel.minor === backport.minor &&
      compareKernels(kernel, backport) >= 0
    );
  });
}

/** Negative where `a` is older than `b`. */
export function compareKernels(a: KernelVersion, b: KernelVersion): number {
  const stable = (version: KernelVersion): number =>
    version.stable === 'newest' ? Number.MAX_SAFE_INTEGER : version.stable;
  return a.major - b.major || a.minor - b.minor || stable(a) - stable(b);
}
