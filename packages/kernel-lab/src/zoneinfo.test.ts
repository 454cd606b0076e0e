import { expect, test } from 'vitest';
import { largestZone, parseZoneinfo } from './zoneinfo.ts';

const zone = (node: number, name: string, managed: number, more = ''): string =>
  `Node ${node}, zone ${name.padStart(8)}
  pages free     ${managed - 10}
        min      1
        low      2
        high     3
        promo    4
        spanned  ${managed}
        present  ${managed}
        managed  ${managed}
      nr_free_pages ${managed - 10}
${more}`;

const text =
  zone(0, 'DMA', 3840) +
  zone(0, 'DMA32', 50_697, '              count:    1693\n') +
  zone(0, 'Movable', 0) +
  zone(1, 'DMA32', 128_431, '              count:    916\n');

test('zones with memory are read, with the length of the list where it is shown', () => {
  const zones = parseZoneinfo(text);
  expect(zones.map(({ node, type, managedPages }) => [node, type, managedPages])).toEqual([
    [0, 0, 3840],
    [0, 1, 50_697],
    [1, 1, 128_431],
  ]);
  expect(zones.map(({ listedPages }) => listedPages)).toEqual([undefined, 1693, 916]);
});

test('the largest zone is looked for on one node', () => {
  const zones = parseZoneinfo(text);
  expect(largestZone(zones, 0)?.managedPages).toBe(50_697);
  expect(largestZone(zones, 2)).toBeUndefined();
});

test('a zone without its watermarks is refused by name', () => {
  expect(() => parseZoneinfo(text.replace('low ', 'lo '), 'mine')).toThrow(
    /^mine: zoneinfo: expected "low" in Node 0, zone\s+DMA$/,
  );
});
