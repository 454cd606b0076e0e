import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { KernelLabError } from '../errors.ts';

/** The programs that the lab runs or hands to the guest, and the Debian package that has each. */
const packageOf = {
  'qemu-system-x86_64': 'qemu-system-x86',
  busybox: 'busybox-static',
  gcc: 'gcc and libc6-dev',
  'apt-get': 'apt',
  'apt-cache': 'apt',
  'dpkg-deb': 'dpkg',
  setpriv: 'util-linux',
  xz: 'xz-utils',
} as const;

export type HostTool = keyof typeof packageOf;

/** The path of a program on `searchPath` (`PATH`'s form), or throws `LAB_TOOL_MISSING`. */
export function findTool(tool: HostTool, searchPath: string = process.env['PATH'] ?? ''): string {
  for (const directory of searchPath.split(delimiter)) {
    const path = join(directory, tool);
    if (directory !== '' && isExecutable(path)) return path;
  }
  throw new KernelLabError(
    'LAB_TOOL_MISSING',
    `${tool}: not found on PATH; install ${packageOf[tool]}`,
  );
}

/** The busybox to put into the guest, where there is no library that it could load. */
export function findStaticBusybox(searchPath?: string): string {
  const path = findTool('busybox', searchPath);
  if (isStaticElf(readFileSync(path))) return path;
  throw new KernelLabError(
    'LAB_TOOL_MISSING',
    `${path}: needs shared libraries, and the guest has none; install busybox-static`,
  );
}

/** The first line of what QEMU says of itself. */
export async function qemuVersion(): Promise<string> {
  const { stdout } = await promisify(execFile)(findTool('qemu-system-x86_64'), ['--version']);
  return stdout.split('\n')[0];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const ELF_MAGIC = 0x7f454c46;
const PT_INTERP = 3;

/**
 * Whether a 64-bit ELF program names no interpreter, that is, no dynamic loader.
 * Source: System V ABI, "ELF header" and "Program header", 64-bit class.
 */
export function isStaticElf(program: Uint8Array): boolean {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  if (program.length < 64 || view.getUint32(0) !== ELF_MAGIC) return false;
  const headersStart = Number(view.getBigUint64(32, true));
  const headerBytes = view.getUint16(54, true);
  const headerCount = view.getUint16(56, true);
  for (let i = 0; i < headerCount; i++) {
    if (view.getUint32(headersStart + i * headerBytes, true) === PT_INTERP) return false;
  }
  return true;
}
