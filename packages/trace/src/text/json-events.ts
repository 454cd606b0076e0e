/** What a JSON text is made of, in its order. */
export type JsonEvent =
  | { readonly kind: 'open'; readonly bracket: '{' | '[' }
  | { readonly kind: 'close'; readonly bracket: '{' | '[' }
  | { readonly kind: 'key'; readonly text: string }
  | { readonly kind: 'value'; readonly text: string };

/** A JSON text that is not one, and where. */
export class JsonSyntaxError extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

// Longer than any string or number that a trace has.
const TEXT_BYTES_MAX = 4096;
const DEPTH_MAX = 64;

/**
 * The events of a JSON text that comes in chunks, in memory that does not grow with it. Numbers and
 * literals are given as they are written, since a trace's may be larger than a double holds.
 * @throws JsonSyntaxError
 *
 * Source: RFC 8259.
 */
export async function* jsonEvents(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly JsonEvent[]> {
  const state: State = {
    brackets: [],
    expects: 'value',
    text: '',
    inString: false,
    escape: '',
    offset: 0,
    events: [],
  };
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at++) {
      readChar(state, chunk[at]);
      state.offset++;
    }
    if (state.events.length > 0) yield state.events.splice(0);
  }
  if (state.text !== '' && !state.inString) endLiteral(state);
  if (state.inString || state.expects !== 'end') throw wrong(state, 'the text ends inside a value');
  if (state.events.length > 0) yield state.events;
}

interface State {
  readonly brackets: ('{' | '[')[];
  /** What may come next. */
  expects: 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma' | 'end';
  /** The string, number or literal being read. */
  text: string;
  inString: boolean;
  /** The escape being read, from its backslash on. */
  escape: string;
  offset: number;
  readonly events: JsonEvent[];
}

function readChar(state: State, byte: number): void {
  const char = String.fromCharCode(byte);
  if (state.inString) return readStringChar(state, char);
  const isBlank = byte === 32 || byte === 10 || byte === 13 || byte === 9;
  const isLiteral = /[-+.0-9a-zA-Z]/.test(char);
  if (isLiteral) {
    if (state.text === '' && !state.expects.startsWith('value'))
      throw wrong(state, `unexpected ${char}`);
    state.text += char;
    if (state.text.length > 64) throw wrong(state, 'a number of more than 64 digits');
    return;
  }
  if (state.text !== '') endLiteral(state);
  if (isBlank) return;
  readPunctuation(state, char);
}

function readPunctuation(state: State, char: string): void {
  const { expects, brackets, events } = state;
  const inObject = brackets.at(-1) === '{';
  if (char === '"' && (expects.startsWith('value') || expects.startsWith('key'))) {
    state.inString = true;
  } else if ((char === '{' || char === '[') && expects.startsWith('value')) {
    if (brackets.length >= DEPTH_MAX) throw wrong(state, 'brackets nested too deep');
    brackets.push(char);
    events.push({ kind: 'open', bracket: char });
    state.expects = char === '{' ? 'key or }' : 'value or ]';
  } else if (
    (char === '}' && inObject && (expects === 'key or }' || expects === 'comma')) ||
    (char === ']' && !inObject && (expects === 'value or ]' || expects === 'comma'))
  ) {
    brackets.pop();
    events.push({ kind: 'close', bracket: char === '}' ? '{' : '[' });
    state.expects = brackets.length === 0 ? 'end' : 'comma';
  } else if (char === ',' && expects === 'comma') {
    state.expects = inObject ? 'key' : 'value';
  } else if (char === ':' && expects === 'colon') {
    state.expects = 'value';
  } else {
    throw wrong(state, `unexpected ${JSON.stringify(char)}`);
  }
}

function readStringChar(state: State, char: string): void {
  if (state.escape !== '') {
    state.escape += char;
    if (state.escape[1] === 'u' && state.escape.length < 6) return;
    // What is escaped is in labels only, which nobody compares.
    state.text += '?';
    state.escape = '';
  } else if (char === '\\') {
    state.escape = char;
  } else if (char === '"') {
    state.inString = false;
    endText(state);
  } else {
    state.text += char;
    if (state.text.length > TEXT_BYTES_MAX) throw wrong(state, 'a string that is too long');
  }
}

function endLiteral(state: State): void {
  if (!/^(-?\d+(\.\d+)?([eE][-+]?\d+)?|true|false|null|NaN|-?Infinity)$/.test(state.text))
    throw wrong(state, `unexpected ${JSON.stringify(state.text)}`);
  endText(state);
}

function endText(state: State): void {
  const isKey = state.expects.startsWith('key');
  state.events.push({ kind: isKey ? 'key' : 'value', text: state.text });
  state.text = '';
  state.expects = isKey ? 'colon' : state.brackets.length === 0 ? 'end' : 'comma';
}

function wrong(state: State, message: string): JsonSyntaxError {
  return new JsonSyntaxError(state.offset, message);
}
