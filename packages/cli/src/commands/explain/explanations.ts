import type { ExperimentErrorCode } from '@tierlab/experiment';
import type { FirmwareErrorCode } from '@tierlab/firmware';
import type { KernelLabErrorCode } from '@tierlab/kernel-lab';
import type { PolicyErrorCode } from '@tierlab/policy';
import type { ReportErrorCode } from '@tierlab/report';
import type { SimulatorErrorCode } from '@tierlab/simulator';
import type { TraceErrorCode } from '@tierlab/trace';

import type { CliErrorCode } from '../../errors.ts';

/** Codes that `@tierlab/core` throws. */
type CoreErrorCode =
  | 'CORE_BAD_KERNEL'
  | 'CORE_BAD_NODE_LIST'
  | 'CORE_BAD_STEP'
  | 'CORE_NO_TIERING_ANSWER';

/** Every code that an error line of tierlab can begin with. */
export type ErrorCode =
  | CliErrorCode
  | CoreErrorCode
  | ExperimentErrorCode
  | FirmwareErrorCode
  | KernelLabErrorCode
  | PolicyErrorCode
  | ReportErrorCode
  | SimulatorErrorCode
  | TraceErrorCode;

/** What brings a code about, and what to do then. */
type Explanation = readonly [cause: string, cure: string];

