import type { AccessCoordinate, Cxl, CxlDevice } from '@tierlab/core';

import { unitOf } from './encode-hmat.ts';
import { cannotEncode } from './encode-error.ts';
import { READ_BANDWIDTH, READ_LATENCY, WRITE_BANDWIDTH, WRITE_LATENCY } from './normalise.ts';
import { acpiTable, ByteWriter, withChecksum } from './writer.ts';

/** Encoding by ways. Source: CXL 3.1, table 8-119. */
const INTERLEAVE: Readonly<Record<number, number>> = {
  1: 0,
  2: 1,
  4: 2,
  8: 3,
  16: 4,
  3: 8,
  6: 9,
  12: 10,
};
/** Host-only coherent, volatile and persistent memory. Source: CXL 3.1, table 9-22. */
const WINDOW_RESTRICTIONS = 0b1110;

/** The CEDT with the fixed memory windows. Source: CXL 3.1, 9.18.1.3. */
export function encodeCedt({ windows }: Cxl): Uint8Array {
  return acpiTable('CEDT', 1, (writer) => {
    for (const { base, size, hostBridges } of windows) {
      const ways = INTERLEAVE[hostBridges.length];
      if (ways === undefined) {
        throw cannotEncode(`a CXL window interleaves over ${hostBridges.length} host bridges`);
      }
      writer
        .u8(1)
        .u8(0)
        .u16(36 + 4 * hostBridges.length)
        .u32(0)
        .u64(base)
        .u64(size);
      writer.u8(ways).u8(0).u16(0).u32(0).u16(WINDOW_RESTRICTIONS).u16(0);
      for (const uid of hostBridges) writer.u32(uid);
    }
  });
}

const KINDS: readonly (readonly [number, keyof AccessCoordinate])[] = [
  [READ_LATENCY, 'readLatency'],
  [WRITE_LATENCY, 'writeLatency'],
  [READ_BANDWIDTH, 'readBandwidth'],
  [WRITE_BANDWIDTH, 'writeBandwidth'],
];
const NON_VOLATILE = 4;

/**
 * The CDAT of `device`: a DSMAS for each address range and a DSLBIS for each of its figures.
 * Source: CDAT 1.04, tables 1 to 4.
 */
export function encodeCdat({ ranges, switches }: CxlDevice): Uint8Array {
  if (switches.length > 0) throw cannotEncode('its CXL device is behind a switch');
  const writer = new ByteWriter().u32(0).u8(1).u8(0).zeros(6).u32(0);
  for (const [handle, { base, size, nonVolatile, coordinate }] of ranges.entries()) {
    writer
      .u8(0)
      .u8(0)
      .u16(24)
      .u8(handle)
      .u8(nonVolatile ? NON_VOLATILE : 0)
      .u16(0);
    writer.u64(base).u64(size);
    for (const [dataType, field] of KINDS) {
      const value = coordinate[field];
      if (value === 0) continue;
      const unit = unitOf([value], dataType);
      writer.u8(1).u8(0).u16(24).u8(handle).u8(0).u8(dataType).u8(0);
      writer.u64(unit.base).u16(unit.entryOf(value)).zeros(6);
    }
  }
  const table = writer.toBytes();
  new DataView(table.buffer).setUint32(0, table.length, true);
  return withChecksum(table, 5);
}
