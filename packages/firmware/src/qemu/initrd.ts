import type { AcpiTables } from '../acpi/decode.ts';
import { writeCpio } from './cpio.ts';

/** Tables that Linux takes from an initrd; the APIC that runs the guest is left to QEMU. */
const REPLACEABLE = ['SRAT', 'SLIT', 'HMAT', 'CEDT'] as const;

/**
 * A cpio archive that, put before the initramfs of a guest, gives its Linux the `tables`: SRAT, SLIT,
 * HMAT and CEDT. The kernel needs CONFIG_ACPI_TABLE_UPGRADE and the guest no `-numa` at all, only as
 * much memory and as many CPUs as the tables name.
 * Source: Linux Documentation/admin-guide/acpi/initrd_table_override.rst, 6.12.
 */
export function initrdTables(tables: AcpiTables): Uint8Array<ArrayBuffer> {
  return writeCpio(
    REPLACEABLE.flatMap((signature) => {
      const content = tables[signature];
      const path = `kernel/firmware/acpi/${signature.toLowerCase()}.aml`;
      return content === undefined ? [] : [{ path, content }];
    }),
  );
}
