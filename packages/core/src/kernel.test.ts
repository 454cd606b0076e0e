import { expect, test } from 'vitest';
import {
  compareKernels,
  holds,
  kernelName,
  parseKernelVersion,
  type KernelRule,
} from './kernel.ts';

const wide: KernelRule = {
  name: 'wide',
  since: '6.17',
  backports: ['6.12.43', '6.16.2'],
  source: 'a test',
  what: 'a test',
};

test.each([
  ['6.12', '6.12'],
  ['v6.12', '6.12'],
  ['6.12.40', '6.12.40'],
  ['6.12.107+deb13-amd64', '6.12.107'],
  ['7.2.13+deb14-amd64', '7.2.13'],
  ['6.1.0-56-amd64', '6.1.0'],
])('%s reads as %s', (text, name) => expect(kernelName(parseKernelVersion(text))).toBe(name));

test.each(['', '6', '6.', 'linux', '6.12rc1', '-6.12', '5.19', '6.0', '6.12.x'])(
  '"%s" is refused',
  (text) =>
    expect(() => parseKernelVersion(text)).toThrow(
      expect.objectContaining({ code: 'CORE_BAD_KERNEL' }),
    ),
);

test.each([
  ['6.12', true], // newest stable release of the series
  ['6.12.43', true],
  ['6.12.42', false],
  ['6.13', false], // a series that ended before the fix
  ['6.16.1', false],
  ['6.16', true],
  ['6.17.0', true],
  ['7.0', true],
  ['6.11', false],
])('a fix of 6.17, 6.12.43 and 6.16.2 is in %s: %s', (text, expected) =>
  expect(holds(wide, parseKernelVersion(text))).toBe(expected),
);

test('6.9 is older than 6.10', () =>
  expect(compareKernels(parseKernelVersion('6.9'), parseKernelVersion('6.10'))).toBeLessThan(0));
