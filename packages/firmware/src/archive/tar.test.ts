import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { decompress } from './decompress.ts';
import { looksLikeTar, readTar } from './tar.ts';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../../fixtures/hwloc/${name}`, import.meta.url));

/** A header as POSIX draws it; fields not given are empty. */
function header(name: string, size: number, type: string, prefix = ''): Uint8Array {
  const block = new Uint8Array(512);
  const put = (offset: number, text: string): void =>
    block.set(new TextEncoder().encode(text), offset);
  put(0, name);
  put(124, `${size.toString(8).padStart(11, '0')} `);
  put(148, ' '.repeat(8));
  put(156, type);
  put(257, 'ustar\u000000');
  put(345, prefix);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}
const block = (text: string): Uint8Array => {
  const bytes = new Uint8Array(Math.ceil(text.length / 512) * 512);
  bytes.set(new TextEncoder().encode(text));
  return bytes;
};
const join = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);
const end = new Uint8Array(1024);

test('a real snapshot, bzip2: files, directories and links', () => {
  const entries = [...readTar(decompress(fixture('fakememinitiators-1np2c+1npp+gi.tar.bz2')))];
  const node10 = 'fakememinitiators-1np2c+1npp+gi/sys/devices/system/node/node10';
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  expect(byPath.get(node10)?.kind).toBe('directory');
  const initiator = byPath.get(`${node10}/access1/initiators/node3`);
  expect([initiator?.kind, initiator?.target]).toEqual(['link', '../../../node3']);
  const latency = byPath.get(`${node10}/access1/initiators/read_latency`);
  expect(new TextDecoder().decode(latency?.content)).toBe('77\n');
});

describe('long names', () => {
  test('a prefix', () => {
    const [entry] = readTar(join(header('name', 0, '0', 'a/b'), end));
    expect(entry?.path).toBe('a/b/name');
  });
  test("GNU's type L", () => {
    const path = `./${'d/'.repeat(80)}file`;
    const bytes = join(
      header('x', path.length + 1, 'L'),
      block(`${path}\0`),
      header('cut', 2, '0'),
      block('hi'),
      end,
    );
    const [entry] = readTar(bytes);
    expect(entry?.path).toBe(path.slice(2));
    expect(new TextDecoder().decode(entry?.content)).toBe('hi');
  });
  test('a pax path, which counts for one entry', () => {
    const record = '25 path=long/name/of/file\n';
    expect(record).toHaveLength(26);
    const pax = record.replace('25', '26');
    const bytes = join(
      header('x', 26, 'x'),
      block(pax),
      header('a', 0, '0'),
      header('b', 0, '0'),
      end,
    );
    expect([...readTar(bytes)].map((entry) => entry.path)).toEqual(['long/name/of/file', 'b']);
  });
});

test('an archive that ends early, and something else', () => {
  const bytes = join(header('name', 1024, '0'), block('short'));
  expect(() => [...readTar(bytes)]).toThrow(/ends at byte 1024, inside the entry at byte 0/);
  expect(() => [...readTar(block('hello'.repeat(200)))]).toThrow(/no tar header at byte 0/);
  expect(looksLikeTar(header('name', 0, '0'))).toBe(true);
  expect(looksLikeTar(block('hello'))).toBe(false);
  expect(() => decompress(fixture('memorysidecaches.tar.bz2').subarray(0, 1000))).toThrow(
    /cannot unpack the bzip2 data/,
  );
});
