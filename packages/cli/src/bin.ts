import { exitCodes, type CommandContext } from './context.ts';
import { runProgram } from './program.ts';

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
process.once('SIGTERM', () => interrupt.abort());

// A reader that has seen enough (`tierlab ... | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  process.stderr.write(`tierlab: CLI_OUTPUT_UNWRITABLE: standard output: ${error.message}\n`);
  process.exit(exitCodes.badInput);
});

const context: CommandContext = {
  stdout: (text) => void process.stdout.write(text),
  stderr: process.stderr,
  signal: interrupt.signal,
  exitCode: 0,
};
// No await at the top: `bin/tierlab.js` loads this by `require`, which refuses a module that awaits.
async function main(): Promise<void> {
  process.exitCode = await runProgram(process.argv.slice(2), context);
}
void main();
