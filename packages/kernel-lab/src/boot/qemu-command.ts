import { KernelLabError } from '../errors.ts';

/** What QEMU is started with, beside the machine's own arguments. */
export interface QemuBoot {
  /** Path of `qemu-system-x86_64`. */
  readonly qemu: string;
  /** The machine: CPUs, memory, nodes, HMAT, in QEMU's arguments; see {@link checkMachineArguments}. */
  readonly machine: readonly string[];
  readonly kernelImage: string;
  readonly initramfs: string;
  /** File that receives what the guest writes to its serial line. */
  readonly serialLog: string;
  /** Added to the kernel's command line. */
  readonly bootOptions: readonly string[];
  /** Counted time and no source of chance, so that a second run gives the same bytes. */
  readonly exact: boolean;
  /** QEMU's monitor listens on its standard input. */
  readonly monitored?: boolean;
  /** File that the guest finds as `opt/org.tierlab/stream` on QEMU's fw_cfg device. */
  readonly stream?: string;
}

/**
 * The command line that boots a kernel the same way on any host.
 *
 * The machine has nothing that the task does not need (`-nodefaults`): no network, disk or display
 * whose host threads would interrupt the guest at another instruction in each run. Exact: one
 * instruction is one nanosecond (`-icount shift=0`) and an idle guest skips to its next timer
 * instead of waiting for the host's clock (`sleep=off`); the guest's date is a constant; the CPU has
 * no RDRAND or RDSEED, with which the kernel would seed its generator, lay out memory and shuffle lists.
 *
 * Source: QEMU docs/devel/tcg-icount.rst and `qemu-system-x86_64 --help`, 7.2.
 */
export function qemuCommand(boot: QemuBoot): readonly string[] {
  const hmat = boot.machine.some((word) => word.includes('hmat-lb') || word.includes('initiator='));
  return [
    boot.qemu,
    '-M',
    hmat ? 'q35,hmat=on' : 'q35',
    ...everyBoot,
    ...(boot.exact ? exactTime : []),
    ...(boot.monitored ? ['-monitor', 'stdio'] : []),
    '-serial',
    `file:${boot.serialLog}`,
    '-kernel',
    boot.kernelImage,
    '-initrd',
    boot.initramfs,
    ...(boot.stream === undefined
      ? []
      : ['-fw_cfg', `name=opt/org.tierlab/stream,file=${boot.stream}`]),
    ...boot.machine,
    '-append',
    kernelCommandLine(boot.bootOptions),
  ];
}

const everyBoot =
  '-accel tcg -cpu max,rdrand=off,rdseed=off -nodefaults -no-reboot -display none'.split(' ');
const exactTime = '-icount shift=0,sleep=off -rtc base=2024-01-01,clock=vm'.split(' ');

/**
 * What every booted kernel is told: to speak on the serial line and only of errors, to end QEMU
 * instead of hanging after a panic, and to draw nothing at random: not its own address, not a
 * program's layout, not its generator's seed from the CPU or the boot loader.
 *
 * Source: Linux Documentation/admin-guide/kernel-parameters.txt, 6.12.
 */
export function kernelCommandLine(bootOptions: readonly string[]): string {
  const line = [
    'console=ttyS0 quiet panic=-1',
    'nokaslr norandmaps random.trust_cpu=off random.trust_bootloader=off',
    ...bootOptions,
  ].join(' ');
  if (line.length < COMMAND_LINE_BYTES_MAX) return line;
  throw new KernelLabError(
    'LAB_BAD_SCENARIO',
    `kernel command line: expected fewer than ${COMMAND_LINE_BYTES_MAX} bytes, got ${line.length}; use fewer boot options`,
  );
}

/** Source: Linux arch/x86/include/asm/setup.h COMMAND_LINE_SIZE, 6.12. */
const COMMAND_LINE_BYTES_MAX = 2048;

/** QEMU options that describe the machine itself, and so may stand in a record. */
const machineOptions = ['-smp', '-m', '-object', '-numa', '-device'] as const;

/**
 * Refuses what is not a description of CPUs, memory and nodes: another option could write a file,
 * open the network or take away what makes a run repeat. Throws `LAB_BAD_SCENARIO`.
 */
export function checkMachineArguments(words: readonly string[]): void {
  for (let i = 0; i < words.length; i += 2) {
    const option = words[i];
    const value = words[i + 1];
    if (!(machineOptions as readonly string[]).includes(option)) {
      throw new KernelLabError(
        'LAB_BAD_SCENARIO',
        `machine in QEMU's arguments: expected ${machineOptions.join(', ')}, got ${JSON.stringify(option)}; the lab chooses everything else`,
      );
    }
    if (value === undefined || value.startsWith('-')) {
      throw new KernelLabError(
        'LAB_BAD_SCENARIO',
        `machine in QEMU's arguments: ${option} has no value; give one after it`,
      );
    }
  }
}
