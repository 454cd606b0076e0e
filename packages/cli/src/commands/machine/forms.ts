/** Forms that `tierlab machine convert` writes, and what each is. */
export const machineForms = {
  yaml: 'a machine file',
  json: 'the same in JSON',
  acpi: 'a directory of raw ACPI tables with a memory map (needs --out)',
  initrd: 'a cpio archive of tables, to put before the initramfs of a QEMU guest (needs --out)',
  qemu: 'the arguments with which QEMU writes the tables itself',
} as const;
