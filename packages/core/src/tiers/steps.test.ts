import { expect, test } from 'vitest';
import { parseHotplugSteps, stepText } from './steps.ts';

const every =
  'offline 4; online 4; offline-block 5; online-block 5; kmem 2; kmem; unbind 2; unbind; unload-kmem; add 1; remove 1; offline-cpu 1; online-cpu 1';

test('every step reads and prints', () =>
  expect(parseHotplugSteps(every).map(stepText).join('; ')).toBe(every));

test('empty parts and spaces do not matter', () =>
  expect(parseHotplugSteps(' offline  4 ;; online 4;\n')).toHaveLength(2));

test.each(['offline', 'offline x', 'kmem -1', 'bind 2', 'offline 4, online 4', 'add 1 2', 'x'])(
  '"%s" is refused',
  (text) =>
    expect(() => parseHotplugSteps(text)).toThrow(
      expect.objectContaining({ code: 'CORE_BAD_STEP' }),
    ),
);
