/** Value of each byte as a hexadecimal digit, 255 where it is none. */
export const HEX: Uint8Array = table((code) =>
  code >= 48 && code <= 57
    ? code - 48
    : code >= 97 && code <= 102
      ? code - 87
      : code >= 65 && code <= 70
        ? code - 55
        : 255,
);

function table(value: (code: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => value(code));
}
