/** A compression that a source may be wrapped in. */
export interface Codec {
  readonly name: string;
  /** Whether the source starts as this compression does; `head` has at least 16 bytes where the source has. */
  matches(head: Uint8Array): boolean;
  /** What was compressed. Errors of the decoder come as they are; a lenient one ends where the source was cut. */
  decode(bytes: AsyncIterable<Uint8Array>, lenient: boolean): AsyncIterable<Uint8Array>;
}
