import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { KernelLabError } from '../errors.ts';
import { findTool } from './host-tools.ts';
import { compareReleases, isOfVersion, kernelImages, type KernelImage } from './kernel-image.ts';

const execute = promisify(execFile);

/** Where a kernel may come from. */
export interface KernelSource {
  /** Fetched kernels are kept here; see `defaultCacheDirectory`. */
  readonly cacheDirectory: string;
  /**
   * A Debian suite to look in (`trixie`, `sid`), from the host's own mirror; without it, whatever
   * the host's package lists offer. Nothing is installed either way.
   */
  readonly suite?: string;
  readonly signal?: AbortSignal;
  /** Called with what is being done, before it is done. */
  readonly onTalk?: (line: string) => void;
}

/**
 * The newest kernel of `version` (`6.12`, `6.12.107`, `6.1.0-56-amd64`) that is here; failing that,
 * it is fetched from Debian's packages and kept. With a suite, the newest of that suite.
 * Throws `LAB_KERNEL_NOT_FOUND`, `LAB_TOOL_MISSING`.
 */
export async function findKernel(version: string, source: KernelSource): Promise<KernelImage> {
  if (!/^\d+\.\d+/.test(version)) {
    throw new KernelLabError(
      'LAB_KERNEL_NOT_FOUND',
      `kernel ${JSON.stringify(version)}: expected a version, as 6.12, 6.12.107 or 6.1.0-56-amd64`,
    );
  }
  const here = kernelImages(source.cacheDirectory).filter((k) => isOfVersion(k.release, version));
  if (here.length > 0 && source.suite === undefined) return here[0];
  const apt = await aptFor(source);
  const newest = kernelPackages(await apt.search()).find((p) => isOfVersion(p.release, version));
  if (newest === undefined) {
    throw new KernelLabError(
      'LAB_KERNEL_NOT_FOUND',
      `kernel ${version}: none is cached in ${source.cacheDirectory} or in /boot, and no linux-image of it is in ${source.suite ?? "this host's package lists"}; run apt-get update, name another Debian suite (trixie, trixie-backports, sid), or name an image file`,
    );
  }
  return here.find((k) => k.release === newest.release) ?? (await fetchKernel(newest, apt, source));
}

/** A Debian package that holds a kernel, or depends on the one that does. */
export interface KernelPackage {
  readonly name: string;
  readonly release: string;
}

/**
 * The bootable x86-64 kernels among package names, the newest first: not the meta-packages, nor the
 * real-time and cloud builds, and of a signed and an unsigned one the signed.
 */
export function kernelPackages(names: readonly string[]): readonly KernelPackage[] {
  const byRelease = new Map<string, string>();
  for (const name of [...names].sort()) {
    const release = /^linux-image-(\d+\.\d+[^-]*(?:-\d+)?-amd64)(?:-unsigned)?$/.exec(name)?.[1];
    if (release === undefined || !/^\d+\.\d+\.\d+/.test(release)) continue;
    if (!byRelease.has(release)) byRelease.set(release, name);
  }
  return [...byRelease]
    .map(([release, name]) => ({ name, release }))
    .sort((a, b) => compareReleases(b.release, a.release));
}

/** apt's tools, told where to look. */
interface Apt {
  search(): Promise<readonly string[]>;
  /** Downloads one package into a directory and returns its file's path. */
  download(name: string, directory: string): Promise<string>;
}

async function aptFor(source: KernelSource): Promise<Apt> {
  const aptGet = findTool('apt-get');
  const aptCache = findTool('apt-cache');
  const options = source.suite === undefined ? [] : await suiteOptions(source.suite, source);
  const abort = source.signal === undefined ? {} : { signal: source.signal };
  return {
    async search() {
      const words = [...options, 'search', '--names-only', '^linux-image-[0-9].*-amd64'];
      const { stdout } = await execute(aptCache, words, { ...abort, maxBuffer: 1 << 26 });
      return stdout.split('\n').map((line) => line.split(' ')[0]);
    },
    async download(name, directory) {
      source.onTalk?.(`fetching ${name}`);
      await execute(aptGet, [...options, 'download', name], { ...abort, cwd: directory });
      const file = readdirSync(directory).find((entry) => entry.startsWith(`${name}_`));
      if (file !== undefined) return join(directory, file);
      throw new KernelLabError('LAB_KERNEL_NOT_FOUND', `${name}: apt-get left no package file`);
    },
  };
}

