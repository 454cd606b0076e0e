import { decompress } from '../archive/decompress.ts';
import { readTar, type TarEntry } from '../archive/tar.ts';

/**
 * Access to the files of a sysfs snapshot, wherever they are. Paths are relative to the top of the
 * snapshot, with `/` between names and none at either end; the top itself is the empty path. All
 * three follow symbolic links on the way.
 */
export interface SysfsReader {
  /** The names in a directory; undefined where there is none. */
  readonly list: (path: string) => Promise<readonly string[] | undefined>;
  /** The text of a file; undefined where there is none. */
  readonly read: (path: string) => Promise<string | undefined>;
  /** What the last link of `path` points to, as written; undefined where it is no link. */
  readonly link: (path: string) => Promise<string | undefined>;
}

/** Links that may follow one another, as in Linux. */
const LINKS_MAX = 40;

/**
 * The reader of a snapshot in a tar archive, plain, gzip or bzip2. Throws FIRMWARE_BAD_ARCHIVE.
 */
export function sysfsFromTar(bytes: Uint8Array): SysfsReader {
  const entries = new Map<string, TarEntry | 'directory'>([['', 'directory']]);
  const names = new Map<string, Set<string>>();
  for (const entry of readTar(decompress(bytes))) {
    const parts = entry.path.split('/').filter((part) => part !== '');
    for (let i = 0; i < parts.length; i++) {
      const directory = parts.slice(0, i).join('/');
      const siblings = names.get(directory) ?? new Set<string>();
      names.set(directory, siblings.add(parts[i] ?? ''));
      if (i > 0 && !entries.has(directory)) entries.set(directory, 'directory');
    }
    entries.set(entry.path, entry.kind === 'directory' ? 'directory' : entry);
  }

  /** Where `path` leads when every link on the way, or all but the last, is followed. */
  const resolve = (path: string, followLast: boolean): string | undefined => {
    let rest = path.split('/').filter((part) => part !== '');
    let at: string[] = [];
    for (let links = 0; rest.length > 0;) {
      const [name = '', ...after] = rest;
      rest = after;
      if (name === '.') continue;
      if (name === '..') {
        at.pop();
        continue;
      }
      const entry = entries.get([...at, name].join('/'));
      if (entry === undefined) return undefined;
      if (entry === 'directory' || entry.kind !== 'link' || (rest.length === 0 && !followLast)) {
        at.push(name);
        continue;
      }
      if (++links > LINKS_MAX) return undefined;
      if (entry.target.startsWith('/')) at = [];
      rest = [...entry.target.split('/').filter((part) => part !== ''), ...rest];
    }
    return at.join('/');
  };
  const entryAt = (path: string, followLast = true): TarEntry | 'directory' | undefined => {
    const place = resolve(path, followLast);
    return place === undefined ? undefined : entries.get(place);
  };
  return {
    list: async (path) => {
      if (entryAt(path) !== 'directory') return undefined;
      return [...(names.get(resolve(path, true) ?? '') ?? [])].sort();
    },
    read: async (path) => {
      const entry = entryAt(path);
      return entry === undefined || entry === 'directory'
        ? undefined
        : new TextDecoder().decode(entry.content);
    },
    link: async (path) => {
      const entry = entryAt(path, false);
      return entry === undefined || entry === 'directory' || entry.kind !== 'link'
        ? undefined
        : entry.target;
    },
  };
}
