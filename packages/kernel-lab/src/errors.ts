import { InputError } from '@tierlab/core';

/** Why a kernel could not be booted, or a record of one not be used; the codes are stable. */
export type KernelLabErrorCode =
  /** A program that boots or builds is not installed; the message names its Debian package. */
  | 'LAB_TOOL_MISSING'
  /** No image of the kernel that was asked for is here, and none could be fetched. */
  | 'LAB_KERNEL_NOT_FOUND'
  /** The scenario, machine or access stream makes no sense, or does not fit what boots it. */
  | 'LAB_BAD_SCENARIO'
  /** QEMU or the kernel in it ended before the work was done; the message shows its last words. */
  | 'LAB_BOOT_FAILED'
  /** The boot took longer than its time limit. */
  | 'LAB_TIMEOUT'
  /** A record is not of the form that `lab record` writes. */
  | 'LAB_BAD_RECORD';

/** A kernel that cannot be booted or a record that cannot be read: the message says what to do. */
export class KernelLabError extends InputError<KernelLabErrorCode> {
  override readonly name: string = 'KernelLabError';
}
