import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import {
  compareReleases,
  isOfVersion,
  kernelFromFile,
  kernelImages,
  releaseOfImage,
  upstreamVersion,
} from './kernel-image.ts';

/** An image with nothing but its setup header: the version string stands 0x200 after its pointer. */
function image(version: string): Uint8Array {
  const bytes = new Uint8Array(0x500);
  bytes.set(new TextEncoder().encode('HdrS'), 0x202);
  bytes.set([0x10, 0x02], 0x20e);
  bytes.set(new TextEncoder().encode(version), 0x410);
  return bytes;
}

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

test('an image tells its own release', () => {
  expect(releaseOfImage(image('6.12.107+deb13-amd64 (builder) #1'))).toBe('6.12.107+deb13-amd64');
  expect(releaseOfImage(new Uint8Array(0x500))).toBeUndefined();
  expect(releaseOfImage(new Uint8Array(4))).toBeUndefined();
});

test('a kernel of Debian says what it is made of; another is what its release says', () => {
  const place = join(directory(), 'vmlinuz');
  const versionOf = (text: string): string => {
    writeFileSync(place, image(text));
    return upstreamVersion(kernelFromFile(place));
  };
  // The version string of linux-image-6.1.0-56-amd64.
  const debian =
    '6.1.0-56-amd64 (debian-kernel@lists.debian.org) #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)';
  expect(versionOf(debian)).toBe('6.1.192');
  expect(versionOf('6.12.40 (me@here) #3 SMP')).toBe('6.12.40');
});

test('a version names its releases and not those of another that starts the same', () => {
  expect(isOfVersion('6.1.0-56-amd64', '6.1')).toBe(true);
  expect(isOfVersion('6.12.107+deb13-amd64', '6.1')).toBe(false);
  expect(isOfVersion('6.12.107+deb13-amd64', '6.12.10')).toBe(false);
  expect(isOfVersion('6.12.107+deb13-amd64', '6.12.107')).toBe(true);
});

test('releases are ordered by their numbers, not their letters', () => {
  const releases = [
    '6.12.94+deb13-amd64',
    '6.1.0-9-amd64',
    '6.12.107+deb13-amd64',
    '6.1.0-56-amd64',
    '7.2.13+deb14-amd64',
  ];
  expect([...releases].sort(compareReleases)).toEqual([
    '6.1.0-9-amd64',
    '6.1.0-56-amd64',
    '6.12.94+deb13-amd64',
    '6.12.107+deb13-amd64',
    '7.2.13+deb14-amd64',
  ]);
});

test('kept kernels come newest first, with their modules; a fetch that was cut off is none', () => {
  const cache = directory();
  for (const release of ['6.1.0-56-amd64', '6.12.107+deb13-amd64']) {
    mkdirSync(join(cache, 'kernels', release), { recursive: true });
    writeFileSync(join(cache, 'kernels', release, `vmlinuz-${release}`), '');
  }
  mkdirSync(join(cache, 'kernels', '.fetching-x'));
  const kept = kernelImages(cache).filter(({ image }) => image.startsWith(cache));
  expect(kept.map(({ release }) => release)).toEqual(['6.12.107+deb13-amd64', '6.1.0-56-amd64']);
  expect(kept[0].modules).toBe(join(cache, 'kernels', '6.12.107+deb13-amd64', 'modules'));
});

test('a file that is no kernel image is refused with what to name instead', () => {
  const path = join(directory(), 'vmlinux');
  expect(() => kernelFromFile(path)).toThrow(/cannot be read/);
  writeFileSync(path, 'not a kernel');
  expect(() => kernelFromFile(path)).toThrow(/expected an x86 kernel image/);
  writeFileSync(path, image('6.1.0-56-amd64'));
  expect(kernelFromFile(path)).toEqual({ release: '6.1.0-56-amd64', image: path });
});
