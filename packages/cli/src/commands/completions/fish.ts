import {
  valueOptions,
  type CompletedCommand,
  type CompletedValue,
  type CompletionTree,
} from './completion-tree.ts';

/** The script with which fish completes `tree`. */
export function fishCompletions(tree: CompletionTree): string {
  const paths = tree.flatMap(({ path }) => (path === '' ? [] : [quoted(path)]));
  return `# What fish completes of tierlab command lines; from: tierlab completions fish
function __tierlab_at --description 'Whether the command so far is this one'
  set -l path
  set -l skips 0
  for word in (commandline -opc)[2..-1]
    if test $skips = 1
      set skips 0
      continue
    end
    if contains -- $word ${valueOptions(tree).join(' ')}
      set skips 1
      continue
    end
    set -l longer (string trim "$path $word")
    if contains -- "$longer" ${paths.join(' ')}
      set path $longer
    end
  end
  test "$path" = "$argv[1]"
end
complete -c tierlab -f
${tree.flatMap(lines).join('\n')}
`;
}

function lines({ path, commands, options, argument }: CompletedCommand): readonly string[] {
  const at = `complete -c tierlab -n '__tierlab_at "${path}"'`;
  return [
    ...commands.map(({ word, text }) => `${at} -a ${word} -d ${quoted(text)}`),
    ...options.map(
      ({ word, text, value }) =>
        `${at} -l ${word.slice(2)}${value ? valueFlags(value) : ''} -d ${quoted(text)}`,
    ),
    ...(argument ? [`${at}${argumentFlags(argument)}`] : []),
  ];
}

const valueFlags = ({ words, files }: CompletedValue): string =>
  `${files ? ' -r -F' : ' -x'}${words.length > 0 ? ` -a ${quoted(words.join(' '))}` : ''}`;

const argumentFlags = ({ words, files }: CompletedValue): string =>
  `${files ? ' -F' : ''}${words.length > 0 ? ` -a ${quoted(words.join(' '))}` : ''}`;

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
