/*
 * The program that runs in the recorded machine: it accesses the pages of one anonymous mapping on a
 * schedule of milliseconds and, every STEP of them, says on which node the kernel keeps each page.
 *
 *   agent run  PAGES PER_MS SEED PHASE...   performs a generated stream
 *   agent emit PAGES PER_MS SEED PHASE...   prints it instead: nanosecond, page, R or W
 *   agent play                              performs the stream that QEMU's fw_cfg device holds
 *
 * PHASE is kind:seconds:first:count:theta:write%, kind u (uniform), z (Zipf) or s (sequential) over
 * `count` pages from `first`. Before the phases every page is written once, in order.
 * Environment: STEP, milliseconds between reports (500); THP, set: the mapping asks for huge pages.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE_BYTES 4096u
#define LINE_BYTES 64u
#define LINES_PER_PAGE 64u
#define NODES_MAX 8
#define QUERY_PAGES 8192u
#define NS_PER_MS 1000000ull

static void fail(const char *format, const char *detail) {
  fprintf(stderr, format, detail);
  fputc('\n', stderr);
  exit(2);
}

static void *allocate(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (!memory) fail("agent: out of memory for %s", "its tables");
  return memory;
}

/* ---- one millisecond of accesses -------------------------------------------------------------- */

struct access {
  uint32_t page;
  uint32_t offset; /* in bytes, of a cache line in the page */
  int write;
};

struct millisecond {
  struct access *access;
  uint32_t length, capacity;
};

static void append(struct millisecond *ms, uint32_t page, uint32_t offset, int write) {
  ms->access[ms->length++] = (struct access){page, offset, write};
}

/* ---- the generated stream --------------------------------------------------------------------- */

/* SplitMix64. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t random_state;

static uint64_t random_bits(void) {
  uint64_t z = random_state += 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

/* Uniform in [0, 1): the upper 53 bits. */
static double random_fraction(void) { return (double)(random_bits() >> 11) * 0x1.0p-53; }

struct phase {
  char kind;
  double seconds;
  uint32_t first, count;
  double theta;
  int write_percent;
};

struct generator {
  uint32_t pages, per_ms;
  uint32_t touched;
  const struct phase *phase;
  int phases, current;
  uint64_t current_ms;
  uint32_t position; /* of a sequential phase */
  uint32_t stride;   /* spreads the ranks of a Zipf phase over its pages; coprime with count */
};

static uint32_t divisor(uint32_t a, uint32_t b) { return b ? divisor(b, a % b) : a; }

static uint32_t stride_of(uint32_t count) {
  uint32_t stride = (uint32_t)(count * 0.6180339887);
  if (stride < 1) stride = 1;
  while (divisor(stride, count) != 1) stride++;
  return stride;
}

/* A rank by the inverse of the continuous Zipf distribution, scattered over the phase's pages. */
static uint32_t zipf(const struct phase *phase, uint32_t stride) {
  double exponent = 1 - phase->theta;
  double u = random_fraction();
  double x = fabs(exponent) < 1e-9 ? exp(u * log((double)phase->count))
                                   : pow(u * (pow(phase->count, exponent) - 1) + 1, 1 / exponent);
  uint32_t rank = (uint32_t)x - 1;
  if (rank >= phase->count) rank = phase->count - 1;
  return (uint32_t)(((uint64_t)rank * stride) % phase->count);
}

static uint32_t draw(struct generator *g, const struct phase *phase) {
  switch (phase->kind) {
    case 'u': return (uint32_t)(random_bits() % phase->count);
    case 'z': return zipf(phase, g->stride);
    default: return g->position++ % phase->count;
  }
}

static void touch_all(struct generator *g, struct millisecond *ms) {
  while (ms->length < g->per_ms && g->touched < g->pages) append(ms, g->touched++, 0, 1);
}

/* A phase lasts one millisecond at least, also one of 0 seconds. */
static int next_phase(struct generator *g) {
  if (g->current >= 0 && g->current_ms < (uint64_t)(g->phase[g->current].seconds * 1000)) return 1;
  if (++g->current >= g->phases) return 0;
  g->current_ms = 0;
  g->position = 0;
  g->stride = stride_of(g->phase[g->current].count);
  return 1;
}

