import { expect, test } from 'vitest';

import { kernelPackages } from './debian-kernels.ts';

test('bootable kernels are found among package names, the newest first, signed before unsigned', () => {
  const names = [
    'linux-image-6.12.107+deb12-amd64',
    'linux-image-6.12.107+deb12-amd64-unsigned',
    'linux-image-6.12.107+deb12-amd64-dbg',
    'linux-image-6.12.107+deb12-cloud-amd64',
    'linux-image-6.12.107+deb12-rt-amd64',
    'linux-image-6.12-amd64',
    'linux-image-amd64',
    'linux-image-6.1.0-47-amd64-unsigned',
    'linux-image-6.1.0-56-amd64',
    'linux-image-7.2.13+deb14-amd64',
  ];
  expect(kernelPackages(names).map(({ release, name }) => `${release}: ${name}`)).toEqual([
    '7.2.13+deb14-amd64: linux-image-7.2.13+deb14-amd64',
    '6.12.107+deb12-amd64: linux-image-6.12.107+deb12-amd64',
    '6.1.0-56-amd64: linux-image-6.1.0-56-amd64',
    '6.1.0-47-amd64: linux-image-6.1.0-47-amd64-unsigned',
  ]);
});
