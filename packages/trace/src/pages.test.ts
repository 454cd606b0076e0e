import { assert, it } from 'vitest';
import { createColumns, releaseColumns } from './columns.ts';
import { createPageTable, pageId } from './pages.ts';
import { createRandom } from './testing-inputs.ts';

it('is the same table where a kernel fills it anew as where TypeScript does', () => {
  const random = createRandom(5);
  const columns = createColumns('kernel', {});
  const plain = createPageTable('plain');
  for (let i = 0; i < 100_000; i++) {
    // Neighbours, pages far away, and all of them again.
    const low = Math.floor(random() ** 3 * 2 ** 20) | 0;
    const high = random() < 0.2 ? Math.floor(random() * 2 ** 32) | 0 : 0;
    assert.equal(pageId(columns.pages, low, high), pageId(plain, low, high));
  }
  const { pages } = columns;
  assert.isAbove(pages.count, 50_000);
  assert.equal(pages.count, plain.count);
  assert.equal(pages.shift, plain.shift);
  assert.deepEqual(pages.slots, plain.slots);
  const words = 2 * (plain.count + 1);
  assert.deepEqual(pages.numbers.subarray(2, words), plain.numbers.subarray(2, words));
  releaseColumns(columns);
});
