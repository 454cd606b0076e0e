import {
  valueOptions,
  type CompletedCommand,
  type CompletedValue,
  type CompletedWord,
  type CompletionTree,
} from './completion-tree.ts';

/** The function with which zsh completes `tree`, as a file of its \`fpath\` or sourced after \`compinit\`. */
export function zshCompletions(tree: CompletionTree): string {
  const paths = tree.flatMap(({ path }) => (path === '' ? [] : [path]));
  return `#compdef tierlab
# What zsh completes of tierlab command lines; from: tierlab completions zsh
_tierlab() {
  local at= word= before=\${words[CURRENT-1]} current=\${words[CURRENT]}
  local -a found
  integer i
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    case "$word" in
      (${valueOptions(tree).join('|')}) ((i++)); continue ;;
    esac
    word="\${at:+$at }$word"
    case "$word" in
      (${paths.map((path) => `'${path}'`).join('|')}) at=$word ;;
    esac
  done
  case "$at:$before" in
${tree.flatMap(valueCases).join('\n')}
  esac
  case "$at:$current" in
${tree.flatMap(wordCases).join('\n')}
  esac
}
if [ "$funcstack[1]" = "_tierlab" ]; then _tierlab "$@"; else compdef _tierlab tierlab; fi
`;
}

function valueCases({ path, options }: CompletedCommand): readonly string[] {
  return options.flatMap(({ word, value }) =>
    value ? [`    ('${path}:${word}') ${additions(value)}return ;;`] : [],
  );
}

function wordCases({ path, commands, options, argument }: CompletedCommand): readonly string[] {
  const others = `${commands.length > 0 ? described('command', commands) : ''}${argument ? additions(argument) : ''}`;
  return [
    `    ('${path}:'-*) ${described('option', options)};;`,
    `    ('${path}:'*) ${others || ': '};;`,
  ];
}

const additions = ({ words, files }: CompletedValue): string =>
  `${words.length > 0 ? `compadd -- ${words.join(' ')}; ` : ''}${files ? '_files; ' : ''}`;

/** Words with what they mean beside them. */
function described(kind: string, words: readonly CompletedWord[]): string {
  const items = words.map(
    ({ word, text }) =>
      `'${`${word.replaceAll(':', String.raw`\:`)}:${text}`.replaceAll("'", String.raw`'\''`)}'`,
  );
  return `found=(${items.join(' ')}); _describe ${kind} found; `;
}
