/**
 * What perf's `data_src` says of a sample: whether it is a store, and whether memory served it.
 *
 * Source: Linux include/uapi/linux/perf_event.h, union perf_mem_data_src and PERF_MEM_*, 6.12.
 */
export function isStore(low: number): boolean {
  return (low & OP_STORE) !== 0;
}

/** Whether any kind of operation is given. */
export function hasOperation(low: number): boolean {
  return (low & (OP_LOAD | OP_STORE)) !== 0;
}

/** Whether local, remote, CXL or persistent memory served it, and no cache did. */
export function reachedMemory(low: number, high: number): boolean {
  const level = (low >>> 5) & 0x3fff;
  const levelNumber = (high >>> 1) & 15;
  return (level & (LOCAL_RAM | REMOTE_RAM1 | REMOTE_RAM2)) !== 0 || MEMORY_LEVELS.has(levelNumber);
}

// mem_op, bits 0 to 4.
const OP_LOAD = 2;
const OP_STORE = 4;
// mem_lvl, bits 5 to 18.
const LOCAL_RAM = 0x80;
const REMOTE_RAM1 = 0x100;
const REMOTE_RAM2 = 0x200;
// mem_lvl_num, bits 33 to 36: CXL, RAM, persistent memory.
const MEMORY_LEVELS: ReadonlySet<number> = new Set([0x9, 0xd, 0xe]);
