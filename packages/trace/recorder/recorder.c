/* A TCG plugin for QEMU user mode: the data accesses of a program through a first-level cache per thread and one last
 * level, as records on file descriptor 3.
 *
 *   qemu-x86_64 -plugin recorder.so,llc=2097152,l1=32768,interval=10000000,limit=0 PROGRAM ARGS 3>records
 *
 * llc   bytes of the last level, 16 ways of 64-byte lines, a power of two; 0 records every access instead
 * l1    bytes of each thread's first level, 8 ways; 0 leaves it out
 * interval  instructions of a touch interval: each page touched in it gives one record at least; 0 gives none
 * limit data accesses after which the program ends; 0 never
 *
 * A record is two little-endian u64: address with the kind in its low 6 bits, then time << 16 | thread. Kinds:
 * 0 load, 1 store, 2 fill (a read of memory), 3 write-back, 4 touch (address of the page), 5 progress (data accesses
 * so far << 6). Time is in instructions of the thread that is furthest, and never decreases.
 *
 * Both levels are LRU, write-back, write-allocate; src/filter/hierarchy.ts is the same model. Threads gather what
 * passes their first level and take turns at the last level a buffer at a time.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The part of QEMU's plugin API that is used; versions 1 to 6 have it alike. PLUGIN_VERSION is what the QEMU at hand
 * accepts: 1 up to QEMU 8, 2 from 9 on. Source: docs/devel/tcg-plugins.rst and the exported symbols of QEMU 7.2. */
typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef uint32_t qemu_plugin_meminfo_t;
enum { NO_REGS = 0 };
enum { MEM_READ = 1, MEM_WRITE = 2 };
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *), int, void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *,
                                      void (*)(unsigned, qemu_plugin_meminfo_t, uint64_t, void *), int, int, void *);
unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = PLUGIN_VERSION;

enum { LOAD, STORE, FILL, WRITE_BACK, TOUCH, PROGRESS };
enum { LINE_SHIFT = 6, PAGE_SHIFT = 12, L1_WAYS = 8, LLC_WAYS = 16 };
enum { THREADS = 4096, GATHERED = 1024, SEEN_PAGES = 1024, RECORDS = 4096 };

/* What passes a thread's first level: address | kind, and the thread's instructions. */
struct event { uint64_t what, instructions; };
struct record { uint64_t what, when; };

struct thread {
  uint64_t instructions, base, accesses;
  uint64_t interval_end;
  uint64_t last_line; /* line << 1 | dirty: the line of the last access needs no look-up */
  unsigned gathered, number;
  uint64_t seen[SEEN_PAGES]; /* pages touched in this interval, by low bits; ~0 none */
  struct event events[GATHERED];
  uint64_t *l1; /* [set][way], most recent first: line << 1 | dirty, ~0 free */
};

static struct thread *threads[THREADS];
static uint64_t l1_sets, llc_sets, interval, limit;
static uint64_t *llc;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t now;
static struct record records[RECORDS];
static unsigned record_count;
static int out = -1;
static pid_t owner;
static bool stopped;

static void stop_recording(void) {
  stopped = true;
  if (out >= 0) close(out);
  out = -1;
}

static void write_records(void) {
  const char *bytes = (const char *)records;
  size_t left = record_count * sizeof records[0];
  record_count = 0;
  /* A forked child shares the descriptor; only the recorded process writes. */
  if (getpid() != owner) { stop_recording(); return; }
  while (left > 0 && out >= 0) {
    ssize_t written = write(out, bytes, left);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) { stop_recording(); return; }
    bytes += written;
    left -= (size_t)written;
  }
}

static void put(uint64_t what, unsigned thread) {
  records[record_count++] = (struct record){what, now << 16 | (thread & 0xffff)};
  if (record_count == RECORDS) write_records();
}

