import { FirmwareError } from '../errors.ts';

/** FIRMWARE_CANNOT_ENCODE, because of `what`. */
export function cannotEncode(what: string): FirmwareError {
  return new FirmwareError(
    'FIRMWARE_CANNOT_ENCODE',
    `ACPI tables cannot say this machine: ${what}; keep the input it came from`,
  );
}
