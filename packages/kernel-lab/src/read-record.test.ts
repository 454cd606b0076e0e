import { gzipSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { readRecord } from './read-record.ts';

const scenario = { setup: '', agent: '4 300 1 u:1:0:4:0:0', zoneinfo: '', tiers: {} };
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

test('JSON and its gzip are the same record; what only a kernel could tell may be missing', () => {
  const record = readRecord(bytes(scenario), 'a.json');
  expect(record).toMatchObject({ name: 'a.json', intervals: [], demotion: [], knobs: {} });
  expect(readRecord(gzipSync(bytes(scenario)), 'a.json')).toEqual(record);
});

test.each([
  ['no JSON', new Uint8Array([0x7b]), /expected JSON/],
  ['a damaged gzip', new Uint8Array([0x1f, 0x8b, 8]), /gzip is damaged/],
  ['a list', bytes([scenario]), /expected a JSON object/],
  ['no setup', bytes({ ...scenario, setup: undefined }), /setup: expected it, got nothing/],
  ['tiers of another type', bytes({ ...scenario, tiers: '4' }), /tiers: expected it .*, got "4"/],
  ['intervals without placement', bytes({ ...scenario, intervals: [{ ms: 500 }] }), /intervals/],
])('%s: the file and the field are named', (_, content, message) => {
  expect(() => readRecord(content, 'bad.json')).toThrow(message);
  expect(() => readRecord(content, 'bad.json')).toThrow(/^bad\.json: /);
});
