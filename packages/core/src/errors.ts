/**
 * Bad input: something that a user gave cannot be read or does not make sense.
 *
 * The message says where, what was expected, what was found and what to do. `code` is stable and
 * comes from the one `errors.ts` of the package that throws; the command line ends with exit code 2.
 */
export class InputError<Code extends string = string> extends Error {
  override readonly name: string = 'InputError';
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A broken assumption of the program itself, never of its input: it stays on in production. */
export class AssertionError extends Error {
  override readonly name: string = 'AssertionError';
}

/** Throws an {@link AssertionError} unless `condition` holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
