import {
  defaultCacheDirectory,
  findKernel,
  kernelFromFile,
  type KernelImage,
} from '@tierlab/kernel-lab';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';

/** Options that say which kernels are booted. */
export interface KernelOptions {
  readonly kernel: readonly string[];
  readonly kernelImage: readonly string[];
  readonly kernelModules?: string;
  readonly suite?: string;
}

const DEFAULT_VERSION = '6.12';

/** The kernels that the options name, images first; the newest 6.12 where they name none. */
export async function chosenKernels(
  { kernel, kernelImage, kernelModules, suite }: KernelOptions,
  context: CommandContext,
): Promise<readonly KernelImage[]> {
  if (kernelModules !== undefined && kernelImage.length !== 1) {
    throw new CliError(
      'CLI_OPTION_WITHOUT_EFFECT',
      `--kernel-modules ${kernelModules}: these are the modules of one --kernel-image, and ${kernelImage.length} are given`,
    );
  }
  const versions =
    kernel.length === 0 && kernelImage.length === 0 ? [DEFAULT_VERSION] : [...kernel];
  if (suite !== undefined && versions.length === 0) {
    throw new CliError(
      'CLI_OPTION_WITHOUT_EFFECT',
      `--suite ${suite}: it says where to fetch a --kernel from, and only images are given`,
    );
  }
  const kernels = kernelImage.map((file) => kernelFromFile(file, kernelModules));
  for (const version of versions) {
    kernels.push(
      await findKernel(version, {
        cacheDirectory: defaultCacheDirectory(),
        signal: context.signal,
        onTalk: (line) => void context.stderr.write(`${line}\n`),
        ...(suite !== undefined && { suite }),
      }),
    );
  }
  return kernels;
}
