/** More CPUs than any kernel is built for; keeps `0-4000000000` from filling the memory. */
const ID_MAX = 65_535;

/**
 * Reads a list as sysfs writes it, `0-3,8`, into ascending numbers; undefined where it is none.
 * The empty list is no number at all. Source: Linux lib/bitmap-str.c, bitmap_parselist.
 */
export function parseIdList(text: string): number[] | undefined {
  const ids = new Set<number>();
  const trimmed = text.trim();
  for (const part of trimmed === '' ? [] : trimmed.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (match === null) return undefined;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first || last > ID_MAX) return undefined;
    for (let id = first; id <= last; id++) ids.add(id);
  }
  return [...ids].sort((a, b) => a - b);
}

/** Reads a mask as sysfs and hwloc write it, `00f000f0,00f000f0`, most significant word first. */
export function parseIdMask(text: string): number[] | undefined {
  const words = text.trim().split(',');
  if (words.some((word) => !/^(?:0x)?[0-9a-fA-F]{0,8}$/.test(word))) return undefined;
  const ids: number[] = [];
  for (const [i, word] of words.reverse().entries()) {
    const bits = word === '' || word === '0x' ? 0 : Number.parseInt(word, 16);
    for (let bit = 0; bit < 32; bit++) if ((bits >>> bit) & 1) ids.push(i * 32 + bit);
  }
  return ids;
}
