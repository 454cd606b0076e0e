import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readSync, closeSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type CpioFile, writeCpio } from '@tierlab/firmware';

import { KernelLabError } from '../errors.ts';
import { findTool } from './host-tools.ts';
import { qemuCommand } from './qemu-command.ts';
import { checkMachine, type GuestMachine } from './scenario.ts';

/** One boot: a kernel, a machine, what is in the guest's file system, and how long it may take. */
export interface GuestBoot {
  readonly kernelImage: string;
  readonly machine: GuestMachine;
  readonly files: readonly CpioFile[];
  readonly bootOptions: readonly string[];
  readonly exact: boolean;
  /** What the agent plays; see `encodePlay`. */
  readonly stream?: Uint8Array;
  /** What to tell QEMU's monitor when the guest says a line, e.g. to plug memory in. */
  readonly monitor?: (line: string) => readonly string[];
  readonly run: RunOptions;
}

/** How a boot is watched and ended. */
export interface RunOptions {
  /** Ends the boot and removes everything it made; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Wall-clock limit, 15 minutes unless given; `LAB_TIMEOUT` when it is over. */
  readonly timeLimitMs?: number;
  /** Called with every whole line of the guest's serial line, soon after it is written. */
  readonly onLine?: (line: string) => void;
}

const TIME_LIMIT_MS = 15 * 60_000;
const POLL_MS = 200;
const LAST_LINES = 12;

/**
 * Boots the guest, waits until it switches itself off and returns the lines of its serial line.
 *
 * Nothing stays behind, however it ends: files are in one temporary directory that goes with the
 * boot, and QEMU is killed when the boot is aborted, runs out of time or this process exits.
 * Throws `LAB_TOOL_MISSING`, `LAB_BAD_SCENARIO`, `LAB_TIMEOUT`, `LAB_BOOT_FAILED`.
 */
export async function bootGuest(boot: GuestBoot): Promise<readonly string[]> {
  boot.run.signal?.throwIfAborted();
  checkMachine(boot.machine);
  const qemu = findTool('qemu-system-x86_64');
  const directory = mkdtempSync(join(tmpdir(), 'tierlab-boot-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const initramfs = join(directory, 'initramfs.cpio');
    writeFileSync(
      initramfs,
      Buffer.concat([tableOverride(boot.machine.tables ?? []), writeCpio(boot.files)]),
    );
    const serialLog = join(directory, 'serial.log');
    writeFileSync(serialLog, '');
    const command = qemuCommand({
      qemu,
      machine: boot.machine.qemu,
      kernelImage: boot.kernelImage,
      initramfs,
      serialLog,
      bootOptions: boot.bootOptions,
      exact: boot.exact,
      monitored: boot.monitor !== undefined,
      ...streamFile(directory, boot.stream),
    });
    return await runQemu(command, serialLog, boot);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

function streamFile(directory: string, stream?: Uint8Array): { readonly stream?: string } {
  if (stream === undefined) return {};
  const path = join(directory, 'stream');
  writeFileSync(path, stream);
  return { stream: path };
}

/**
 * The archive with which Linux replaces or adds ACPI tables, to stand uncompressed before the
 * initramfs; nothing where there is no table.
 *
 * Source: Linux Documentation/admin-guide/acpi/initrd_table_override.rst, 6.12.
 */
export function tableOverride(tables: readonly Uint8Array[]): Uint8Array {
  if (tables.length === 0) return new Uint8Array(0);
  return writeCpio(
    tables.map((content, i) => ({ path: `kernel/firmware/acpi/table${i}.aml`, content })),
  );
}

async function runQemu(
  command: readonly string[],
  serialLog: string,
  { monitor, run: { signal, timeLimitMs = TIME_LIMIT_MS, onLine } }: GuestBoot,
): Promise<readonly string[]> {
  // So that QEMU dies with this process however that ends, also when it is killed.
  const words = ['--pdeathsig', 'KILL', '--', ...command];
  const child = spawn(findTool('setpriv'), words, { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.on('error', () => undefined); // QEMU may end while it is told something
  const log = new GrowingLog(serialLog, (line) => {
    for (const words of monitor?.(line) ?? []) child.stdin.write(`${words}\n`);
    // A kernel without ACPI switches nothing off.
    if (monitor !== undefined && line === '@done') child.stdin.write('quit\n');
    onLine?.(line);
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  signal?.addEventListener('abort', kill, { once: true });
  let timeIsOver = false;
  const limit = setTimeout(() => {
    timeIsOver = true;
    kill();
  }, timeLimitMs);
  const poll = setInterval(() => log.read(), POLL_MS);
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    log.read();
    signal?.throwIfAborted();
    if (timeIsOver) {
      throw new KernelLabError(
        'LAB_TIMEOUT',
        `the guest: expected it to end within ${timeLimitMs / 1000} s; give it longer, or less to do. Its last words:\n${lastWords(log.lines)}`,
      );
    }
    if (exitCode !== 0 || !log.lines.includes('@done')) {
      throw new KernelLabError(
        'LAB_BOOT_FAILED',
        `the guest ended before its task was done (QEMU's exit code ${exitCode}). ${complaint.trim()}\nIts last words:\n${lastWords(log.lines)}`,
      );
    }
    return log.lines;
  } finally {
    clearTimeout(limit);
    clearInterval(poll);
    signal?.removeEventListener('abort', kill);
    process.off('exit', kill);
    log.close();
  }
}

const lastWords = (lines: readonly string[]): string =>
  lines
    .slice(-LAST_LINES)
    .map((line) => `  ${line.slice(0, 200)}`)
    .join('\n');

/** The whole lines of a file that another process appends to. */
class GrowingLog {
  readonly lines: string[] = [];
  readonly #file: number;
  readonly #onLine: (line: string) => void;
  readonly #chunk = Buffer.alloc(1 << 16);
  #rest = '';

  constructor(path: string, onLine: (line: string) => void) {
    this.#file = openSync(path, 'r');
    this.#onLine = onLine;
  }

  read(): void {
    for (;;) {
      const length = readSync(this.#file, this.#chunk, 0, this.#chunk.length, null);
      if (length === 0) return;
      // A serial line is bytes; the guest's programs write ASCII.
      const parts = (this.#rest + this.#chunk.toString('latin1', 0, length)).split('\n');
      this.#rest = parts.pop()!;
      for (const part of parts) {
        const line = part.replaceAll('\r', '');
        this.lines.push(line);
        this.#onLine(line);
      }
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
