/**
 * Machine files: YAML or JSON with units. A module of its own, because its parsers and its schema
 * take longer to load than reading ACPI tables takes.
 */
export { nearestName } from './file/nearest.ts';
export { readMachineFile } from './file/read.ts';
export { parseQuantity, type QuantityKind } from './file/quantity.ts';
export { machineFileJsonSchema } from './file/schema.ts';
export { SETTABLE, setMachineValue } from './file/set.ts';
export { writeMachineFile } from './file/write.ts';
export {
  parseYamlDocument,
  type DocumentForm,
  type FilePath,
  type YamlDocument,
} from './file/yaml-document.ts';