/** apt's options for lists of its own with one suite in them, so that the host's stay as they are. */
async function suiteOptions(suite: string, source: KernelSource): Promise<readonly string[]> {
  const directory = join(source.cacheDirectory, 'apt', suite);
  mkdirSync(join(directory, 'lists', 'partial'), { recursive: true });
  mkdirSync(join(directory, 'cache', 'archives', 'partial'), { recursive: true });
  const sources = join(directory, 'sources.list');
  writeFileSync(
    sources,
    `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${await hostMirror()} ${suite} main\n`,
  );
  const options = [
    `Dir::State::Lists=${join(directory, 'lists')}`,
    `Dir::Cache=${join(directory, 'cache')}`,
    `Dir::Etc::SourceList=${sources}`,
    'Dir::Etc::SourceParts=/dev/null',
    'Acquire::Languages=none',
  ].flatMap((option) => ['-o', option]);
  source.onTalk?.(`reading the package list of ${suite}`);
  const abort = source.signal === undefined ? {} : { signal: source.signal };
  await execute(findTool('apt-get'), [...options, 'update'], abort);
  return options;
}

/** The mirror that the host takes Debian from. Throws `LAB_KERNEL_NOT_FOUND` if it takes none. */
async function hostMirror(): Promise<string> {
  const { stdout } = await execute(findTool('apt-get'), [
    'indextargets',
    '--format',
    '$(ORIGIN) $(LABEL) $(SITE)',
    'Identifier: Packages',
  ]);
  const line = stdout.split('\n').find((candidate) => candidate.startsWith('Debian Debian '));
  if (line !== undefined) return line.split(' ')[2];
  throw new KernelLabError(
    'LAB_KERNEL_NOT_FOUND',
    'no Debian mirror among the sources of this host; run apt-get update, or name an image file',
  );
}

async function fetchKernel(
  { name, release }: KernelPackage,
  apt: Apt,
  { cacheDirectory, onTalk }: KernelSource,
): Promise<KernelImage> {
  const kept = join(cacheDirectory, 'kernels');
  mkdirSync(kept, { recursive: true });
  const directory = mkdtempSync(join(kept, '.fetching-'));
  try {
    const root = join(directory, 'root');
    await unpack(await apt.download(name, directory), root, onTalk);
    // Debian's newer image packages are empty: they depend on one for the image and one for modules.
    if (imageIn(root, release) === undefined) {
      for (const part of ['binary', 'modules']) {
        await unpack(await apt.download(`linux-${part}-${release}`, directory), root, onTalk);
      }
    }
    return keep(root, release, kept);
  } catch (error) {
    if (error instanceof KernelLabError || (error as Error).name === 'AbortError') throw error;
    throw new KernelLabError(
      'LAB_KERNEL_NOT_FOUND',
      `kernel ${release}: fetching it failed: ${(error as Error).message.trim()}; check the network, or name an image file`,
      { cause: error },
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function unpack(file: string, root: string, onTalk?: (line: string) => void): Promise<void> {
  onTalk?.(`unpacking ${file.split('/').at(-1)}`);
  await execute(findTool('dpkg-deb'), ['-x', file, root]);
  rmSync(file);
}

/** Where a Debian package has its kernel's image: under `boot`, or in newer ones beside the modules. */
const imageIn = (root: string, release: string): string | undefined =>
  [
    join(root, 'boot', `vmlinuz-${release}`),
    join(root, 'usr/lib/modules', release, 'vmlinuz'),
  ].find((path) => existsSync(path));

/** Directory of the modules that a boot may load: see `daxModules`. */
const KEPT_MODULES = 'drivers/dax';

/** Keeps the image and the few modules; a kernel package has some 100 MB of others. */
function keep(root: string, release: string, kept: string): KernelImage {
  const image = imageIn(root, release);
  if (image === undefined) {
    throw new KernelLabError(
      'LAB_KERNEL_NOT_FOUND',
      `kernel ${release}: its Debian packages hold no image where one is expected; name an image file`,
    );
  }
  const chosen = join(root, 'chosen');
  mkdirSync(join(chosen, 'modules'), { recursive: true });
  const name = `vmlinuz-${release}`;
  renameSync(image, join(chosen, name));
  for (const library of ['lib', 'usr/lib']) {
    const from = join(root, library, 'modules', release, 'kernel', KEPT_MODULES);
    if (existsSync(from)) renameSync(from, join(chosen, 'modules', 'dax'));
  }
  const place = join(kept, release);
  rmSync(place, { recursive: true, force: true });
  renameSync(chosen, place);
  return { release, image: join(place, name), modules: join(place, 'modules') };
}
