import { expect, test } from 'vitest';
import { parseSetup } from './setup.ts';

test('settings, huge pages, monitors and a pause are read', () => {
  const setup = parseSetup(
    'echo 1 > /sys/kernel/mm/numa/demotion_enabled; echo 2 > /proc/sys/kernel/numa_balancing; export THP=1; /bin/damon 5000 100000 52428800 20; /bin/busybox sleep 0.37; ',
  );
  expect(setup).toEqual({
    settings: {
      '/sys/kernel/mm/numa/demotion_enabled': '1',
      '/proc/sys/kernel/numa_balancing': '2',
    },
    hugePages: true,
    damon: {
      sampleUs: 5000,
      aggregationUs: 100_000,
      quotaBytes: 52_428_800,
      coldAge: 20,
      slowStart: 268_435_456,
      slowEnd: 805_306_368,
    },
    sleepSeconds: 0.37,
  });
});

test('the monitors have the script’s defaults, and take the slow node’s range from the shell', () => {
  expect(parseSetup('S0=1048576 S1=4194304 /bin/damon ;').damon).toMatchObject({
    sampleUs: 5000,
    quotaBytes: 104_857_600,
    slowStart: 1_048_576,
    slowEnd: 4_194_304,
  });
});

test('DAMON_STAT may be off, as a replay has it, and not on', () => {
  const file = '/sys/module/damon_stat/parameters/enabled';
  expect(parseSetup(`echo N > ${file}`).settings).toEqual({ [file]: 'N' });
  expect(() => parseSetup(`echo Y > ${file}`)).toThrow(/cannot obey/);
});

test.each([
  'echo 1 > /proc/sys/vm/drop_caches',
  'echo 9 > /proc/sys/kernel/numa_balancing',
  'echo maybe > /sys/kernel/mm/numa/demotion_enabled',
  'swapon /dev/sda',
  'export LANG=C',
])('what a replay would not obey is an error: %s', (command) => {
  expect(() => parseSetup(`${command}; echo 2 > /proc/sys/kernel/numa_balancing`)).toThrow(
    /cannot obey/,
  );
});