/* Moves a line to the front of its set. Gives whether it was there; `*out_line` is what fell out, or ~0. */
static inline bool to_front(uint64_t *set, unsigned ways, uint64_t line, bool dirty, uint64_t *out_line) {
  uint64_t carried = set[0];
  *out_line = ~0ull;
  if (carried >> 1 == line) { set[0] |= dirty; return true; }
  set[0] = line << 1 | dirty;
  for (unsigned way = 1; way < ways; way++) {
    uint64_t next = set[way];
    set[way] = carried;
    if (next >> 1 == line) { set[0] |= next & 1; return true; }
    carried = next;
  }
  *out_line = carried;
  return false;
}

/* A line wanted by (or written back from) the level above: what memory sees of it. */
static void last_level(uint64_t line, bool is_write_back, unsigned thread) {
  uint64_t victim;
  bool hit = to_front(llc + (line & (llc_sets - 1)) * LLC_WAYS, LLC_WAYS, line, is_write_back, &victim);
  if (victim != ~0ull && (victim & 1)) put(victim >> 1 << LINE_SHIFT | WRITE_BACK, thread);
  if (!hit && !is_write_back) put(line << LINE_SHIFT | FILL, thread);
}

static uint64_t all_accesses(void) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < THREADS && threads[i]; i++) sum += threads[i]->accesses;
  return sum;
}

static void hand_over(struct thread *t) {
  pthread_mutex_lock(&lock);
  for (unsigned i = 0; i < t->gathered && !stopped; i++) {
    uint64_t what = t->events[i].what, time = t->base + t->events[i].instructions;
    if (time > now) now = time;
    unsigned kind = what & 63;
    if (kind == FILL || kind == WRITE_BACK) last_level(what >> LINE_SHIFT, kind == WRITE_BACK, t->number);
    else put(what, t->number);
  }
  t->gathered = 0;
  if (!stopped) {
    uint64_t accesses = all_accesses();
    put(accesses << 6 | PROGRESS, t->number);
    if (limit && accesses >= limit) { write_records(); _exit(0); }
  }
  pthread_mutex_unlock(&lock);
}

static inline void gather(struct thread *t, uint64_t what) {
  t->events[t->gathered++] = (struct event){what, t->instructions};
  if (t->gathered == GATHERED) hand_over(t);
}

static void begin_interval(struct thread *t) {
  uint64_t time = t->base + t->instructions;
  t->interval_end = (time / interval + 1) * interval - t->base;
  memset(t->seen, 0xff, sizeof t->seen);
  t->last_line = ~0ull;
}

static void line_access(struct thread *t, uint64_t line, bool store) {
  if (interval) {
    uint64_t page = line >> (PAGE_SHIFT - LINE_SHIFT);
    if (t->seen[page % SEEN_PAGES] != page) {
      t->seen[page % SEEN_PAGES] = page;
      gather(t, page << PAGE_SHIFT | TOUCH);
    }
  }
  if (!llc) { gather(t, line << LINE_SHIFT | (store ? STORE : LOAD)); return; }
  if (!l1_sets) { gather(t, line << LINE_SHIFT | FILL); if (store) gather(t, line << LINE_SHIFT | WRITE_BACK); return; }
  uint64_t victim;
  uint64_t *set = t->l1 + (line & (l1_sets - 1)) * L1_WAYS;
  bool hit = to_front(set, L1_WAYS, line, store, &victim);
  t->last_line = set[0];
  if (hit) return;
  if (victim != ~0ull && (victim & 1)) gather(t, victim >> 1 << LINE_SHIFT | WRITE_BACK);
  gather(t, line << LINE_SHIFT | FILL);
}

static inline void access_memory(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, bool store) {
  struct thread *t = threads[cpu % THREADS];
  if (!t || stopped) return;
  uint64_t line = address >> LINE_SHIFT;
  t->accesses++;
  if (interval && t->instructions >= t->interval_end) begin_interval(t);
  if (!(t->last_line >> 1 == line && (!store || (t->last_line & 1)))) line_access(t, line, store);
  /* Only the last bytes of a line can reach into the next. */
  if ((address & 63) > 32) {
    uint64_t end = address + (1ull << qemu_plugin_mem_size_shift(info)) - 1;
    if (end >> LINE_SHIFT != line) line_access(t, end >> LINE_SHIFT, store);
  }
}

