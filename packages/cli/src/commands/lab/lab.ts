import { Command } from 'commander';

import type { CommandContext } from '../../context.ts';
import { repeated } from '../../machine/machine-options.ts';
import { addTraceOptions } from '../../trace/trace-options.ts';
import type { LabReplayOptions } from './replay-records.ts';
import type { LabTiersOptions } from './compare-with-kernels.ts';
import type { LabRecordOptions } from './record-run.ts';

/** `tierlab lab replay|tiers|record`: real kernels, and the simulator held against them. */
export function labCommand(context: CommandContext): Command {
  const command = new Command('lab').description(
    'boot real kernels, record what they do with pages, and hold the simulator against it',
  );
  addReplay(command, context);
  addTiers(command, context);
  addRecord(command, context);
  return command;
}

function addReplay(command: Command, context: CommandContext): void {
  const replay = command
    .command('replay')
    .description(
      'replay what a kernel was recorded doing on the simulated one, and compare the two',
    )
    .argument('<golden...>', 'records of `tierlab lab record`, .json or .json.gz')
    .option(
      '--against <records...>',
      'other runs of the same scenarios: how far the kernel agrees with itself is then the bar',
    )
    .option('--trace <file>', 'the trace of which the records are, where one was played')
    .option('--accesses-per-ms <count>', "the trace's pace then (default: 300)")
    .option('--json', "print each replay's record as one JSON object a line")
    .option('--markdown', 'print the comparison as Markdown');
  addTraceOptions(replay)
    .addHelpText(
      'after',
      `
Exit code 3: a replay misses the bar that --against sets. A setting that a replay would not obey is bad input.

Examples:
  tierlab lab replay zipf.json.gz
  tierlab lab replay zipf.json.gz --against zipf~b.json.gz zipf~c.json.gz
  tierlab lab replay zipf.json.gz --json > ours.json
  tierlab lab replay app.json.gz --trace app.tlt`,
    )
    .action(async (goldens: readonly string[], options: LabReplayOptions) => {
      const { replayRecords } = await import('./replay-records.ts');
      await replayRecords(goldens, options, context);
    });
}

function addTiers(command: Command, context: CommandContext): void {
  const tiers = command
    .command('tiers')
    .description('boot a kernel with a machine and show the tiers it builds beside ours')
    .argument('<machine>', 'in any form that `tierlab tiers` reads')
    .option(
      '--set <node.field=value>',
      'a what-if, as node1.readLatency=250ns; may be repeated',
      repeated,
      [],
    )
    .option(
      '--boot-option <option>',
      'a boot option of the kernel, as numa=nohmat; may be repeated',
      repeated,
      [],
    )
    .option('--hotplug <steps>', 'what is done after boot, as "offline 1; online 1; kmem 2"')
    .option('--json', 'one JSON object a line for each kernel');
  addKernelOptions(tiers, 'may be repeated')
    .addHelpText(
      'after',
      `
Exit code 1: a kernel and the model differ.
It needs qemu-system-x86_64 and busybox (static); a boot takes 10 to 20 seconds.

Examples:
  tierlab lab tiers vm-hmat
  tierlab lab tiers vm-hmat --kernel 6.1 --kernel 6.12
  tierlab lab tiers vm-hmat --boot-option movable_node --hotplug 'offline 1; online 1'
  tierlab lab tiers tables/ --kernel-image /boot/vmlinuz-6.12.40`,
    )
    .action(async (machine: string, options: LabTiersOptions) => {
      const { compareWithKernels } = await import('./compare-with-kernels.ts');
      await compareWithKernels(machine, options, context);
    });
}

function addRecord(command: Command, context: CommandContext): void {
  const record = command
    .command('record')
    .description('run an access stream on a real kernel and record where it keeps each page')
    .option(
      '--scenario <file>',
      'a record, or as much of one as says what to do; options below win',
    )
    .option('--machine <machine>', 'the machine, made small enough to boot')
    .option(
      '--node-memory <size>',
      'what each node of the --machine has then, as 512MiB; the first has 512MiB more (default: 128MiB)',
    )
    .option('--setup <commands>', "the kernel's settings, as shell commands")
    .option(
      '--stream <words>',
      "a generated stream: PAGES PER_MS SEED PHASE..., as '60000 300 1 z:2:0:60000:0.9:20'",
    )
    .option('--trace <file>', 'play this trace instead of a generated stream')
    .option('--accesses-per-ms <count>', "the trace's pace (default: 300)")
    .option('--name <name>', "the record's name (default: that of the file)")
    .option('--start-delay <seconds>', 'wait before the first touch: another run of one scenario')
    .requiredOption('--out <file>', 'write the record there; compressed where it ends in .gz');
  addKernelOptions(addTraceOptions(record), 'one')
    .addHelpText(
      'after',
      `
It needs qemu-system-x86_64, busybox (static) and gcc. Ctrl-C leaves nothing behind.

Examples:
  tierlab lab record --machine vm-hmat --stream '150000 300 1 z:8:0:150000:0.9:20' --out zipf.json.gz \\
    --setup 'echo 1 > /sys/kernel/mm/numa/demotion_enabled; echo 2 > /proc/sys/kernel/numa_balancing'
  tierlab lab record --scenario zipf.json.gz --start-delay 0.37 --out zipf~b.json.gz
  tierlab lab record --scenario zipf.json.gz --trace app.tlt --out app.json.gz`,
    )
    .action(async (options: LabRecordOptions) => {
      const { recordRun } = await import('./record-run.ts');
      await recordRun(options, context);
    });
}

function addKernelOptions(command: Command, count: string): Command {
  return command
    .optionsGroup('Which kernel is booted:')
    .option(
      '--kernel <version>',
      `a Debian kernel by its version, as 6.1 or 6.12.107, fetched where it is not here; ${count} (default: 6.12)`,
      repeated,
      [],
    )
    .option('--kernel-image <file>', `a kernel's image (vmlinuz); ${count}`, repeated, [])
    .option('--kernel-modules <directory>', 'modules of the one image, for soft-reserved memory')
    .option('--suite <name>', 'the Debian suite to fetch from, as trixie or sid')
    .optionsGroup('Options:');
}
