export { runProgram } from './program.ts';
export { exitCodes, type CommandContext } from './context.ts';
export { CliError, type CliErrorCode } from './errors.ts';
