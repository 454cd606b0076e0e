import type { Machine } from '@tierlab/core';

import { machineTexts } from './catalogue/machines.generated.ts';
import { FirmwareError } from './errors.ts';
import { parseMachineDocument } from './file/document.ts';
import { nearestName } from './file/nearest.ts';
import { readMachineFile } from './file/read.ts';

/** A machine of the catalogue. */
export interface CatalogueMachine {
  /** What it is asked for by: `gh200`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Where its figures come from, by what they are; a guess begins with "estimated". */
  readonly sources: Readonly<Record<string, string>>;
  /** Its machine file. */
  readonly text: string;
}

/** The machines that come with tierlab, by name: real ones, and guests that were booted. */
export function machineCatalogue(): readonly CatalogueMachine[] {
  return Object.entries(machineTexts).map(([name, text]) => {
    const { file } = parseMachineDocument(text, `${name}.yaml`);
    const { name: title = name, description = '', sources = {} } = file;
    return { name, title, description, sources, text };
  });
}

/** The machine called `name` in the catalogue. Throws FIRMWARE_UNKNOWN_MACHINE. */
export function catalogueMachine(name: string): Machine {
  const text = Object.hasOwn(machineTexts, name) ? machineTexts[name] : undefined;
  if (text !== undefined) return readMachineFile(text, `${name}.yaml`);
  const meant = nearestName(name, Object.keys(machineTexts));
  throw new FirmwareError(
    'FIRMWARE_UNKNOWN_MACHINE',
    `there is no machine ${JSON.stringify(name)} in the catalogue; ` +
      (meant === undefined ? 'tierlab machine list shows all' : `did you mean ${meant}?`),
  );
}
