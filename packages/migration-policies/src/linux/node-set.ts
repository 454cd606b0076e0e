import { PolicyError, type MemoryView, type NodeId, type Param } from '@tierlab/policy';

const LIST = /^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/;

/** Node ids written as the kernel writes lists: `0-2,5`. */
export function nodeSet(spec: { readonly default: string; readonly doc: string }): Param<string> {
  return {
    doc: spec.doc,
    default: spec.default,
    form: 'node list',
    parse(text) {
      const problem = problemOf(text);
      return problem === undefined ? { value: text } : { problem };
    },
    check: problemOf,
    show: (value) => value,
  };
}

/**
 * The nodes of a list, in its order.
 *
 * @throws {PolicyError} `POLICY_BAD_PARAM` where one of them has no memory on this machine.
 */
export function parseNodes(list: string, memory: MemoryView): NodeId[] {
  const wanted = list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
  });
  return wanted.map((id) => {
    const node = memory.nodes.find((candidate) => candidate.id === id);
    if (node === undefined)
      throw new PolicyError(
        'POLICY_BAD_PARAM',
        `nodes: node ${id} has no memory; there are ${memory.nodes.map((other) => other.id).join(', ')}`,
      );
    return node.id;
  });
}

function problemOf(text: string): string | undefined {
  return LIST.test(text) ? undefined : 'not a list such as 0-2,5';
}
