import type { SysfsReader } from './reader.ts';

/** A snapshot in which the directory of the nodes has been found. */
export interface Snapshot {
  /** The text of a file under `/sys/devices/system/node`, without the NULs that tar pads with. */
  readonly node: (path: string) => Promise<string | undefined>;
  readonly nodeNames: (path: string) => Promise<readonly string[] | undefined>;
  /** As `node`, under `/sys`; nothing where only the nodes were saved. */
  readonly sys: (path: string) => Promise<string | undefined>;
  readonly sysNames: (path: string) => Promise<readonly string[] | undefined>;
  readonly sysLink: (path: string) => Promise<string | undefined>;
  /** As `node`, under `/proc`. */
  readonly proc: (path: string) => Promise<string | undefined>;
}

/**
 * Finds `/sys/devices/system/node` in a snapshot whose top is `/`, `/sys`, that directory itself, or
 * one directory that holds any of them; undefined where there is none.
 */
export async function findSnapshot(reader: SysfsReader): Promise<Snapshot | undefined> {
  const tops = ['', ...((await reader.list('')) ?? []).map((name) => `${name}/`)];
  for (const top of tops) {
    for (const sys of [`${top}sys/`, top]) {
      const nodes = `${sys}devices/system/node`;
      if (await hasNodes(reader, nodes)) return snapshotAt(reader, { nodes, sys, top });
    }
    const nodes = top.replace(/\/$/, '');
    if (await hasNodes(reader, nodes)) {
      return snapshotAt(reader, { nodes, sys: undefined, top: undefined });
    }
  }
  return undefined;
}

async function hasNodes(reader: SysfsReader, path: string): Promise<boolean> {
  const names = (await reader.list(path)) ?? [];
  return names.some((name) => /^node\d+$/.test(name));
}

interface Places {
  readonly nodes: string;
  readonly sys: string | undefined;
  readonly top: string | undefined;
}

function snapshotAt(reader: SysfsReader, { nodes, sys, top }: Places): Snapshot {
  const read = async (path: string): Promise<string | undefined> =>
    (await reader.read(path))?.replaceAll('\0', '');
  const inNodes = (path: string): string => [nodes, path].filter((part) => part !== '').join('/');
  return {
    node: (path) => read(inNodes(path)),
    nodeNames: (path) => reader.list(inNodes(path)),
    sys: async (path) => (sys === undefined ? undefined : read(`${sys}${path}`)),
    sysNames: async (path) => (sys === undefined ? undefined : reader.list(`${sys}${path}`)),
    sysLink: async (path) => (sys === undefined ? undefined : reader.link(`${sys}${path}`)),
    proc: async (path) => (top === undefined ? undefined : read(`${top}proc/${path}`)),
  };
}
