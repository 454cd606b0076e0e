import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { KernelLabError } from '../errors.ts';

/** A kernel that can be booted. */
export interface KernelImage {
  /** What `uname -r` says in it, e.g. `6.12.107+deb13-amd64`. */
  readonly release: string;
  /** Path of the compressed image (`vmlinuz`). */
  readonly image: string;
  /** Directory that holds the kernel's modules, where known. */
  readonly modules?: string;
}

/**
 * The kernels that need no fetching: those in the cache, then the host's own in `/boot`, the newest
 * first within each.
 */
export function kernelImages(cacheDirectory: string): readonly KernelImage[] {
  const kept = join(cacheDirectory, 'kernels');
  const cached = entriesOf(kept).flatMap((release) =>
    imagesIn(join(kept, release), join(kept, release, 'modules')),
  );
  return [...newestFirst(cached), ...newestFirst(imagesIn('/boot'))];
}

/** The image in a file; its release is read from the image. Throws `LAB_KERNEL_NOT_FOUND`. */
export function kernelFromFile(path: string, modules?: string): KernelImage {
  const release = releaseOfImage(readImage(path));
  if (release === undefined) {
    throw new KernelLabError(
      'LAB_KERNEL_NOT_FOUND',
      `${path}: expected an x86 kernel image (bzImage) with its setup header; name the vmlinuz of a kernel, not its vmlinux or an archive`,
    );
  }
  return { release, image: path, ...(modules === undefined ? {} : { modules }) };
}

function readImage(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new KernelLabError(
      'LAB_KERNEL_NOT_FOUND',
      `${path}: cannot be read (${(error as Error).message}); name a kernel image, such as /boot/vmlinuz-*`,
    );
  }
}

/** Whether `release` is of `version`: `6.1` names 6.1.0-56-amd64 and 6.1.192, not 6.12. */
export const isOfVersion = (release: string, version: string): boolean =>
  release.startsWith(version) && !/^[0-9]/.test(release.slice(version.length));

/** Orders releases by the numbers in them, as far as they have any. */
export function compareReleases(a: string, b: string): number {
  const [left, right] = [a, b].map((release) => (release.match(/\d+/g) ?? []).map(Number));
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

const SETUP_HEADER = 0x202;
const KERNEL_VERSION_POINTER = 0x20e;
const VERSION_BYTES_MAX = 256;

/** The release that an x86 kernel image carries in its setup header; undefined for another file. */
export function releaseOfImage(image: Uint8Array): string | undefined {
  const release = versionString(image)?.split(' ')[0];
  return release === '' ? undefined : release;
}

/**
 * The kernel's version string: release, builder, build number and date.
 * Source: Linux Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header", 6.12.
 */
function versionString(image: Uint8Array): string | undefined {
  if (image.length < KERNEL_VERSION_POINTER + 2) return undefined;
  const text = (from: number, length: number): string =>
    String.fromCharCode(...image.subarray(from, from + length));
  if (text(SETUP_HEADER, 4) !== 'HdrS') return undefined;
  const pointer = image[KERNEL_VERSION_POINTER] + image[KERNEL_VERSION_POINTER + 1] * 256;
  if (pointer === 0) return undefined;
  return text(pointer + 0x200, VERSION_BYTES_MAX).split('\0')[0];
}

/**
 * The upstream version of a kernel, as `6.1.192`: Debian names its 6.1 kernels `6.1.0-N-amd64` for the
 * sake of modules, and says what they are made of in the build's version string, which the image carries
 * in its setup header. Of another kernel it is the release. Throws `LAB_KERNEL_NOT_FOUND`.
 */
export function upstreamVersion({ release, image }: KernelImage): string {
  const built = / Debian (\d+\.\d+\.\d+)/.exec(versionString(readImage(image)) ?? '')?.[1];
  return built ?? release;
}

const newestFirst = (images: readonly KernelImage[]): readonly KernelImage[] =>
  [...images].sort((a, b) => compareReleases(b.release, a.release));

const imagesIn = (directory: string, modules?: string): readonly KernelImage[] =>
  entriesOf(directory)
    .filter((name) => name.startsWith('vmlinuz-'))
    .map((name) =>
      Object.assign(
        { release: name.slice('vmlinuz-'.length), image: join(directory, name) },
        modules === undefined ? {} : { modules },
      ),
    );

const entriesOf = (directory: string): readonly string[] =>
  existsSync(directory) ? readdirSync(directory).sort() : [];
