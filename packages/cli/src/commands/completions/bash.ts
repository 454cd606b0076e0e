import {
  valueOptions,
  type CompletedCommand,
  type CompletedValue,
  type CompletionTree,
} from './completion-tree.ts';

/** The script with which bash completes `tree`, from version 3.2 on. */
export function bashCompletions(tree: CompletionTree): string {
  const paths = tree.flatMap(({ path }) => (path === '' ? [] : [path]));
  return `# What bash completes of tierlab command lines; from: tierlab completions bash
_tierlab() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  local path= word= words= files= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$word" in
      ${valueOptions(tree).join('|')}) ((i++)); continue ;;
    esac
    word="\${path:+$path }$word"
    case "$word" in
      ${paths.map((path) => `'${path}'`).join('|')}) path=$word ;;
    esac
  done
  case "$path:$before" in
${tree.flatMap(valueCases).join('\n')}
    *)
      case "$path:$current" in
${tree.flatMap(wordCases).join('\n')}
      esac
      ;;
  esac
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "\${words// /$'\\n'}" -- "$current"))
  if [ -n "$files" ]; then
    COMPREPLY+=($(compgen -f -- "$current"))
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _tierlab tierlab
`;
}

/** What follows an option that takes a value. */
function valueCases({ path, options }: CompletedCommand): readonly string[] {
  return options.flatMap(({ word, value }) =>
    value ? [`    '${path}:${word}') ${assignments(value)} ;;`] : [],
  );
}

/** What else may follow a command: an option where one has begun, else a command or an argument. */
function wordCases({ path, commands, options, argument }: CompletedCommand): readonly string[] {
  const words = [...commands.map(({ word }) => word), ...(argument?.words ?? [])];
  const flags = { words: options.map(({ word }) => word), files: false };
  return [
    `        '${path}:'-*) ${assignments(flags)} ;;`,
    `        '${path}:'*) ${assignments({ words, files: argument?.files ?? false })} ;;`,
  ];
}

const assignments = ({ words, files }: CompletedValue): string =>
  `words='${words.join(' ')}'${files ? ' files=1' : ''}`;
