import type { Argument, Command, Option } from 'commander';

import { machineCatalogue } from '@tierlab/firmware/catalogue';
import { migrationPolicies } from '@tierlab/migration-policies';
import { traceFormats } from '@tierlab/trace';

import { linuxTieringPolicies } from '../../plugins/tiering-chain.ts';
import { explanations } from '../explain/explanations.ts';

/** What a shell may complete of the command lines of a program: its commands, flattened, the program itself first. */
export type CompletionTree = readonly CompletedCommand[];

export interface CompletedCommand {
  /** Words after `tierlab`: empty for the program, `trace convert`. */
  readonly path: string;
  readonly commands: readonly CompletedWord[];
  readonly options: readonly CompletedOption[];
  /** What its arguments can be; absent where it has none, or only words that nobody can know. */
  readonly argument?: CompletedValue;
}

/** A word and what it means. */
export interface CompletedWord {
  readonly word: string;
  readonly text: string;
}

export interface CompletedOption extends CompletedWord {
  /** Absent where it takes none. */
  readonly value?: CompletedValue;
}

/** What can stand for a value: some words, and names of files where it may be one. */
export interface CompletedValue {
  readonly words: readonly string[];
  readonly files: boolean;
}

/** The tree of `program`, in the order of its help. */
export function completionTree(program: Command): CompletionTree {
  return commandsBelow(program, '');
}

function commandsBelow(command: Command, path: string): readonly CompletedCommand[] {
  const argument = mergedValues(command.registeredArguments.map(valueOfArgument));
  const here: CompletedCommand = {
    path,
    commands: command.commands.map((each) => ({ word: each.name(), text: each.description() })),
    options: command.options.flatMap(completedOption),
    ...(argument && { argument }),
  };
  const below = command.commands.flatMap((each) =>
    commandsBelow(each, `${path} ${each.name()}`.trim()),
  );
  return [here, ...below];
}

function completedOption(option: Option): readonly CompletedOption[] {
  if (option.long === undefined || option.long === null) return [];
  const [, valueName] = /<(.+?)>/.exec(option.flags) ?? [];
  const takesValue = option.required || option.optional;
  return [
    {
      word: option.long,
      text: option.description,
      ...(takesValue && {
        value: valueOf(
          option.long === '--format' ? 'format' : (valueName ?? ''),
          option.argChoices,
        ),
      }),
    },
  ];
}

const valueOfArgument = (argument: Argument): CompletedValue =>
  valueOf(argument.name(), argument.argChoices);

/** Words of the values that have names, by what help calls such a value. */
const namedValues: Readonly<Record<string, () => readonly string[]>> = {
  machine: () => machineCatalogue().map(({ name }) => name),
  policy: () => [...migrationPolicies.keys()],
  policies: () => linuxTieringPolicies.map(({ name }) => name),
  format: () => traceFormats.map(({ name }) => name),
  code: () => Object.keys(explanations),
};

/** Values that are a file or a folder, or may be one. */
const fileValues = new Set(
  'file directory directories machine policy policies trace out before after golden result'.split(
    ' ',
  ),
);

function valueOf(name: string, choices: readonly string[] | undefined): CompletedValue {
  return { words: choices ?? namedValues[name]?.() ?? [], files: fileValues.has(name) };
}

/** Of several arguments, the words of all: which one is at hand depends on those before. */
function mergedValues(values: readonly CompletedValue[]): CompletedValue | undefined {
  const words = values.flatMap((value) => value.words);
  const files = values.some((value) => value.files);
  return words.length > 0 || files ? { words, files } : undefined;
}

/** The options that take a value, of any command: the word after one is no command. */
export function valueOptions(tree: CompletionTree): readonly string[] {
  const words = tree.flatMap(({ options }) =>
    options.flatMap(({ word, value }) => (value ? [word] : [])),
  );
  return [...new Set(words)];
}