/** What `tierlab explain` says of each code; the line with the error names the place. */
export const explanations: Readonly<Record<ErrorCode, Explanation>> = {
  CLI_USAGE: [
    'The command line is not one that the command takes.',
    'Run the command with --help.',
  ],
  CLI_FILE_NOT_FOUND: [
    'There is no file or folder of that name, and no machine of the catalogue.',
    'Check the path, which starts at the current directory; `tierlab machine list` has the catalogue.',
  ],
  CLI_FILE_UNREADABLE: [
    'The file is there, and the system does not let it be read.',
    'Check its permissions; /sys/firmware/acpi/tables needs root.',
  ],
  CLI_OUTPUT_UNWRITABLE: [
    'A file cannot be written there: permissions, a full disk, or a file where a folder is needed. What was there before is untouched.',
    'Give --out a folder that you may write to.',
  ],
  CLI_BAD_OPTION: [
    'An option has a value that it cannot take.',
    'The line says what was expected; --help has examples.',
  ],
  CLI_OPTION_WITHOUT_EFFECT: [
    'Two options are given of which one leaves the other nothing to do.',
    'Leave one of them out.',
  ],
  CLI_POLICY_FAILED: [
    "Code of a policy that is not tierlab's own threw while it ran: a mistake in it, or a page or node that is not there.",
    'The line says in which hook and where; `tierlab policy new` writes a test that finds such mistakes.',
  ],
  CLI_BAD_EXPERIMENT_FILE: [
    'An experiment file is no YAML or JSON, or says something that experiment files do not say.',
    'Look at the line and column that the error names; `tierlab init` writes a file with every key explained.',
  ],
  CLI_NO_SHARD: [
    'A folder that `tierlab merge` was given has no shard that was finished.',
    'Let `tierlab compare --shard i/n --out FOLDER` end there; it goes on from the runs that it has.',
  ],
  CLI_UNKNOWN_POLICY: [
    'No policy has that name.',
    '`tierlab policy list` has the names; a policy of your own is given as ./file.js or as the name of a package.',
  ],
  CLI_BAD_PLUGIN: [
    'A plug-in is not there, does not load, or has no export named policy.',
    'Write `export const policy = ...` in it, and install what it imports.',
  ],

  CORE_BAD_KERNEL: [
    'That is no kernel version, or one older than the tier rules known here.',
    'Write it as 6.8 or 6.12.40.',
  ],
  CORE_BAD_NODE_LIST: ['That is no list of nodes as the kernel writes them.', 'Write it as 0-1,3.'],
  CORE_BAD_STEP: ['That is no step of hotplug.', 'Write steps as "offline 1; online 1; kmem 2".'],
  CORE_NO_TIERING_ANSWER: [
    'No tiering policy had an abstract distance for a node.',
    'Leave default-dram in the chain: it always has one.',
  ],

  EXPERIMENT_BAD_MATRIX: [
    'A list of the experiment is empty, or names one thing twice.',
    'Give each trace, machine, policy with parameters, capacity and seed once.',
  ],
  EXPERIMENT_SHARD_MISMATCH: [
    'Shards can be merged where they are of one experiment: the same options, the same bytes of the inputs, one version of tierlab.',
    'Make the shard that the line names again, as the others were made.',
  ],
  EXPERIMENT_DUPLICATE_SHARD: ['One shard is among the folders twice.', 'Name each shard once.'],
  EXPERIMENT_MISSING_SHARD: [
    'Some shards of the experiment are not among the folders.',
    'Name the folders of all shards; make those that nobody has made.',
  ],
  EXPERIMENT_BAD_SHARD: ['That is no shard.', 'Write it as i/n with i from 1 to n.'],
  EXPERIMENT_CONFLICT: [
    'Two stores have different records of one run.',
    'They were made by different builds or from changed inputs: make the runs again.',
  ],
  EXPERIMENT_MISSING_RUNS: [
    'Runs are needed that nobody has made.',
    'Make the missing shards, then merge.',
  ],
  EXPERIMENT_BAD_THRESHOLD: [
    'That is no condition on a column of numbers of placement.csv.',
    "Write it as 'slowdown > 1.05'; docs/report.md has the columns.",
  ],
  EXPERIMENT_BAD_COST: [
    'A price or the cost expression cannot be read, or does not give an amount of one currency.',
    "Give prices with units, as 'dramPrice=4 USD/GiB'; docs/plan.md says what an expression may use.",
  ],
  EXPERIMENT_BAD_WINDOW: [
    'A window is empty, or goes past the end of the trace.',
    'Give a longer trace or fewer windows.',
  ],
  EXPERIMENT_BAD_REQUEST: [
    'The numbers of a plan or search make no sense together.',
    'The line says which; targets are at least 1, shares between 0 and 1.',
  ],

  FIRMWARE_BAD_TABLE: [
    'These bytes are no ACPI table.',
    'Copy the files under /sys/firmware/acpi/tables again, as root.',
  ],
  FIRMWARE_TRUNCATED_TABLE: [
    'An ACPI table says that it is longer than its file.',
    'Copy it again; the line names the table and the offset.',
  ],
  FIRMWARE_BAD_MEMMAP: [
    'A line of the memory map is not start, end and type.',
    'Take it from `dmesg | grep BIOS-e820` or /sys/firmware/memmap.',
  ],
  FIRMWARE_BAD_BOOT_OPTION: [
    'A boot option is not understood here, or would change nothing.',
    'Leave it out, or write it as the kernel does: numa=nohmat.',
  ],
  FIRMWARE_BAD_QUANTITY: [
    'A size, time or bandwidth cannot be read, or has no unit.',
    'Write 512 MiB, 120 ns, 30 GB/s.',
  ],
  FIRMWARE_BAD_SYNTAX: [
    'The machine file is neither YAML nor JSON.',
    'The line says where; check indentation and brackets.',
  ],
  FIRMWARE_BAD_MACHINE_FILE: [
    'The file is YAML or JSON, and no machine.',
    'docs/machine-file.md has the fields; `tierlab machine schema` checks them in an editor.',
  ],
  FIRMWARE_BAD_SETTING: [
    'A what-if names a node, a field or a value that the machine cannot take.',
    'Write it as node1.readLatency=250ns.',
  ],
  FIRMWARE_BAD_ARCHIVE: ['The archive ends early, or is none.', 'Pack it again with tar.'],
  FIRMWARE_BAD_SYSFS: [
    'The snapshot has no NUMA nodes, or a file that no kernel writes.',
    'Copy /sys/devices/system/node and what docs/machines.md lists.',
  ],
  FIRMWARE_BAD_HWLOC: [
    'The XML is not from hwloc, or has no NUMA nodes.',
    'Write it with `lstopo --of xml`.',
  ],
  FIRMWARE_UNKNOWN_INPUT: [
    'No form of machine is recognised in the file or folder.',
    '`tierlab tiers --help` lists the forms.',
  ],
  FIRMWARE_UNKNOWN_MACHINE: [
    'The catalogue has no machine of that name.',
    '`tierlab machine list` has the names.',
  ],
  FIRMWARE_CANNOT_WRITE: [
    'A machine file has no words for something of this machine.',
    'Convert it to ACPI tables instead.',
  ],
  FIRMWARE_CANNOT_ENCODE: [
    'ACPI tables cannot carry something of this machine.',
    'The line says what; leave it out with --set or in a machine file.',
  ],
  FIRMWARE_CANNOT_QEMU: [
    "QEMU's options cannot describe this machine.",
    'Use `machine convert --to initrd`: its tables can.',
  ],

  LAB_TOOL_MISSING: [
    'A program that boots or builds is not installed.',
    'Install the package that the line names; `tierlab doctor` looks for all of them.',
  ],
  LAB_KERNEL_NOT_FOUND: [
    'No image of that kernel is here, and none could be fetched.',
    'docs/kernel-lab.md says where images come from.',
  ],
  LAB_BAD_SCENARIO: [
    'The scenario, machine or accesses make no sense, or do not fit the guest.',
    'The line says what does not fit; a smaller machine often does.',
  ],
  LAB_BOOT_FAILED: [
    'QEMU or the kernel in it ended before the work was done.',
    'Read the last words that the line shows; check that /dev/kvm or enough time is there.',
  ],
  LAB_TIMEOUT: [
    'The boot took longer than its limit.',
    'Raise the limit; without /dev/kvm a boot takes minutes.',
  ],
  LAB_BAD_RECORD: ['The file is no record of the kernel lab.', 'Record it again.'],

  POLICY_BAD_DEFINITION: [
    'A policy is not declared as it must be.',
    'The line names the field; docs/policies has examples.',
  ],
  POLICY_BAD_PARAM: [
    'A parameter has a value that it cannot take.',
    '`tierlab policy show NAME` says what each takes.',
  ],
  POLICY_UNKNOWN_PARAM: [
    'The policy, or the simulator, has no parameter or setting of that name.',
    '`tierlab policy show NAME` lists those of a policy.',
  ],
  POLICY_UNKNOWN_SIGNAL: [
    'A policy declares a signal that there is not.',
    'The line lists the signals.',
  ],
  POLICY_SIGNAL_UNDECLARED: [
    'A policy uses a signal that it does not declare.',
    'Add it to its signals.',
  ],
  POLICY_BAD_HOOKS: [
    'What the `create` of a policy returned are no hooks: one is misspelt or async, or it is no object.',
    'The line names it and lists the hooks.',
  ],
  POLICY_DUPLICATE_NAME: ['Two policies have one name.', 'Rename one of them.'],
  POLICY_OUT_OF_REACH: [
    'A ruler cannot find its answer for this trace on this machine.',
    'Take a window of the trace, or the ruler lower-bound, which has no limit of size.',
  ],

  REPORT_NOT_A_RESULT: [
    'The file holds no result of tierlab.',
    'Give a folder that compare wrote, its runs.json or report.html, or the JSON of `tierlab run`.',
  ],
  REPORT_NEWER_VERSION: ['The result was written by a newer tierlab.', 'Update tierlab.'],
  REPORT_NO_RUNS: ['The result has no run.', 'Run `tierlab compare` first.'],

  SIM_BAD_MEMORY: [
    'The memory of the run makes no sense: a capacity is larger than the node, or there is none.',
    'Check --capacity against `tierlab machine show`.',
  ],
  SIM_BAD_CURVE: [
    'A curve of latency over load does not rise, or has too few points.',
    'Correct it in the machine file.',
  ],
  SIM_BAD_SETTING: [
    'A setting of the simulator has a value that it cannot take.',
    'The line says what it takes.',
  ],
  SIM_BAD_PLACEMENT: [
    'The initial placement is not of this trace on this machine: a node without memory, another number of processes, or a trace without virtual addresses.',
    'Take the numa_maps of the traced process on the machine that the runs are of, or change its N0=, N1= to nodes of that machine.',
  ],
  SIM_NO_TOUCHES: [
    'The policy needs to see every touch of a page, and the trace has only what missed the caches.',
    'Record all accesses, or replay a policy without accessed bits and hint faults.',
  ],
  SIM_NO_LOOKAHEAD: [
    'The policy looks ahead, and the trace can be read only once.',
    'Give the trace as a file.',
  ],
  SIM_OUT_OF_MEMORY: [
    'The trace touches more pages than the machine has room for.',
    'Raise --capacity, or take a machine with more memory.',
  ],
  SIM_BAD_TRACE: [
    'A reader numbered pages in another order than that of first touch.',
    'A reader of your own must count pages up from 0.',
  ],
  SIM_TOO_MANY_PAGES: [
    'The columns of one run, 18 to 40 bytes for each page of the trace, take more than the 4 GiB that one WebAssembly memory has.',
    'Take larger pages (`--page-size 2Mi` where the trace allows it), or a window of the trace.',
  ],
  SIM_SMALL_SAMPLE: [
    'Too small a part of the pages was sampled for the figures to hold.',
    'Sample more pages, or all.',
  ],

  TRACE_UNKNOWN_FORMAT: [
    'No format is recognised in the trace, or several are.',
    'Name it with --format; `tierlab trace formats` has the names.',
  ],
  TRACE_UNSUPPORTED: [
    'The format is known, and this part of it is not read.',
    'The page of the format under docs/formats says what is read.',
  ],
  TRACE_BAD_OPTION: [
    'An option is none of the format, or its value makes no sense.',
    'The page of the format under docs/formats has its options.',
  ],
  TRACE_EMPTY: [
    'The trace has no record.',
    'Check that the recording ended well, and that the filters let something through.',
  ],
  TRACE_BAD_COMPRESSION: [
    'The compressed stream is broken, or its decoder is not installed.',
    'Copy the file again, or decompress it first and pipe it in.',
  ],
  TRACE_BAD_LINE: [
    'A line is not what the format says.',
    'The line number is in the message; --format or --columns may be wrong.',
  ],
  TRACE_LINE_TOO_LONG: [
    'A line is longer than any of a trace.',
    'The file is probably binary: name its format with --format.',
  ],
  TRACE_BAD_RECORD: [
    'A binary record is not what the format says.',
    'The offset is in the message; the file may be damaged or of another format.',
  ],
  TRACE_TRUNCATED: ['The trace ends inside a record.', 'Copy it again, or record it again.'],
  TRACE_CORRUPT: [
    'A checksum or figure of a native trace is wrong.',
    'Copy it again, or convert it again from its source.',
  ],
  TRACE_NO_RECORDER: [
    'A recorder, or what it needs, is not on this machine.',
    '`tierlab doctor` looks for them; the line names the package.',
  ],
  TRACE_BAD_GENERATOR: [
    'The specification of a generated trace makes no sense.',
    'The line says which part.',
  ],
  TRACE_TOO_MANY_PAGES: [
    'The trace has more pages than a reader may hold.',
    'Use larger pages, or cut the trace.',
  ],
};
