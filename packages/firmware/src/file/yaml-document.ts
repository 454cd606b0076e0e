import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type * as z from 'zod';

import { nearestName } from './nearest.ts';

/** Where something stands in a document: keys and list indices from the top. */
export type FilePath = readonly (string | number)[];

/** A kind of document that people write by hand, and the errors that say what is wrong with one. */
export interface DocumentForm<T> {
  readonly schema: z.ZodType<T>;
  /** The keys that an object at `path` may have; none where there is no such object. */
  readonly keysAt: (path: FilePath) => readonly string[];
  /** What is thrown for text that is neither YAML nor JSON. */
  readonly syntaxError: (message: string, cause?: unknown) => Error;
  /** What is thrown for a document that is not of this form. */
  readonly contentError: (message: string) => Error;
}

/** A document that is well formed; what it says may still make no sense together. */
export interface YamlDocument<T> {
  readonly file: T;
  /** The place of what `path` names: `source:line:column`. */
  readonly placeOf: (path: FilePath) => string;
  /** Ends reading with the form's content error: `source:line:column: message`. */
  readonly reject: (path: FilePath, message: string) => never;
}

/**
 * Reads YAML or JSON and checks it against the schema of `form`; `source` names the file in messages.
 *
 * Throws the form's errors for the first problem in the file, in one line that begins with
 * `source:line:column`.
 */
export function parseYamlDocument<T>(
  text: string,
  source: string,
  form: DocumentForm<T>,
): YamlDocument<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${source}:${line}:${col}`;
  };
  const [problem] = document.errors;
  if (problem !== undefined) {
    const message = problem.message.replaceAll(/\s+/g, ' ');
    throw form.syntaxError(`${at(problem.pos[0])}: not YAML or JSON: ${message}`);
  }
  const value = valueOf(document, at(0), form);
  const offset = (path: FilePath): number => offsetOf(document, path, form.keysAt);
  const reject = (path: FilePath, message: string): never => {
    throw form.contentError(`${at(offset(path))}: ${message}`);
  };
  const result = form.schema.safeParse(value, { reportInput: true });
  if (result.success) {
    return { file: result.data, placeOf: (path) => at(offset(path)), reject };
  }
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, [], form.keysAt));
  // A misspelt key explains a missing one, so what is missing comes last.
  problems.sort((a, b) => Number(a.missing) - Number(b.missing) || offset(a.path) - offset(b.path));
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return reject(first?.path ?? [], `${first?.message}${more}`);
}

function valueOf(document: Document, at: string, { syntaxError }: DocumentForm<unknown>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw syntaxError(`${at}: not YAML or JSON: ${reason}`, cause);
  }
}

interface Problem {
  readonly path: FilePath;
  readonly message: string;
  readonly missing: boolean;
}

type KeysAt = (path: FilePath) => readonly string[];

function problemsOf(issue: z.core.$ZodIssue, parent: FilePath, keysAt: KeysAt): readonly Problem[] {
  const path = [...parent, ...(issue.path as (string | number)[])];
  const here = (message: string): Problem[] => [{ path, message, missing: false }];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: unknownKey(key, keysAt(path)),
      missing: false,
    }));
  }
  if (issue.code === 'invalid_union') {
    // The branch that got furthest is the one that was meant.
    const meant = issue.errors.find((branch) => branch.some(({ path }) => path.length > 0));
    if (meant !== undefined) return meant.flatMap((inner) => problemsOf(inner, path, keysAt));
    const ours = issue.errors.flat().find(({ message }) => saysInput(message));
    return here(ours?.message ?? `${issue.message}, got ${shown(issue.input)}`);
  }
  if (issue.code === 'invalid_key') {
    return here(`expected a node number such as 0, got ${shown(path.at(-1))}`);
  }
  if (issue.code === 'invalid_value') {
    return here(`expected ${issue.values.map(String).join(' or ')}, got ${shown(issue.input)}`);
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    const message = `${shown(path.at(-1))} is missing: ${plain(issue.message)}`;
    return [{ path: path.slice(0, -1), message, missing: true }];
  }
  return here(withInput(issue));
}

const saysInput = (message: string): boolean => message.includes(', got ');

/** A message of ours says what it got; one of zod's does not. */
function withInput(issue: z.core.$ZodIssue): string {
  const message = plain(issue.message);
  return saysInput(message) ? message : `${message}, got ${shown(issue.input)}`;
}

const plain = (message: string): string =>
  message
    .replace(/^Invalid input: /, '')
    .replace(/, received .*$/, '')
    .replace(/^Too (?:small|big): /, '');

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearestName(key, known);
  return meant === undefined
    ? `unknown key ${shown(key)}; expected one of ${known.join(', ')}`
    : `unknown key ${shown(key)}; did you mean ${shown(meant)}?`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The byte at which what `path` names begins: a value, a key that has none, or what encloses it. */
function offsetOf(document: Document, path: FilePath, keysAt: KeysAt): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [i, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find(
        ({ key }) => isScalar(key) && String(key.value) === String(step),
      );
      if (pair === undefined) return offset;
      const last = i === path.length - 1;
      const known = keysAt(path.slice(0, i)).includes(String(step));
      const place = (last && !known ? pair.key : (pair.value ?? pair.key)) as Node;
      offset = place.range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = (node.items[Number(step)] ?? null) as Node | null;
      offset = node?.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}
