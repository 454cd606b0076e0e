import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openTlt, randomAccess } from './native/reader.ts';

interface ManifestRow {
  readonly name: string;
  readonly accesses: number;
  readonly writes: number;
  readonly pages: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly licence: string;
}

const folder = new URL('../../../traces/', import.meta.url);
const manifest = JSON.parse(
  readFileSync(new URL('manifest.json', folder), 'utf8'),
) as readonly ManifestRow[];

it('every shipped trace has its row, and every row its trace', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.tlt'));
  expect(files.sort()).toEqual(manifest.map(({ name }) => `${name}.tlt`));
});

it.each(manifest)('$name is what its row says, whole, with touches', async (row) => {
  const bytes = readFileSync(new URL(`${row.name}.tlt`, folder));
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(row.sha256);
  const trace = await openTlt(randomAccess(row.name, bytes));
  let [accesses, writes, pages, intervals] = [0, 0, 0, 0];
  const touched = new Set<number>();
  for await (const block of trace.blocks()) {
    accesses += block.length;
    pages += block.newPageNumber.length;
    for (let i = 0; i < block.length; i++) writes += block.write[i];
    for (const { page } of block.touches ?? []) {
      intervals++;
      for (const id of page) touched.add(id);
    }
  }
  expect({ accesses, writes, pages }).toEqual({
    accesses: row.accesses,
    writes: row.writes,
    pages: row.pages,
  });
  expect(trace.complete).toBe(true);
  // A page that memory saw was touched, but for what the last, unfinished interval cut off.
  expect(touched.size).toBeGreaterThan(0.99 * pages);
  expect(intervals).toBeGreaterThan(1);
  expect(row.licence).not.toBe('');
});
