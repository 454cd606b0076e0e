import { Argument, Command } from 'commander';

import type { CommandContext } from '../../context.ts';

/** `tierlab completions`: what a shell completes of a command line. `program` has all commands. */
export function completionsCommand(
  context: CommandContext,
  program: () => Promise<Command>,
): Command {
  return new Command('completions')
    .description('print the script with which a shell completes commands, options and names')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      `
Examples:
  tierlab completions bash > ~/.local/share/bash-completion/completions/tierlab
  tierlab completions zsh > "\${fpath[1]}/_tierlab"
  tierlab completions fish > ~/.config/fish/completions/tierlab.fish`,
    )
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { completionTree } = await import('./completion-tree.ts');
      const { bashCompletions } = await import('./bash.ts');
      const { fishCompletions } = await import('./fish.ts');
      const { zshCompletions } = await import('./zsh.ts');
      const write = { bash: bashCompletions, zsh: zshCompletions, fish: fishCompletions }[shell];
      context.stdout(write(completionTree(await program())));
    });
}