static void on_access(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void *data) {
  (void)data;
  access_memory(cpu, info, address, qemu_plugin_mem_is_store(info));
}

static struct thread *new_thread(unsigned cpu) {
  struct thread *t = calloc(1, sizeof *t);
  t->l1 = malloc((l1_sets ? l1_sets : 1) * L1_WAYS * sizeof *t->l1);
  memset(t->l1, 0xff, (l1_sets ? l1_sets : 1) * L1_WAYS * sizeof *t->l1);
  t->number = cpu;
  pthread_mutex_lock(&lock);
  t->base = now;
  pthread_mutex_unlock(&lock);
  t->last_line = ~0ull;
  if (interval) begin_interval(t);
  threads[cpu] = t;
  return t;
}

static void on_block(unsigned cpu, void *instructions) {
  struct thread *t = threads[cpu % THREADS];
  if (__builtin_expect(!t, 0)) t = new_thread(cpu % THREADS);
  t->instructions += (uintptr_t)instructions;
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
  (void)id;
  size_t count = qemu_plugin_tb_n_insns(block);
  qemu_plugin_register_vcpu_tb_exec_cb(block, on_block, NO_REGS, (void *)(uintptr_t)count);
  for (size_t i = 0; i < count; i++) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
    /* Both directions in one callback: QEMU 7.2 gives loads to a callback that asked for stores only. */
    qemu_plugin_register_vcpu_mem_cb(insn, on_access, NO_REGS, MEM_READ | MEM_WRITE, NULL);
  }
}

static void on_end(qemu_plugin_id_t id, void *data) {
  (void)id;
  (void)data;
  for (unsigned i = 0; i < THREADS && threads[i]; i++) hand_over(threads[i]);
  pthread_mutex_lock(&lock);
  write_records();
  stop_recording();
  pthread_mutex_unlock(&lock);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
  (void)info;
  uint64_t llc_bytes = 2 << 20, l1_bytes = 32 << 10;
  interval = 10000000;
  for (int i = 0; i < argc; i++) {
    char *value = strchr(argv[i], '=');
    if (!value) { fprintf(stderr, "recorder: expected NAME=VALUE, got %s\n", argv[i]); return -1; }
    *value++ = 0;
    uint64_t number = strtoull(value, NULL, 10);
    if (!strcmp(argv[i], "llc")) llc_bytes = number;
    else if (!strcmp(argv[i], "l1")) l1_bytes = number;
    else if (!strcmp(argv[i], "interval")) interval = number;
    else if (!strcmp(argv[i], "limit")) limit = number;
    else { fprintf(stderr, "recorder: no option %s\n", argv[i]); return -1; }
  }
  llc_sets = llc_bytes / 64 / LLC_WAYS;
  l1_sets = l1_bytes / 64 / L1_WAYS;
  if ((llc_sets & (llc_sets - 1)) || (l1_sets & (l1_sets - 1)) || (llc_bytes && !llc_sets)) {
    fprintf(stderr, "recorder: a cache size is not a power of two\n");
    return -1;
  }
  if (llc_sets) {
    llc = malloc(llc_sets * LLC_WAYS * sizeof *llc);
    memset(llc, 0xff, llc_sets * LLC_WAYS * sizeof *llc);
  }
  /* The program may use or close low descriptors. */
  out = fcntl(3, F_DUPFD_CLOEXEC, 900);
  if (out < 0) { fprintf(stderr, "recorder: nothing to write to on descriptor 3\n"); return -1; }
  close(3);
  owner = getpid();
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
  qemu_plugin_register_atexit_cb(id, on_end, NULL);
  return 0;
}
