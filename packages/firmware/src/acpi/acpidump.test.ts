import { expect, test } from 'vitest';

import { looksLikeAcpidump, parseAcpidump } from './acpidump.ts';

// A SLIT of one locality (45 bytes), between two tables that do not matter.
const slit = Uint8Array.from([
  ...Buffer.from('SLIT'),
  45,
  0,
  0,
  0,
  1,
  0xb3,
  ...Buffer.from('OEMID TABLEID '),
  1,
  0,
  0,
  0,
  ...Buffer.from('TEST'),
  1,
  0,
  0,
  0,
  1,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  10,
]);

function dump(signature: string, bytes: Uint8Array): string {
  const lines = [`${signature} @ 0x0000000000000000`];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');
    const ascii = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCodePoint(byte) : '.'));
    lines.push(
      `    ${at.toString(16).toUpperCase().padStart(4, '0')}: ${hex.padEnd(47)}  ${ascii.join('')}`,
    );
  }
  return `${lines.join('\n')}\n\n`;
}

const text = dump('FACP', slit) + dump('SLIT', slit) + dump('DSDT', slit);

test('the tables of memory are found among the others, byte for byte', () => {
  expect(looksLikeAcpidump(text)).toBe(true);
  expect(parseAcpidump(text, 'dump.txt')).toEqual({ SLIT: slit });
});

test('CRLF and a second table of the same name change nothing', () => {
  const twice =
    text +
    dump(
      'SLIT',
      slit.map(() => 0),
    );
  expect(parseAcpidump(twice.replaceAll('\n', '\r\n'), 'dump.txt')).toEqual({ SLIT: slit });
});

test('a lost line is named by its number', () => {
  const lines = text.split('\n');
  const lost = lines.findIndex((line) => line.startsWith('SLIT')) + 2;
  lines.splice(lost - 1, 1);
  expect(() => parseAcpidump(lines.join('\n'), 'dump.txt')).toThrow(
    expect.objectContaining({
      code: 'FIRMWARE_BAD_TABLE',
      message: expect.stringMatching(
        `^dump.txt:${lost}: expected the hex dump of SLIT from offset 0000`,
      ),
    }),
  );
});

test('a dump without any table of memory is no machine', () => {
  expect(() => parseAcpidump(dump('FACP', slit), 'dump.txt')).toThrow(/expected at least one of/);
});
