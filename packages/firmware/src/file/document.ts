import { FirmwareError } from '../errors.ts';
import { keysAt, machineFileSchema, type MachineFile } from './schema.ts';
import { parseYamlDocument, type YamlDocument } from './yaml-document.ts';

/** A machine file that is well formed; what it says may still make no sense together. */
export type MachineDocument = YamlDocument<MachineFile>;

/**
 * Reads YAML or JSON and checks it against the schema of machine files.
 *
 * Throws FIRMWARE_BAD_SYNTAX or FIRMWARE_BAD_MACHINE_FILE for the first problem in the file, in one
 * line that begins with `source:line:column`.
 */
export function parseMachineDocument(text: string, source: string): MachineDocument {
  return parseYamlDocument(text, source, {
    schema: machineFileSchema,
    keysAt,
    syntaxError: (message, cause) => new FirmwareError('FIRMWARE_BAD_SYNTAX', message, { cause }),
    contentError: (message) => new FirmwareError('FIRMWARE_BAD_MACHINE_FILE', message),
  });
}
