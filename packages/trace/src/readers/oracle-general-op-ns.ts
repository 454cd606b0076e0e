import type { Head } from '../source.ts';
import type { TraceFormat } from './format.ts';
import { OPERATION_KIND, type RequestLayout, requestTrace } from './parts/object-requests.ts';
import { headRecords, holdsRecords } from './parts/record-trace.ts';

/**
 * libCacheSim's oracleGeneralOpNS: 27-byte little-endian records u32 seconds, u64 object, u32 size, u8 operation, u16
 * namespace, i64 index of the object's next request. An object is a page here; its next request is not used.
 *
 * Source: libCacheSim traceReader/customizedReader/oracle/oracleGeneralBin.h, oracleGeneralOpNS_read_one_req, 2022.
 */
export const oracleGeneralOpNs: TraceFormat = {
  name: 'oracle-general-op-ns',
  summary: "libCacheSim's oracleGeneralOpNS binary: with operation and namespace",
  options: [],
  score,
  open: (content, options) => requestTrace(content, options, 'oracle-general-op-ns', LAYOUT),
};

const LAYOUT: RequestLayout = {
  skip: 0,
  size: 27,
  time: { at: 0, bytes: 4, isSigned: false },
  object: { at: 4, bytes: 8, isSigned: false },
  operation: 16,
};

// Time never steps back, the operation is one, and the next request comes after this one, or never.
function score(head: Head): number {
  if (!holdsRecords(head, LAYOUT.size)) return 0;
  let last = 0;
  const fits = headRecords(head, LAYOUT.size).every((record, index) => {
    const time = record.getUint32(0, true);
    const isForward = time >= last;
    last = time;
    const operation = record.getUint8(16);
    const next = record.getBigInt64(19, true);
    return (
      isForward &&
      (operation < OPERATION_KIND.length || operation === 255) &&
      (next === -1n || next === LARGEST || (next > index && next < 1n << 40n))
    );
  });
  return fits ? 80 : 0;
}

const LARGEST = (1n << 63n) - 1n;
