import { expect, test } from 'vitest';

import { checkMachineArguments, kernelCommandLine, qemuCommand } from './qemu-command.ts';

const boot = {
  qemu: 'qemu-system-x86_64',
  machine: ['-smp', '1', '-m', '768M'],
  kernelImage: 'vmlinuz',
  initramfs: 'initramfs',
  serialLog: 'serial.log',
  bootOptions: ['movable_node'],
  exact: true,
};
const text = (changed: Partial<Parameters<typeof qemuCommand>[0]> = {}): string =>
  qemuCommand({ ...boot, ...changed }).join(' ');

test('an exact run counts time in instructions and has no source of chance', () => {
  // The list that makes a run repeat, as the record's format states it.
  for (const word of [
    '-icount shift=0,sleep=off',
    'rdrand=off,rdseed=off',
    '-rtc base=2024-01-01,clock=vm',
    '-nodefaults',
    '-serial file:serial.log',
    'nokaslr norandmaps random.trust_cpu=off random.trust_bootloader=off',
  ]) {
    expect(text()).toContain(word);
  }
});

test('a boot for its tiers alone is not slowed down by counted time', () => {
  expect(text({ exact: false })).not.toContain('icount');
});

test("QEMU makes an HMAT only where the machine's arguments ask for one", () => {
  const hmat = ['-numa', 'hmat-lb,initiator=0,target=0'];
  expect(text()).toContain('-M q35 ');
  expect(text({ machine: hmat })).toContain('-M q35,hmat=on ');
});

test('a stream travels on the fw_cfg device', () => {
  expect(text({ stream: 'played' })).toContain('-fw_cfg name=opt/org.tierlab/stream,file=played');
  expect(text()).not.toContain('fw_cfg');
});

test('boot options end the kernel command line, which has a limit', () => {
  expect(kernelCommandLine(['movable_node'])).toMatch(/ movable_node$/);
  expect(() => kernelCommandLine(['x'.repeat(2048)])).toThrow(/fewer than 2048 bytes/);
});

test.each([
  [['-serial', 'stdio'], /expected -smp, -m, .* got "-serial"/],
  [['768M'], /got "768M"/],
  [['-m'], /-m has no value/],
  [['-m', '-smp'], /-m has no value/],
])('%j is not a machine', (words, message) => {
  expect(() => checkMachineArguments(words)).toThrow(message);
});