/* Returns 0 at the end of the stream. The order of the draws defines it: page, write, line. */
static int generate(void *state, struct millisecond *ms) {
  struct generator *g = state;
  ms->length = 0;
  if (g->touched < g->pages) {
    touch_all(g, ms);
    return 1;
  }
  if (!next_phase(g)) return 0;
  const struct phase *phase = &g->phase[g->current];
  for (uint32_t i = 0; i < g->per_ms; i++) {
    uint32_t page = phase->first + draw(g, phase);
    int write = phase->write_percent > 0 && (int)(random_bits() % 100) < phase->write_percent;
    uint32_t offset = (uint32_t)(random_bits() % LINES_PER_PAGE) * LINE_BYTES;
    append(ms, page, offset, write);
  }
  g->current_ms++;
  return 1;
}

static struct phase parse_phase(const char *text, uint32_t pages) {
  struct phase p;
  char rest;
  int fields = sscanf(text, "%c:%lf:%u:%u:%lf:%d%c", &p.kind, &p.seconds, &p.first, &p.count,
                      &p.theta, &p.write_percent, &rest);
  if (fields != 6 || !strchr("uzs", p.kind)) fail("agent: not a phase: %s", text);
  if (p.count < 1 || (uint64_t)p.first + p.count > pages) fail("agent: beyond the mapping: %s", text);
  return p;
}

static struct generator parse_generator(int count, char **word) {
  if (count < 4) fail("agent: expected PAGES PER_MS SEED PHASE..., got %s", count ? word[0] : "nothing");
  struct generator g = {.current = -1};
  g.pages = (uint32_t)strtoul(word[0], 0, 10);
  g.per_ms = (uint32_t)strtoul(word[1], 0, 10);
  if (g.pages < 1) fail("agent: expected a number of pages, got %s", word[0]);
  if (g.per_ms < 1) fail("agent: expected accesses per millisecond, got %s", word[1]);
  random_state = strtoull(word[2], 0, 10);
  g.phases = count - 3;
  struct phase *phase = allocate(g.phases, sizeof *phase);
  for (int i = 0; i < g.phases; i++) phase[i] = parse_phase(word[3 + i], g.pages);
  g.phase = phase;
  return g;
}

/* ---- the stream of a trace, read from QEMU's fw_cfg device ------------------------------------- */

/*
 * The device hands out its files byte by byte over a port, when asked and in no time: a trace takes
 * none of the guest's memory, needs no driver and disturbs no clock.
 * Source: QEMU docs/specs/fw_cfg.rst, 7.2.
 */
enum { FW_CFG_SELECTOR = 0x510, FW_CFG_DATA = 0x511, FW_CFG_DIRECTORY = 0x19, FW_CFG_NAME_BYTES = 56 };
#define STREAM_FILE "opt/org.tierlab/stream"

static uint32_t big_endian(const uint8_t *at, int bytes) {
  uint32_t value = 0;
  for (int i = 0; i < bytes; i++) value = value << 8 | at[i];
  return value;
}

/* As insb of sys/io.h, which does not tell the compiler that memory changes. */
static void read_device(void *to, size_t bytes) {
  __asm__ volatile("rep insb" : "+D"(to), "+c"(bytes) : "d"(FW_CFG_DATA) : "memory");
}

static void select_stream(void) {
  uint8_t count[4], entry[8 + FW_CFG_NAME_BYTES];
  if (ioperm(FW_CFG_SELECTOR, 2, 1)) fail("agent: no access to the fw_cfg ports: %s", strerror(errno));
  outw(FW_CFG_DIRECTORY, FW_CFG_SELECTOR);
  read_device(count, sizeof count);
  for (uint32_t i = big_endian(count, 4); i > 0; i--) {
    read_device(entry, sizeof entry);
    if (strncmp((char *)entry + 8, STREAM_FILE, FW_CFG_NAME_BYTES)) continue;
    outw((uint16_t)big_endian(entry + 4, 2), FW_CFG_SELECTOR);
    return;
  }
  fail("agent: QEMU has no %s", STREAM_FILE);
}

