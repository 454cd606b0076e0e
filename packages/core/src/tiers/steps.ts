import { InputError } from '../errors.ts';
import { nodeId, type NodeId } from '../units.ts';

/** Something that happens to a running machine. */
export type HotplugStep =
  /** All memory of a node goes offline or online: `offline 4`, `online 4`. */
  | { readonly kind: 'offline' | 'online'; readonly node: NodeId }
  /** One 128 MiB memory block, by its number in sysfs: `offline-block 4`, `online-block 4`. */
  | { readonly kind: 'offline-block' | 'online-block'; readonly block: number }
  /** kmem takes the node's dax devices, those of a CXL window by creating a region first: `kmem 2`. */
  | { readonly kind: 'kmem' | 'unbind'; readonly node: NodeId }
  /** The same for every dax device of the machine: `kmem`, `unbind`. */
  | { readonly kind: 'kmem-all' | 'unbind-all' }
  /** The kmem module goes: `unload-kmem`. */
  | { readonly kind: 'unload-kmem' }
  /** ACPI hot-plug fills, or empties, a node's hot-pluggable window: `add 1`, `remove 1`. */
  | { readonly kind: 'add' | 'remove'; readonly node: NodeId }
  /** A CPU, by its logical number: `offline-cpu 1`, `online-cpu 1`. */
  | { readonly kind: 'offline-cpu' | 'online-cpu'; readonly cpu: number };

const FORMS =
  'offline N, online N, offline-block B, online-block B, kmem [N], unbind [N], unload-kmem, add N, remove N, offline-cpu C, online-cpu C';

/** Reads `offline 4; online 4; kmem 2`. Throws `CORE_BAD_STEP`. */
export function parseHotplugSteps(text: string): HotplugStep[] {
  return text
    .split(/[;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseStep);
}

const WITH_NODE = ['offline', 'online', 'kmem', 'unbind', 'add', 'remove'] as const;
const WITH_BLOCK = ['offline-block', 'online-block'] as const;
const WITH_CPU = ['offline-cpu', 'online-cpu'] as const;
const ALONE = ['kmem', 'unbind'] as const;

function parseStep(text: string): HotplugStep {
  const match = /^([a-z-]+)(?:\s+(\d{1,6}))?$/.exec(text);
  const word = match?.[1];
  if (match?.[2] === undefined) {
    const kind = ALONE.find((kind) => kind === word);
    if (kind) return { kind: `${kind}-all` };
    if (word === 'unload-kmem') return { kind: word };
  } else {
    const number = Number(match[2]);
    const ofNode = WITH_NODE.find((kind) => kind === word);
    if (ofNode) return { kind: ofNode, node: nodeId(number) };
    const ofBlock = WITH_BLOCK.find((kind) => kind === word);
    if (ofBlock) return { kind: ofBlock, block: number };
    const ofCpu = WITH_CPU.find((kind) => kind === word);
    if (ofCpu) return { kind: ofCpu, cpu: number };
  }
  throw new InputError(
    'CORE_BAD_STEP',
    `hotplug step ${JSON.stringify(text)}: expected one of ${FORMS}, separated by ";"`,
  );
}

/** The step as {@link parseHotplugSteps} reads it. */
export function stepText(step: HotplugStep): string {
  if ('node' in step) return `${step.kind} ${step.node}`;
  if ('block' in step) return `${step.kind} ${step.block}`;
  if ('cpu' in step) return `${step.kind} ${step.cpu}`;
  return step.kind.replace(/-all$/, '');
}
