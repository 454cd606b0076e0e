import { SaxesParser } from 'saxes';

import { FirmwareError } from '../errors.ts';

/** An object of an hwloc topology that is memory or CPU, with where it stands. */
export interface HwlocNumaNode {
  readonly osIndex: number;
  readonly globalIndex: string | undefined;
  /** Which CPUs it is local to, as hwloc writes masks. */
  readonly cpuset: string;
  readonly sizeBytes: number;
  readonly attributes: Readonly<Record<string, string>>;
  /** Memory-side caches around it, from the outermost. */
  readonly caches: readonly HwlocMemoryCache[];
  /** Its `info` elements. */
  readonly infos: Map<string, string>;
}

interface HwlocMemoryCache {
  readonly depth: number;
  readonly sizeBytes: number;
  readonly lineBytes: number;
  /** 1: direct-mapped; 0: not known. */
  readonly associativity: number;
}

/** A value of a memory attribute. */
interface HwlocAttributeValue {
  readonly attribute: string;
  readonly targetGlobalIndex: string | undefined;
  readonly targetOsIndex: string | undefined;
  readonly targetType: string;
  readonly value: number;
  /** The initiator as a mask of CPUs; absent for one that is an object. */
  readonly initiatorCpuset: string | undefined;
}

interface HwlocDistances {
  readonly name: string;
  readonly type: string;
  /** `os` or `gp`: what the indexes are. */
  readonly indexing: string;
  readonly indexes: readonly string[];
  readonly values: readonly number[];
}

/** What of an hwloc topology a machine is made from. */
export interface HwlocTopology {
  readonly version: string;
  readonly nodes: readonly HwlocNumaNode[];
  readonly cpus: readonly number[];
  readonly attributeValues: readonly HwlocAttributeValue[];
  readonly distances: readonly HwlocDistances[];
  /** `info` elements of the topology and of its root: `Backend`, `OSRelease`. */
  readonly infos: ReadonlyMap<string, string>;
}

type Attributes = Readonly<Record<string, string>>;

/**
 * Reads hwloc's XML, versions 2 and 3. Throws FIRMWARE_BAD_HWLOC, with line and column.
 * Source: hwloc 2.12 doc, "XML", and hwloc/topology-xml.c.
 */
export function parseHwloc(text: string): HwlocTopology {
  const parser = new SaxesParser();
  const reject = (what: string): never => {
    throw new FirmwareError(
      'FIRMWARE_BAD_HWLOC',
      `hwloc XML, ${parser.line}:${parser.column}: ${what}; write it with lstopo --of xml`,
    );
  };
  const reader = new Reader(reject);
  parser.on('error', ({ message }) => reject(message.replace(/^\d+:\d+: /, '')));
  parser.on('opentag', ({ name, attributes }) => reader.open(name, attributes));
  parser.on('text', (part) => reader.text(part));
  parser.on('closetag', ({ name }) => reader.close(name));
  parser.write(text).close();
  return reader.finish();
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** The reader's state: which elements are open. */
class Reader {
  private version: string | undefined;
  private readonly nodes: HwlocNumaNode[] = [];
  private readonly cpus: number[] = [];
  private readonly attributeValues: HwlocAttributeValue[] = [];
  private readonly distances: HwlocDistances[] = [];
  private readonly infos = new Map<string, string>();
  private readonly caches: HwlocMemoryCache[] = [];
  private readonly objects: { readonly type: string; readonly node?: HwlocNumaNode }[] = [];
  private attribute = '';
  private matrix: { readonly attributes: Attributes; indexes: string; values: string } | undefined;
  private gathering: 'indexes' | 'values' | undefined;
  private readonly reject: (what: string) => never;

  constructor(reject: (what: string) => never) {
    this.reject = reject;
  }

  open(name: string, attributes: Attributes): void {
    if (this.version === undefined && name !== 'topology') {
      this.reject(`expected an hwloc topology, got <${name}>`);
    }
    if (name === 'topology') {
      this.version = attributes['version'] ?? '1';
      if (!/^[23]\./.test(this.version)) {
        this.reject(`expected version 2 or 3 of its XML, got ${this.version}`);
      }
    }
    if (name === 'object') this.openObject(attributes);
    else if (name === 'info') this.info(attributes);
    else if (name === 'memattr') this.attribute = attributes['name'] ?? '';
    else if (name === 'memattr_value') this.attributeValue(attributes);
    else if (name === 'distances2') this.matrix = { attributes, indexes: '', values: '' };
    else if (name === 'indexes') this.gathering = 'indexes';
    else if (name === 'u64values') this.gathering = 'values';
  }

  text(part: string): void {
    if (this.matrix !== undefined && this.gathering !== undefined)
      this.matrix[this.gathering] += part;
  }

  close(name: string): void {
    if (name === 'object' && this.objects.pop()?.type === 'MemCache') this.caches.pop();
    else if (name === 'indexes' || name === 'u64values') this.gathering = undefined;
    else if (name === 'distances2' && this.matrix !== undefined) {
      const { attributes, indexes, values } = this.matrix;
      this.distances.push({
        name: attributes['name'] ?? '',
        type: attributes['type'] ?? '',
        indexing: attributes['indexing'] ?? 'gp',
        indexes: words(indexes),
        values: words(values).map(Number),
      });
      this.matrix = undefined;
    }
  }

  finish(): HwlocTopology {
    if (this.nodes.length === 0) this.reject('no NUMANode object');
    return {
      version: this.version ?? '',
      nodes: this.nodes,
      cpus: this.cpus,
      attributeValues: this.attributeValues,
      distances: this.distances,
      infos: this.infos,
    };
  }

  private openObject(attributes: Attributes): void {
    const { type = '', os_index: osIndex = '' } = attributes;
    if (type === 'MemCache') {
      this.caches.push({
        depth: Number(attributes['depth'] ?? 1),
        sizeBytes: this.count(attributes, 'cache_size'),
        lineBytes: this.count(attributes, 'cache_linesize'),
        associativity: Number(attributes['cache_associativity'] ?? 0),
      });
    }
    if (type === 'PU') this.cpus.push(Number(osIndex));
    if (type !== 'NUMANode') {
      this.objects.push({ type });
      return;
    }
    if (!/^\d+$/.test(osIndex)) this.reject('NUMANode without os_index');
    const node: HwlocNumaNode = {
      osIndex: Number(osIndex),
      globalIndex: attributes['gp_index'],
      cpuset: attributes['cpuset'] ?? '',
      sizeBytes: this.count(attributes, 'local_memory'),
      attributes,
      caches: [...this.caches],
      infos: new Map(),
    };
    this.nodes.push(node);
    this.objects.push({ type, node });
  }

  private info({ name, value }: Attributes): void {
    const open = this.objects.at(-1);
    if (name === undefined || value === undefined) return;
    if (open?.node !== undefined) open.node.infos.set(name, value);
    else if (open === undefined || open.type === 'Machine') this.infos.set(name, value);
  }

  private attributeValue(attributes: Attributes): void {
    this.attributeValues.push({
      attribute: this.attribute,
      targetGlobalIndex: attributes['target_obj_gp_index'],
      targetOsIndex: attributes['target_obj_os_index'],
      targetType: attributes['target_obj_type'] ?? '',
      value: this.count(attributes, 'value'),
      initiatorCpuset: attributes['initiator_cpuset'],
    });
  }

  private count(attributes: Attributes, name: string): number {
    const text = attributes[name] ?? '0';
    return /^\d{1,16}$/.test(text)
      ? Number(text)
      : this.reject(`expected a number as ${name}, got ${JSON.stringify(text)}`);
  }
}
