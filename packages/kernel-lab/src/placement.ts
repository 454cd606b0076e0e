import { KernelLabError } from './errors.ts';

/** Node of a page that is in flight or absent, `x` in a record. */
export const ABSENT = 255;

const ZERO = '0'.charCodeAt(0);

/**
 * Node of each page, from a record's runs of `<node><count in hex>`. Column, length `pageCount`.
 *
 * @throws {KernelLabError} `LAB_BAD_RECORD` when the text is no such runs, or they make another number of pages.
 */
export function parsePlacement(placement: string, pageCount: number): Uint8Array {
  const nodeOf = new Uint8Array(pageCount);
  let page = 0;
  for (const run of placement.split(' ')) {
    const match = /^([0-9x])([0-9a-f]+)$/.exec(run);
    if (match === null)
      throw new KernelLabError(
        'LAB_BAD_RECORD',
        `placement: expected <node><count in hex>, got ${JSON.stringify(run)}`,
      );
    const [, node = '', count = ''] = match;
    const end = page + Number.parseInt(count, 16);
    nodeOf.fill(node === 'x' ? ABSENT : node.charCodeAt(0) - ZERO, page, end);
    page = end;
  }
  if (page !== pageCount)
    throw new KernelLabError(
      'LAB_BAD_RECORD',
      `placement: expected ${pageCount} pages, got ${page}`,
    );
  return nodeOf;
}

/** The runs that {@link parsePlacement} reads as `nodeOf`. */
export function formatPlacement(nodeOf: Uint8Array): string {
  const runs: string[] = [];
  for (let page = 0; page < nodeOf.length;) {
    const node = nodeOf[page];
    let end = page + 1;
    while (end < nodeOf.length && nodeOf[end] === node) end++;
    runs.push(`${node === ABSENT ? 'x' : node}${(end - page).toString(16)}`);
    page = end;
  }
  return runs.join(' ');
}
