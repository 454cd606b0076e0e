import type { TableSignature } from '@tierlab/core';

/** The tables that tell of memory. */
export const SIGNATURES: readonly TableSignature[] = [
  'SRAT',
  'SLIT',
  'HMAT',
  'APIC',
  'CEDT',
  'CDAT',
];

/**
 * What a file in a directory of tables holds, by its name: `SRAT`, `hmat.bin`, `MADT.dat`, `memmap`;
 * undefined for any other.
 */
export function tableOfFile(name: string): TableSignature | 'memmap' | undefined {
  const stem = name.replace(/\.(?:bin|dat|aml|raw|txt)$/i, '');
  if (stem.toLowerCase() === 'memmap') return 'memmap';
  const signature = stem.toUpperCase();
  return signature === 'MADT' ? 'APIC' : SIGNATURES.find((known) => known === signature);
}