/* Little-endian words: pages, milliseconds, most accesses of one; then each millisecond's count and
 * that many of page * 2 + write. */
struct player {
  uint32_t pages, milliseconds, capacity;
  uint32_t played;
  uint32_t *word;
};

static struct player open_player(void) {
  struct player p = {0};
  select_stream();
  read_device(&p.pages, 4);
  read_device(&p.milliseconds, 4);
  read_device(&p.capacity, 4);
  if (!p.pages) fail("agent: %s names no page", STREAM_FILE);
  p.word = allocate(p.capacity, sizeof *p.word);
  return p;
}

static int play(void *state, struct millisecond *ms) {
  struct player *p = state;
  ms->length = 0;
  if (p->played == p->milliseconds) return 0;
  uint32_t count = 0;
  read_device(&count, 4);
  if (count > p->capacity) fail("agent: %s is broken", STREAM_FILE);
  read_device(p->word, (size_t)count * 4);
  for (uint32_t i = 0; i < count; i++) {
    append(ms, p->word[i] >> 1, (i % LINES_PER_PAGE) * LINE_BYTES, (int)(p->word[i] & 1));
  }
  p->played++;
  return 1;
}

/* ---- performing a stream and reporting --------------------------------------------------------- */

struct stream {
  int (*next)(void *state, struct millisecond *ms);
  void *state;
  uint32_t pages;
  struct millisecond ms;
};

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000 * NS_PER_MS + (uint64_t)t.tv_nsec;
}

static volatile uint64_t sink;

static void perform(char *mapping, const struct millisecond *ms) {
  for (uint32_t i = 0; i < ms->length; i++) {
    const struct access *a = &ms->access[i];
    volatile char *at = mapping + (size_t)a->page * PAGE_BYTES + a->offset;
    if (a->write) *at = 1;
    else sink += (uint64_t)*at;
  }
}

static void report_counters(void) {
  static const char *const shown[] = {
      "pgpromote_success", "pgpromote_candidate", "pgpromote_candidate_nrl", "pgpromote_demoted",
      "pgdemote_kswapd", "pgdemote_direct", "pgdemote_khugepaged", "pgdemote_proactive",
      "numa_hint_faults", "numa_hint_faults_local", "numa_pte_updates", "numa_huge_pte_updates",
      "numa_pages_migrated", "pgmigrate_success", "pgmigrate_fail", "pgscan_kswapd",
      "pgsteal_kswapd", "pgscan_direct", "pgrefill", "pgactivate", "pgdeactivate",
      "thp_fault_alloc", "thp_split_page", "thp_migration_success", "thp_migration_split"};
  FILE *file = fopen("/proc/vmstat", "r");
  char name[128];
  unsigned long long value;
  printf("@vmstat");
  while (file && fscanf(file, "%127s %llu", name, &value) == 2) {
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
      if (!strcmp(shown[i], name)) printf(" %s=%llu", name, value);
    }
  }
  if (file) fclose(file);
  putchar('\n');
}

static void report_free(void) {
  for (int node = 0; node < NODES_MAX; node++) {
    char path[64], name[128];
    unsigned long long value;
    snprintf(path, sizeof path, "/sys/devices/system/node/node%d/vmstat", node);
    FILE *file = fopen(path, "r");
    if (!file) continue;
    while (fscanf(file, "%127s %llu", name, &value) == 2) {
      if (!strcmp(name, "nr_free_pages")) printf("@free node%d %llu\n", node, value);
    }
    fclose(file);
  }
}

struct placement {
  void **address;
  int *node;
  uint32_t pages;
};

static void query(struct placement *p) {
  for (uint32_t first = 0; first < p->pages; first += QUERY_PAGES) {
    uint32_t count = p->pages - first < QUERY_PAGES ? p->pages - first : QUERY_PAGES;
    syscall(SYS_move_pages, 0, (unsigned long)count, p->address + first, NULL, p->node + first, 0);
  }
}

