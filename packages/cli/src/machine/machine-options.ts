import type { Command } from 'commander';

/** Options that say which kernel looks at a machine, and what is changed of it, as the command line gives them. */
export interface GivenMachineOptions {
  readonly kernel?: string;
  readonly set: readonly string[];
  readonly tiering: readonly string[];
  readonly bootOption: readonly string[];
  readonly hotplug?: string;
}

/** Adds them, in a group of their own. */
export function addMachineOptions(command: Command): Command {
  return command
    .optionsGroup('What the machine is:')
    .option('--kernel <version>', 'the kernel, as 6.8 or 6.12.40 (default: 6.12)')
    .option(
      '--set <node.field=value>',
      'a what-if, as node1.readLatency=250ns; may be repeated',
      repeated,
      [],
    )
    .option(
      '--tiering <policies>',
      "tiering policies to ask instead of Linux's hmat,cxl-region: names, ./files or packages; default-dram always answers last",
      listed,
      [],
    )
    .option(
      '--boot-option <option>',
      'a kernel boot option, as numa=nohmat; may be repeated',
      repeated,
      [],
    )
    .option('--hotplug <steps>', 'what happens after boot, as "offline 1; online 1; kmem 2"')
    .optionsGroup('Options:');
}

/** For an option that may be repeated: all its values, in order. */
export const repeated = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  value,
];

/** The same, where one value may be a list. */
export const listed = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  ...value.split(','),
];
