export * from './errors.ts';
export { parseAcpidump } from './acpi/acpidump.ts';
export { writeCpio, type CpioFile } from './qemu/cpio.ts';
export { decodeAcpi, GENERIC_PORTS, type AcpiOptions, type AcpiTables } from './acpi/decode.ts';
export { encodeAcpi, type EncodedAcpi } from './acpi/encode.ts';
export { formatMemoryMap, parseMemoryMap, pcMemoryMap } from './acpi/memory-map.ts';
export { qemuArguments, type QemuArguments } from './qemu/arguments.ts';
export { initrdTables } from './qemu/initrd.ts';
export { detectMachineForm, tableOfFile, type MachineForm } from './detect.ts';
