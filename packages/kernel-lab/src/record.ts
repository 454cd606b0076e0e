/**
 * What a real kernel did with the pages of one program: the JSON that `tierlab lab record` writes.
 *
 * The fields are named as in the file, so that reading and writing it is JSON and nothing else.
 */
export interface KernelRecord {
  readonly name: string;
  /** The kernel's release, or its image's file name. */
  readonly kernel: string;
  /** The machine in QEMU's arguments: CPUs, memory, nodes, HMAT. */
  readonly qemu: readonly string[];
  /** The kernel's settings, as the shell commands that make them. */
  readonly setup: string;
  /** ACPI tables (base64) that the kernel saw instead of QEMU's; absent where `qemu` says all. */
  readonly tables?: readonly string[];
  /** The access stream: `PAGES PER_MS SEED PHASE...`, or `play` for a trace; see `played`. */
  readonly agent: string;
  /** The trace's accesses that were played; absent for a generated stream. */
  readonly played?: PlayedStream;
  /** What decides a record beside the scenario: QEMU's version, and the sha256 of what ran in it. */
  readonly madeWith?: Readonly<Record<string, string>>;
  /** Recorded in counted time with no source of chance: a second run gives the same bytes. */
  readonly exact: boolean;
  /** Settings as the kernel showed them after `setup`, by file. */
  readonly knobs: Readonly<Record<string, string>>;
  /** Node list by tier (`memory_tier4`: `0-1`), as sysfs shows them. */
  readonly tiers: Readonly<Record<string, string>>;
  /** The lines in which the kernel logged its demotion targets. */
  readonly demotion: readonly string[];
  /** Zones and their watermarks in pages before the program started, as `/proc/zoneinfo` prints them. */
  readonly zoneinfo: string;
  readonly start: RecordStart;
  /** In order of time; the last one may lie beyond the last phase's end. */
  readonly intervals: readonly RecordInterval[];
  /** The program's last line: accesses performed and milliseconds of its schedule. */
  readonly end: string;
}

/** Accesses of a trace as they were played; the bytes themselves are made anew from the trace. */
export interface PlayedStream {
  /** Of the bytes that the guest read; see `encodePlay`. */
  readonly sha256: string;
  readonly pageCount: number;
  readonly accessCount: number;
}

/** The state just before the program's first touch. */
export interface RecordStart {
  /** Free pages (`nr_free_pages`) by `nodeN`. */
  readonly free: Readonly<Record<string, number>>;
  readonly vmstat: VmstatCounters;
}

/** Counters of `/proc/vmstat` under their own names, since boot. */
export type VmstatCounters = Readonly<Record<string, number>>;

/** Where every page of the program's mapping was at one moment, and the counters then. */
export interface RecordInterval {
  /** Milliseconds of the program's schedule since its first touch. */
  readonly ms: number;
  /** Microseconds by which the program ran behind its schedule. */
  readonly drift_us?: number;
  /** Microseconds that reading the placement took; taken out of the schedule. */
  readonly query_us?: number;
  /** Runs of `<node><count in hex>` in page order, `x` for a page in flight or absent. */
  readonly placement: string;
  readonly vmstat: VmstatCounters;
  /** Pages by node, `n8`: in flight or absent; a node without pages is left out. */
  readonly [node: `n${number}`]: number;
}
