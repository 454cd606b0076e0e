import type { MappedRange } from '@tierlab/core';
import { FirmwareError } from '../errors.ts';
import { changeMap } from './memory-map.ts';

/** What a kernel command line says to the code that reads firmware tables. */
export interface BootOptions {
  /** `numa=off`: one node, whatever firmware says. */
  readonly numaOff: boolean;
  /** `numa=noacpi`: the SRAT is not used, nor the HMAT. */
  readonly noSrat: boolean;
  /** `numa=nohmat`. */
  readonly noHmat: boolean;
  /** `acpi=off`: no table is used. */
  readonly acpiOff: boolean;
  readonly movableNode: boolean;
  /** The memory map after all `memmap=` options. */
  readonly applyMemmap: (map: readonly MappedRange[]) => MappedRange[];
}

/**
 * Reads boot options, each a word or a whole command line. Every one that is not understood throws
 * `FIRMWARE_BAD_BOOT_OPTION`, for an option without effect is a mistake.
 * Source: Linux arch/x86/mm/numa.c numa_setup, arch/x86/kernel/e820.c parse_memmap_one,
 * mm/memory_hotplug.c cmdline_parse_movable_node.
 */
export function parseBootOptions(options: readonly string[]): BootOptions {
  const words = options.flatMap((option) => option.split(/\s+/)).filter((word) => word !== '');
  const memmaps: ((map: readonly MappedRange[]) => MappedRange[])[] = [];
  const flags = {
    numaOff: false,
    noSrat: false,
    noHmat: false,
    acpiOff: false,
    movableNode: false,
  };
  for (const word of words) {
    if (word === 'numa=off') flags.numaOff = true;
    else if (word === 'numa=noacpi') flags.noSrat = true;
    else if (word === 'numa=nohmat') flags.noHmat = true;
    else if (word === 'acpi=off') flags.acpiOff = true;
    else if (word === 'movable_node') flags.movableNode = true;
    else if (word.startsWith('memmap='))
      for (const part of word.slice('memmap='.length).split(',')) memmaps.push(parseMemmap(part));
    else
      throw badOption(
        word,
        'known are numa=off, numa=noacpi, numa=nohmat, acpi=off, movable_node and memmap=',
      );
  }
  return {
    ...flags,
    applyMemmap: (map) => memmaps.reduce<MappedRange[]>((result, apply) => apply(result), [...map]),
  };
}

const badOption = (option: string, what: string): FirmwareError =>
  new FirmwareError('FIRMWARE_BAD_BOOT_OPTION', `boot option ${JSON.stringify(option)}: ${what}`);

const SIZE = '(0x[0-9a-f]+|[0-9]+)([KMGTPE]?)';
const MEMMAP = new RegExp(
  `^${SIZE}([@#$!%])${SIZE}(?:-(0x[0-9a-f]+|[0-9]+))?(?:\\+(0x[0-9a-f]+|[0-9]+))?$`,
  'i',
);
const SUFFIX: Readonly<Record<string, number>> = { '': 0, K: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };

/** `nn@ss` RAM, `nn#ss` and `nn$ss` reserved, `nn!ss` persistent, `nn%ss-old+new` of one type to another. */
function parseMemmap(text: string): (map: readonly MappedRange[]) => MappedRange[] {
  if (text === 'exactmap') return () => [];
  const match = MEMMAP.exec(text);
  if (!match)
    throw badOption(
      `memmap=${text}`,
      'expected SIZE@START, SIZE#START, SIZE$START, SIZE!START or SIZE%START-OLD+NEW',
    );
  const [, size, sizeSuffix, sign, base, baseSuffix, oldType, newType] = match;
  const start = parseSize(base!, baseSuffix!);
  const range = { start, end: start + parseSize(size!, sizeSuffix!) };
  if (sign === '%')
    return (map) =>
      changeMap(map, {
        ...range,
        ...(oldType !== undefined && { from: e820Kind(Number(oldType)) }),
        ...(newType !== undefined && { to: e820Kind(Number(newType)) }),
      });
  const to = KIND_OF_SIGN[sign!]!;
  return (map) => changeMap(map, { ...range, to });
}

const KIND_OF_SIGN: Readonly<Record<string, MappedRange['kind']>> = {
  '@': 'ram',
  '!': 'persistent',
  '#': 'reserved',
  $: 'reserved',
};

const parseSize = (digits: string, suffix: string): number =>
  Number(digits) * 2 ** (10 * SUFFIX[suffix.toUpperCase()]!);

/** Source: Linux arch/x86/include/asm/e820/types.h. */
function e820Kind(type: number): MappedRange['kind'] {
  if (type === 1) return 'ram';
  if (type === 7 || type === 12) return 'persistent';
  if (type === 0xefffffff) return 'soft-reserved';
  return 'reserved';
}