/* The page's node, or NODES_MAX: in flight or absent. */
static int node_of(const struct placement *p, uint32_t page) {
  int node = p->node[page];
  return node >= 0 && node < NODES_MAX ? node : NODES_MAX;
}

/* Runs of node digit, x for NODES_MAX, and hexadecimal length. */
static void report_placement(const struct placement *p) {
  uint32_t count[NODES_MAX + 1] = {0};
  for (uint32_t i = 0; i < p->pages; i++) count[node_of(p, i)]++;
  for (int node = 0; node <= NODES_MAX; node++) {
    if (count[node]) printf(" n%d=%u", node, count[node]);
  }
  printf("\n@placement");
  for (uint32_t i = 0, end; i < p->pages; i = end) {
    int node = node_of(p, i);
    for (end = i + 1; end < p->pages && node_of(p, end) == node;) end++;
    printf(" %c%x", node < NODES_MAX ? '0' + node : 'x', end - i);
  }
  putchar('\n');
}

/* Returns the nanoseconds it took, so that the schedule can be moved by them. */
static uint64_t report(struct placement *p, uint64_t ms, uint64_t due) {
  uint64_t begun = now_ns();
  query(p);
  printf("@interval ms=%llu drift_us=%lld query_us=%llu", (unsigned long long)ms,
         (long long)(begun - due) / 1000, (unsigned long long)(now_ns() - begun) / 1000);
  report_placement(p);
  report_counters();
  fflush(stdout);
  return now_ns() - begun;
}

static char *map(uint32_t pages) {
  size_t bytes = (size_t)pages * PAGE_BYTES;
  char *mapping = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) fail("agent: no mapping: %s", strerror(errno));
  madvise(mapping, bytes, getenv("THP") ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  return mapping;
}

static void run(struct stream *s) {
  uint64_t step = getenv("STEP") ? strtoull(getenv("STEP"), 0, 10) : 500;
  if (step < 1) fail("agent: expected milliseconds in STEP, got %s", getenv("STEP"));
  char *mapping = map(s->pages);
  struct placement placement = {allocate(s->pages, sizeof(void *)), allocate(s->pages, sizeof(int)), s->pages};
  for (uint32_t i = 0; i < s->pages; i++) {
    placement.address[i] = mapping + (size_t)i * PAGE_BYTES;
  }
  report_free();
  report_counters();
  uint64_t accesses = 0, ms = 0, start = now_ns();
  while (s->next(s->state, &s->ms)) {
    perform(mapping, &s->ms);
    accesses += s->ms.length;
    ms++;
    while (now_ns() - start < ms * NS_PER_MS) {
    }
    if (ms % step == 0) start += report(&placement, ms, start + ms * NS_PER_MS);
  }
  report_free();
  printf("@end accesses=%llu ms=%llu\n", (unsigned long long)accesses, (unsigned long long)ms);
  fflush(stdout);
}

static void emit(struct stream *s) {
  for (uint64_t ms = 0; s->next(s->state, &s->ms); ms++) {
    for (uint32_t i = 0; i < s->ms.length; i++) {
      uint64_t ns = ms * NS_PER_MS + i * (NS_PER_MS / s->ms.capacity);
      printf("%llu %u %c\n", (unsigned long long)ns, s->ms.access[i].page, s->ms.access[i].write ? 'W' : 'R');
    }
  }
}

static struct stream stream_of(int (*next)(void *, struct millisecond *), void *state, uint32_t pages, uint32_t capacity) {
  return (struct stream){next, state, pages, {allocate(capacity, sizeof(struct access)), 0, capacity}};
}

int main(int count, char **word) {
  const char *command = count > 1 ? word[1] : "";
  if (!strcmp(command, "play")) {
    struct player player = open_player();
    struct stream s = stream_of(play, &player, player.pages, player.capacity);
    run(&s);
    return 0;
  }
  if (strcmp(command, "run") && strcmp(command, "emit")) fail("agent: expected run, emit or play, got %s", command);
  struct generator generator = parse_generator(count - 2, word + 2);
  struct stream s = stream_of(generate, &generator, generator.pages, generator.per_ms);
  if (*command == 'r') run(&s);
  else emit(&s);
  return 0;
}
