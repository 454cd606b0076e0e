/*
 * Measures what the kernel's work costs in the recorded machine, where a nanosecond is an instruction: the program
 * makes the kernel do one kind of work many times and reads the clock before and after.
 *
 *   calibrate        prints `@cost NAME NANOSECONDS COUNT` and `@fact NAME VALUE`
 *
 * It is the agent with another main, so that the accesses are compiled as the agent's are. It wants two nodes, of
 * which node 1 is the slower, debugfs and DAMON.
 */
#define main agent_main
#include "agent.c"
#undef main
#include <dirent.h>
#include <fcntl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/stat.h>

enum { PAGES = 16384, HUGE_PAGES = 16, PAGES_PER_HUGE = 512, FAST = 0, SLOW = 1 };
/* A usual program of the lab, and one in huge pages. */
enum { AGENT_PAGES = 80000, AGENT_HUGE_PAGES = 160 };
enum { MPOL_DEFAULT_ = 0, MPOL_BIND_ = 2 };

static void cost(const char *name, double ns, double count) { printf("@cost %s %.0f %.0f\n", name, ns, count); }
static void fact(const char *name, double value) { printf("@fact %s %.0f\n", name, value); }

static void put(const char *file, const char *value) {
  FILE *f = fopen(file, "w");
  if (!f || fputs(value, f) < 0 || fclose(f)) fail("calibrate: cannot write %s", file);
}

/* Sum of the counters of /proc/vmstat whose names start with `prefix`. */
static double counter(const char *prefix) {
  FILE *file = fopen("/proc/vmstat", "r");
  char name[128];
  unsigned long long value, sum = 0;
  while (file && fscanf(file, "%127s %llu", name, &value) == 2)
    if (!strncmp(name, prefix, strlen(prefix))) sum += value;
  if (file) fclose(file);
  return (double)sum;
}

/* CPU time that this program has had, ns. */
static double own_runtime_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* CPU time that another task has had, ns, up to when it last gave up the CPU; negative: no such task. */
static double runtime_ns(const char *pid) {
  char path[300];
  unsigned long long ns;
  snprintf(path, sizeof path, "/proc/%s/schedstat", pid);
  FILE *file = fopen(path, "r");
  if (!file) return -1;
  int read = fscanf(file, "%llu", &ns);
  fclose(file);
  return read == 1 ? (double)ns : -1;
}

/* Kernel threads, by name up to a slash or colon, that have run longer than a millisecond since boot. */
static void report_threads(const char *when) {
  DIR *directory = opendir("/proc");
  struct dirent *entry;
  while ((entry = readdir(directory))) {
    char path[300], name[64] = "";
    if (*entry->d_name < '1' || *entry->d_name > '9') continue;
    double ns = runtime_ns(entry->d_name);
    snprintf(path, sizeof path, "/proc/%s/comm", entry->d_name);
    FILE *file = fopen(path, "r");
    if (file && !fgets(name, sizeof name, file)) *name = 0;
    if (file) fclose(file);
    name[strcspn(name, "\n")] = 0;
    if (ns > 1e6) printf("@thread %s %s %.0f\n", when, name, ns);
  }
  closedir(directory);
}

/* Milliseconds of jiffies since boot: of Debian's 250 a second, which begin five minutes before they overflow 32 bits.
 * Source: include/linux/jiffies.h, INITIAL_JIFFIES. */
static double jiffies_ms(void) {
  FILE *file = fopen("/proc/timer_list", "r");
  char line[256];
  unsigned long long jiffies = 0;
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "jiffies: %llu", &jiffies) == 1) break;
  if (!file || !jiffies) fail("calibrate: no jiffies in %s", "/proc/timer_list");
  fclose(file);
  return (double)(uint32_t)(jiffies + 300 * 250) * 4;
}

static void spin(double ms) {
  uint64_t end = now_ns() + (uint64_t)(ms * NS_PER_MS);
  while (now_ns() < end) {
  }
}

static void bind_to(int node) {
  unsigned long mask = 1ul << node;
  long failed = node < 0 ? syscall(SYS_set_mempolicy, MPOL_DEFAULT_, NULL, 0)
                         : syscall(SYS_set_mempolicy, MPOL_BIND_, &mask, 8 * sizeof mask);
  if (failed) fail("calibrate: set_mempolicy: %s", strerror(errno));
}

static volatile char sink_byte;

static uint64_t touch(char *at, size_t pages, size_t step) {
  uint64_t begun = now_ns();
  for (size_t i = 0; i < pages; i++) sink_byte = at[i * step];
  return now_ns() - begun;
}

static uint64_t write_pages(char *at, size_t pages, size_t step) {
  uint64_t begun = now_ns();
  for (size_t i = 0; i < pages; i++) at[i * step] = 1;
  return now_ns() - begun;
}

static char *map_at_huge_border(size_t pages, int advice) {
  size_t bytes = (pages + PAGES_PER_HUGE) * PAGE_BYTES;
  char *map = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) fail("calibrate: no mapping: %s", strerror(errno));
  uintptr_t border = (uintptr_t)PAGES_PER_HUGE * PAGE_BYTES;
  char *aligned = (char *)(((uintptr_t)map + border - 1) / border * border);
  madvise(map, bytes, advice);
  return aligned;
}

/* ---- the program's own accesses ---------------------------------------------------------------- */

static void measure_accesses(char *mapping) {
  static const char kinds[] = "uzs";
  for (const char *kind = kinds; *kind; kind++) {
    struct phase phase = {*kind, 2, 0, PAGES, 0.9, 20};
    struct generator g = {.pages = PAGES, .per_ms = 300, .touched = PAGES, .phase = &phase, .phases = 1, .current = -1};
    struct millisecond ms = {allocate(300, sizeof(struct access)), 0, 300};
    generate(&g, &ms);
    perform(mapping, &ms); /* the program's own pages */
    uint64_t begun = now_ns();
    for (int i = 0; i < 500; i++) {
      generate(&g, &ms);
      perform(mapping, &ms);
      now_ns();
    }
    char name[32];
    snprintf(name, sizeof name, "access_%c", *kind);
    cost(name, (double)(now_ns() - begun), 500. * 300);
  }
}

/* ---- the program's reports --------------------------------------------------------------------- */

static double timed_report(const struct placement *p) {
  fflush(stdout);
  uint64_t begun = now_ns();
  report_placement(p);
  fflush(stdout);
  return (double)(now_ns() - begun);
}

static struct placement placement_of(char *mapping, uint32_t pages) {
  struct placement p = {allocate(pages, sizeof(void *)), allocate(pages, sizeof(int)), pages};
  for (uint32_t i = 0; i < pages; i++) p.address[i] = mapping + (size_t)i * PAGE_BYTES;
  return p;
}

/* Asks where the pages are, with the program's own pages in place. */
static double timed_query(struct placement *p) {
  query(p);
  uint64_t begun = now_ns();
  query(p);
  return (double)(now_ns() - begun);
}

static double timed_write(const char *text, size_t bytes) {
  fflush(stdout);
  uint64_t begun = now_ns();
  fwrite(text, 1, bytes, stdout);
  fflush(stdout);
  return (double)(now_ns() - begun);
}

/* What the agent does between two stretches of its schedule, over as many pages: the kernel's part of a query depends
 * on how the program's mappings lie. */
static void measure_reports(struct placement *p) {
  enum { RUN_PAGES = 2, RUN_BYTES = 3, LINE = 64 };
  cost("query_page", timed_query(p), p->pages);
  for (uint32_t i = 0; i < p->pages; i++) p->node[i] = 0;
  double one_run = timed_report(p);
  cost("report_page", one_run, p->pages);
  uint32_t runs = p->pages / RUN_PAGES;
  for (uint32_t i = 0; i < p->pages; i++) p->node[i] = (int)(i / RUN_PAGES % 2);
  double many_runs = timed_report(p);
  size_t bytes = (size_t)runs * RUN_BYTES;
  char *text = allocate(bytes, 1);
  memset(text, '-', bytes);
  for (size_t i = 0; i < bytes; i += LINE) text[i] = '\n';
  text[bytes - 1] = '\n';
  double written = timed_write(text, bytes);
  cost("report_byte", written, (double)bytes);
  cost("report_run", many_runs - one_run - written, runs);
  fflush(stdout);
  uint64_t begun = now_ns();
  report_counters();
  fflush(stdout);
  cost("report_counters", (double)(now_ns() - begun), 1);
  free(text);
}

static void unmap_placement(struct placement *p) {
  munmap(p->address[0], (size_t)p->pages * PAGE_BYTES);
  free(p->address);
  free(p->node);
}

/* The same for a mapping of whole huge pages, which lies elsewhere. */
static void measure_huge_queries(void) {
  setenv("THP", "1", 1);
  struct placement p = placement_of(map(AGENT_HUGE_PAGES * PAGES_PER_HUGE), AGENT_HUGE_PAGES * PAGES_PER_HUGE);
  unsetenv("THP");
  double before = counter("thp_fault_alloc");
  write_pages(p.address[0], AGENT_HUGE_PAGES, (size_t)PAGES_PER_HUGE * PAGE_BYTES);
  fact("query_huge_pages", counter("thp_fault_alloc") - before);
  cost("query_huge", timed_query(&p), p.pages);
  unmap_placement(&p);
}

/* ---- the scanner and hint faults --------------------------------------------------------------- */

/* Spins until the scanner has been, and returns how long its visit was; a tick takes a hundredth of that. */
static double next_scan(double at_least_ns) {
  uint64_t last = now_ns(), end = last + 5000 * NS_PER_MS;
  while (last < end) {
    uint64_t now = now_ns();
    if ((double)(now - last) > at_least_ns) return (double)(now - last);
    last = now;
  }
  fail("calibrate: the scanner did not %s", "come");
  return 0;
}

static void measure_ticks(void) {
  uint64_t last = now_ns(), end = last + 400 * NS_PER_MS;
  double sum = 0, ticks = 0;
  while (last < end) {
    uint64_t now = now_ns();
    if (now - last > 1000 && now - last < 100000) sum += (double)(now - last), ticks++;
    last = now;
  }
  cost("tick", sum, ticks);
}

static const char scanner[] = "/sys/kernel/debug/sched/numa_balancing/";

static void scanner_knob(const char *name, const char *value) {
  char path[128];
  snprintf(path, sizeof path, "%s%s", scanner, name);
  put(path, value);
}

static void measure_hint_faults(void) {
  char *mapping = map_at_huge_border(PAGES, MADV_NOHUGEPAGE);
  bind_to(SLOW);
  write_pages(mapping, PAGES, PAGE_BYTES);
  bind_to(-1);
  char *local = map_at_huge_border(PAGES, MADV_NOHUGEPAGE);
  write_pages(local, PAGES, PAGE_BYTES);
  double access = (double)touch(mapping, PAGES, PAGE_BYTES);
  scanner_knob("scan_period_min_ms", "100");
  scanner_knob("scan_delay_ms", "100");
  scanner_knob("hot_threshold_ms", "0");
  double updates = counter("numa_pte_updates");
  put("/proc/sys/kernel/numa_balancing", "2");
  double first = next_scan(300000);
  double protected = counter("numa_pte_updates") - updates;
  fact("protected", protected);
  double second = next_scan(200000);
  munmap(local, (size_t)PAGES * PAGE_BYTES);
  double third = next_scan(200000);
  cost("scan_protected", third, protected);
  cost("scan_local", second - third, PAGES);
  cost("protect", first - second, protected);
  double faults = counter("numa_hint_faults"), moved = counter("pgpromote_success");
  double stays = (double)touch(mapping, PAGES, PAGE_BYTES);
  cost("hint_fault", stays - access, counter("numa_hint_faults") - faults);
  fact("promoted_cold", counter("pgpromote_success") - moved);
  scanner_knob("hot_threshold_ms", "1000");
  next_scan(300000);
  faults = counter("numa_hint_faults");
  double moves = (double)touch(mapping, PAGES, PAGE_BYTES);
  cost("promotion", moves - access, counter("numa_hint_faults") - faults);
  fact("promoted_hot", counter("pgpromote_success") - moved);
  put("/proc/sys/kernel/numa_balancing", "0");
  munmap(mapping, (size_t)PAGES * PAGE_BYTES);
}

static void measure_huge_pages(void) {
  size_t huge = (size_t)PAGES_PER_HUGE * PAGE_BYTES;
  put("/sys/kernel/mm/transparent_hugepage/enabled", "always");
  char *mapping = map_at_huge_border(HUGE_PAGES * PAGES_PER_HUGE, MADV_HUGEPAGE);
  bind_to(SLOW);
  double allocated = counter("thp_fault_alloc");
  cost("huge_first_touch", (double)write_pages(mapping, HUGE_PAGES, huge), HUGE_PAGES);
  bind_to(-1);
  fact("huge_pages", counter("thp_fault_alloc") - allocated);
  put("/proc/sys/kernel/numa_balancing", "2");
  double updates = counter("numa_pte_updates");
  while (counter("numa_pte_updates") == updates) spin(10);
  double promoted = counter("pgpromote_success");
  double moves = (double)touch(mapping, HUGE_PAGES, huge);
  cost("huge_promotion", moves, (counter("pgpromote_success") - promoted) / PAGES_PER_HUGE);
  put("/proc/sys/kernel/numa_balancing", "0");
  munmap(mapping, HUGE_PAGES * huge);
}

/* ---- reclaim ----------------------------------------------------------------------------------- */

static const char generations[] = "/sys/kernel/debug/lru_gen";

struct generation_range {
  int memcg;
  long oldest, youngest;
};

static struct generation_range generations_of(int node) {
  struct generation_range range = {0, -1, -1};
  FILE *file = fopen(generations, "r");
  char line[256];
  int memcg = 0, current = -1;
  while (file && fgets(line, sizeof line, file)) {
    long seq;
    if (sscanf(line, " memcg %d", &memcg) == 1) continue;
    if (sscanf(line, " node %d", &current) == 1) continue;
    if (current != node || sscanf(line, " %ld", &seq) != 1) continue;
    if (range.oldest < 0) range.oldest = seq;
    range.youngest = seq;
    range.memcg = memcg;
  }
  if (file) fclose(file);
  if (range.oldest < 0) fail("calibrate: no generations in %s", generations);
  return range;
}

static double command_generations(const char *command) {
  FILE *file = fopen(generations, "w");
  setbuf(file, NULL);
  uint64_t begun = now_ns();
  int failed = fputs(command, file) < 0;
  double spent = (double)(now_ns() - begun);
  fclose(file);
  if (failed) fail("calibrate: %s was refused", command);
  return spent;
}

/* Walks all page tables, opens a generation, and returns what it took. */
static double age_node(int node) {
  struct generation_range range = generations_of(node);
  char command[64];
  snprintf(command, sizeof command, "+%d %d %ld 1 1", range.memcg, node, range.youngest);
  return command_generations(command);
}

/* Reclaims up to `pages` pages of all generations but the two youngest. */
static double evict(int node, unsigned pages) {
  struct generation_range range = generations_of(node);
  char command[64];
  snprintf(command, sizeof command, "-%d %d %ld 200 %u", range.memcg, node, range.youngest - 2, pages);
  return command_generations(command);
}

/* Unmapping more pages than the kernel flushes one by one makes it flush them all. */
static void flush_tlb(void) {
  char *mapping = mmap(0, 64 * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  write_pages(mapping, 64, PAGE_BYTES);
  munmap(mapping, 64 * PAGE_BYTES);
}

static double demotions(void) { return counter("pgdemote_"); }

enum { ALL = 1 << 20 };

/* What a walk of page tables takes for an entry that is young and of another node, for an old one, and for young ones
 * that it finds in the generation that it moves them to, or in another; then eviction, for each page that a walk moved. */
static void measure_walks(char *mapping) {
  char *elsewhere = map_at_huge_border(PAGES, MADV_NOHUGEPAGE);
  bind_to(SLOW);
  write_pages(elsewhere, PAGES, PAGE_BYTES);
  bind_to(-1);
  double other_node = age_node(FAST);
  age_node(SLOW);
  double old = age_node(FAST);
  munmap(elsewhere, (size_t)PAGES * PAGE_BYTES);
  double without = age_node(FAST);
  cost("walk_other_node", other_node - without, PAGES);
  cost("walk_old", old - without, PAGES);
  cost("first_touch", (double)write_pages(mapping, PAGES, PAGE_BYTES), PAGES);
  evict(FAST, ALL); /* nothing is old enough: generations without pages go, or a later walk would sort pages for want of one */
  cost("walk_youngest", age_node(FAST) - without, PAGES);
  flush_tlb();
  touch(mapping, PAGES, PAGE_BYTES);
  cost("walk_young", age_node(FAST) - without, PAGES);
  double scanned = counter("pgscan_anon");
  cost("sort", evict(FAST, ALL), PAGES);
  fact("sort_scanned", counter("pgscan_anon") - scanned);
}

/* What it takes to keep young pages: where the look around one spares its neighbours theirs, and where each is looked
 * around, among old pages of another node. */
static void measure_keeping(char *mapping) {
  age_node(FAST);
  flush_tlb();
  touch(mapping, PAGES, PAGE_BYTES);
  double scanned = counter("pgscan_anon"), moved = demotions(), took = evict(FAST, ALL);
  fact("keep_demoted", demotions() - moved);
  cost("keep", took, counter("pgscan_anon") - scanned);
  munmap(mapping, (size_t)PAGES * PAGE_BYTES);

  enum { MANY = 4 * PAGES, APART = 64 };
  char *sparse = map_at_huge_border(MANY, MADV_NOHUGEPAGE);
  write_pages(sparse, MANY / APART, APART * PAGE_BYTES);
  bind_to(SLOW);
  write_pages(sparse, MANY, PAGE_BYTES);
  bind_to(-1);
  for (int i = 0; i < 2; i++) age_node(FAST);
  age_node(SLOW);
  flush_tlb();
  touch(sparse, MANY / APART, APART * PAGE_BYTES);
  scanned = counter("pgscan_anon"), moved = demotions(), took = evict(FAST, ALL);
  fact("keep_sparse_demoted", demotions() - moved);
  cost("keep_sparse", took, counter("pgscan_anon") - scanned);
  munmap(sparse, (size_t)MANY * PAGE_BYTES);
}

static void measure_reclaim(void) {
  put("/sys/kernel/mm/numa/demotion_enabled", "1");
  for (int i = 0; i < 4; i++) age_node(FAST);
  flush_tlb();
  evict(FAST, ALL); /* what else the node holds would be in the way */
  char *mapping = map_at_huge_border(PAGES, MADV_NOHUGEPAGE);
  measure_walks(mapping);
  measure_keeping(mapping);
  mapping = map_at_huge_border(PAGES, MADV_NOHUGEPAGE);
  write_pages(mapping, PAGES, PAGE_BYTES);
  for (int i = 0; i < 4; i++) age_node(FAST);
  double moved = demotions(), took = evict(FAST, PAGES / 2);
  cost("demotion", took, demotions() - moved);
  munmap(mapping, (size_t)PAGES * PAGE_BYTES);

  size_t huge = (size_t)PAGES_PER_HUGE * PAGE_BYTES;
  mapping = map_at_huge_border(HUGE_PAGES * PAGES_PER_HUGE, MADV_HUGEPAGE);
  write_pages(mapping, HUGE_PAGES, huge);
  for (int i = 0; i < 4; i++) age_node(FAST);
  moved = demotions();
  took = evict(FAST, 8 * PAGES_PER_HUGE);
  cost("huge_demotion", took, (demotions() - moved) / PAGES_PER_HUGE);
  munmap(mapping, HUGE_PAGES * huge);
}

/* Reclaims pages of a control group on the active and inactive lists, in place of kswapd; returns what it took. */
static double reclaim_group(unsigned pages) {
  FILE *file = fopen("/group/own/memory.reclaim", "w");
  setbuf(file, NULL);
  uint64_t begun = now_ns();
  fprintf(file, "%u", pages * PAGE_BYTES); /* the kernel complains when it got less */
  double spent = (double)(now_ns() - begun);
  fclose(file);
  return spent;
}

static void enter_group(void) {
  char pid[16];
  mkdir("/group", 0700);
  if (mount("none", "/group", "cgroup2", 0, NULL)) fail("calibrate: no control groups: %s", strerror(errno));
  put("/group/cgroup.subtree_control", "+memory");
  mkdir("/group/own", 0700);
  snprintf(pid, sizeof pid, "%d", getpid());
  put("/group/own/cgroup.procs", pid);
}

/* The lists without generations: all pages are young, so that reclaim goes once round them before it finds an old one. */
static void measure_classic_reclaim(void) {
  put("/sys/kernel/mm/lru_gen/enabled", "n");
  enter_group();
  char *mapping = map_at_huge_border(PAGES, MADV_NOHUGEPAGE);
  write_pages(mapping, PAGES, PAGE_BYTES);
  double looked = counter("pgscan_anon") + counter("pgrefill"), moved = demotions();
  double took = reclaim_group(64);
  moved = demotions() - moved;
  fact("rotation_demoted", moved);
  cost("rotate_or_demote", took, counter("pgscan_anon") + counter("pgrefill") - looked);
  looked = counter("pgscan_anon") + counter("pgrefill");
  moved = demotions();
  took = reclaim_group(PAGES / 2);
  moved = demotions() - moved;
  fact("classic_rotated", counter("pgscan_anon") + counter("pgrefill") - looked - moved);
  cost("classic_demotion", took, moved);
  munmap(mapping, (size_t)PAGES * PAGE_BYTES);
  put("/sys/kernel/mm/lru_gen/enabled", "y");
}

/* ---- kernel threads ---------------------------------------------------------------------------- */

static void measure_switches(void) {
  enum { TURNS = 500 };
  int to[2], from[2];
  char byte = 0;
  if (pipe(to) || pipe(from)) fail("calibrate: no pipe: %s", strerror(errno));
  fflush(stdout);
  if (!fork()) {
    while (read(to[0], &byte, 1) == 1 && byte != 'q')
      if (write(from[1], &byte, 1) != 1) _exit(1);
    _exit(0);
  }
  uint64_t begun = now_ns();
  for (int i = 0; i < TURNS; i++)
    if (write(to[1], &byte, 1) != 1 || read(from[0], &byte, 1) != 1) fail("calibrate: %s", "pipe");
  cost("wake", (double)(now_ns() - begun), 2 * TURNS);
  byte = 'q';
  if (write(to[1], &byte, 1) != 1) fail("calibrate: %s", "pipe");
}

enum { WINDOW_FRAMES = PAGES, NODE_1_FIRST = 65536, NODE_1_END = 196608 };

/* Marks the page frames that hold the mapping. Source: Documentation/admin-guide/mm/pagemap.rst. */
static void mark_frames(uint8_t *held, const char *mapping, size_t pages) {
  FILE *file = fopen("/proc/self/pagemap", "r");
  if (!file || fseek(file, (long)((uintptr_t)mapping / PAGE_BYTES * 8), SEEK_SET)) fail("calibrate: no %s", "pagemap");
  for (size_t i = 0; i < pages; i++) {
    uint64_t entry;
    if (fread(&entry, 8, 1, file) != 1) fail("calibrate: %s is short", "pagemap");
    uint64_t frame = entry & ((1ull << 55) - 1);
    if (entry >> 63 && frame >= NODE_1_FIRST && frame < NODE_1_END) held[frame - NODE_1_FIRST] = 1;
  }
  fclose(file);
}

/* First frame of the stretch of node 1 that holds the most, or the fewest, of the marked frames. */
static uint32_t window_of(const uint8_t *held, int most, uint32_t *count) {
  uint32_t now = 0, best = 0;
  for (uint32_t i = 0; i < NODE_1_END - NODE_1_FIRST; i++) {
    now += held[i];
    if (i < WINDOW_FRAMES - 1) continue;
    if (i >= WINDOW_FRAMES) now -= held[i - WINDOW_FRAMES];
    if (i > WINDOW_FRAMES - 1 && (most ? now <= *count : now >= *count)) continue;
    *count = now;
    best = i - (WINDOW_FRAMES - 1);
  }
  return best + NODE_1_FIRST;
}

static const char kdamonds[] = "/sys/kernel/mm/damon/admin/kdamonds/";

static void kdamonds_put(const char *name, const char *value) {
  char path[160];
  snprintf(path, sizeof path, "%s%s", kdamonds, name);
  put(path, value);
}

/* Times that a task gave up the CPU by itself. */
static double sleeps_of(const char *pid) {
  char path[64], line[128];
  unsigned long long count = 0;
  snprintf(path, sizeof path, "/proc/%s/status", pid);
  FILE *file = fopen(path, "r");
  while (file && fgets(line, sizeof line, file)) sscanf(line, "voluntary_ctxt_switches: %llu", &count);
  if (file) fclose(file);
  return (double)count;
}

/*
 * What a monitor's thread takes each time it wakes, every 5 ms, to clear and to test one page of each region over the
 * frames. Regions of one size, as many as the fewest and the most allowed, are neither joined nor split.
 */
static void measure_damon_window(const char *name, char *mapping, size_t pages, uint32_t first, uint32_t regions) {
  static const char *const words[][2] = {
      {"nr_kdamonds", "1"}, {"0/contexts/nr_contexts", "1"}, {"0/contexts/0/operations", "paddr"},
      {"0/contexts/0/monitoring_attrs/intervals/sample_us", "5000"},
      {"0/contexts/0/monitoring_attrs/intervals/aggr_us", "100000"},
      {"0/contexts/0/monitoring_attrs/intervals/update_us", "60000000"},
      {"0/contexts/0/targets/nr_targets", "1"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) kdamonds_put(words[i][0], words[i][1]);
  char file_name[96], value[32];
  snprintf(value, sizeof value, "%u", regions);
  kdamonds_put("0/contexts/0/monitoring_attrs/nr_regions/min", value);
  kdamonds_put("0/contexts/0/monitoring_attrs/nr_regions/max", value);
  kdamonds_put("0/contexts/0/targets/0/regions/nr_regions", value);
  for (uint32_t i = 0; i < regions; i++) {
    for (int end = 0; end <= 1; end++) {
      uint64_t frame = first + (uint64_t)WINDOW_FRAMES / regions * (i + (uint32_t)end);
      snprintf(file_name, sizeof file_name, "0/contexts/0/targets/0/regions/%u/%s", i, end ? "end" : "start");
      snprintf(value, sizeof value, "%llu", (unsigned long long)(frame * PAGE_BYTES));
      kdamonds_put(file_name, value);
    }
  }
  kdamonds_put("0/state", "on");
  char path[160], pid[16] = "";
  snprintf(path, sizeof path, "%s0/pid", kdamonds);
  FILE *file = fopen(path, "r");
  if (!file || fscanf(file, "%15s", pid) != 1) fail("calibrate: no %s", path);
  fclose(file);
  double before = runtime_ns(pid), slept = sleeps_of(pid);
  for (int i = 0; i < 5; i++) {
    touch(mapping, pages, PAGE_BYTES);
    spin(90);
  }
  cost(name, runtime_ns(pid) - before, sleeps_of(pid) - slept);
  kdamonds_put("0/state", "off");
}

/* DAMON_STAT, a monitor that kernels since 6.17 may have on, lets no other start. */
static void stop_damon_stat(void) {
  static const char file[] = "/sys/module/damon_stat/parameters/enabled";
  if (access(file, W_OK) == 0) put(file, "N");
}

/* Early, as in a recording: until the kernel's random generator is seeded, by interrupts of the serial line among others,
 * each region's page is a costly draw. */
static void measure_damon(void) {
  enum { PAGES_HERE = 4 * PAGES, DAMON_REGIONS = 32, DAMON_FEW_REGIONS = 8 };
  char *mapping = map_at_huge_border(PAGES_HERE, MADV_NOHUGEPAGE);
  bind_to(SLOW);
  write_pages(mapping, PAGES_HERE, PAGE_BYTES);
  bind_to(-1);
  uint8_t *held = allocate(NODE_1_END - NODE_1_FIRST, 1);
  mark_frames(held, mapping, PAGES_HERE);
  uint32_t held_most = 0, held_fewest = 0;
  uint32_t dense = window_of(held, 1, &held_most);
  uint32_t sparse = window_of(held, 0, &held_fewest);
  fact("damon_window_held", held_most);
  fact("damon_window_free", WINDOW_FRAMES - held_fewest);
  stop_damon_stat();
  measure_damon_window("damon_held", mapping, PAGES_HERE, dense, DAMON_REGIONS);
  measure_damon_window("damon_free", mapping, PAGES_HERE, sparse, DAMON_REGIONS);
  measure_damon_window("damon_free_few", mapping, PAGES_HERE, sparse, DAMON_FEW_REGIONS);
  fact("damon_regions", DAMON_REGIONS);
  fact("damon_few_regions", DAMON_FEW_REGIONS);
  munmap(mapping, (size_t)PAGES_HERE * PAGE_BYTES);
}

/* ---- what the program finds -------------------------------------------------------------------- */

/* What the agent does before its first touch. */
static struct placement start_as_the_agent(void) {
  struct placement p = placement_of(map(AGENT_PAGES), AGENT_PAGES);
  report_free();
  report_counters();
  return p;
}

/* The zone of node 0 with the most pages: what it manages, what of it is free, and what lies on the CPU's list. */
struct zone_state {
  long managed, free, listed;
};

/* Reads it with no memory but the stack's, which is there already: a page more would be one off the list. */
static struct zone_state largest_zone(int file) {
  struct zone_state zone = {0, 0, 0}, largest = zone;
  int node = -1;
  char chunk[512], line[64];
  size_t length = 0;
  ssize_t got;
  lseek(file, 0, SEEK_SET);
  while ((got = read(file, chunk, sizeof chunk)) > 0) {
    for (ssize_t i = 0; i < got; i++) {
      if (chunk[i] != '\n') {
        if (length < sizeof line - 1) line[length++] = chunk[i];
        continue;
      }
      line[length] = 0;
      length = 0;
      if (sscanf(line, "Node %d, zone", &node) == 1) zone = (struct zone_state){0, 0, 0};
      sscanf(line, " pages free %ld", &zone.free);
      sscanf(line, " managed %ld", &zone.managed);
      if (sscanf(line, " count: %ld", &zone.listed) == 1 && node == 0 && zone.managed > largest.managed) largest = zone;
    }
  }
  return largest;
}

/* Touches pages `step` apart, from `at` on, until the list is filled up from the zone; returns how many it touched
 * before that. */
static size_t touch_to_refill(int file, char *at, size_t step) {
  struct zone_state before, now = largest_zone(file);
  size_t touched = 0;
  do {
    before = now;
    at[touched++ * step * PAGE_BYTES] = 1;
    now = largest_zone(file);
  } while (now.free >= before.free || now.listed <= before.listed);
  return touched - 1;
}

/* What lies on the CPU's list, by kind, which no file of the kernel tells: a first touch takes a page that can move,
 * and in each new stretch of 512 a page for the page table, which cannot. */
static void measure_listed(void) {
  enum { STRETCHES = 4096 };
  size_t bytes = (size_t)STRETCHES * PAGES_PER_HUGE * PAGE_BYTES;
  int file = open("/proc/zoneinfo", O_RDONLY);
  largest_zone(file); /* the kernel's own memory for it is there from now on */
  fact("per_cpu_pages", (double)largest_zone(file).listed);
  char *map = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) fail("calibrate: no mapping: %s", strerror(errno));
  madvise(map, bytes, MADV_NOHUGEPAGE);
  size_t unmovable = touch_to_refill(file, map, PAGES_PER_HUGE);
  char *beyond = map + (unmovable + 1) * PAGES_PER_HUGE * PAGE_BYTES;
  size_t movable = unmovable + 1 + touch_to_refill(file, beyond, 1);
  fact("per_cpu_movable", (double)movable);
  fact("per_cpu_unmovable", (double)unmovable);
  munmap(map, bytes);
  close(file);
}

/* Pages of the kernel's own image that boot gave back, as it logged: the sizes of the CPU's lists were set before. */
static double image_pages_freed(void) {
  enum { READ_ALL = 3 };
  static char text[1 << 18];
  int length = klogctl(READ_ALL, text, sizeof text - 1);
  double kib = 0;
  text[length < 0 ? 0 : length] = 0;
  for (char *at = text; (at = strstr(at, "Freeing unused ")); at++) {
    unsigned long size;
    char *colon = strstr(at, "memory: ");
    if (colon && sscanf(colon, "memory: %luK", &size) == 1) kib += (double)size;
  }
  return kib * 1024 / PAGE_BYTES;
}

/* A counter of node 0, in pages; what CPUs had not added yet has to be in it already. */
static double node_counter(const char *name) {
  FILE *file = fopen("/sys/devices/system/node/node0/vmstat", "r");
  char read[128];
  unsigned long long value, found = 0;
  while (file && fscanf(file, "%127s %llu", read, &value) == 2)
    if (!strcmp(read, name)) found = value;
  if (file) fclose(file);
  return (double)found;
}

/* Pages that reclaim can take and that are older than the program's arrays: the files of the initramfs, which the LRU
 * has among anonymous memory, those of them that are mapped, and the shell's and the program's small mappings. */
static void report_resident(void) {
  put("/proc/sys/vm/stat_refresh", "1");
  double array = ceil((AGENT_PAGES * (double)sizeof(void *) + 2 * sizeof(size_t)) / PAGE_BYTES);
  fact("file_pages", node_counter("nr_shmem"));
  fact("mapped_file_pages", node_counter("nr_mapped"));
  fact("small_anonymous_pages", node_counter("nr_anon_pages") - array - 1);
}

static void report_start(char *mapping) {
  uintptr_t end = (uintptr_t)mapping + (uintptr_t)AGENT_PAGES * PAGE_BYTES;
  fact("pages_below_border", (double)((PAGES_PER_HUGE - end / PAGE_BYTES % PAGES_PER_HUGE) % PAGES_PER_HUGE));
  fact("image_pages_freed", image_pages_freed());
}

int main(void) {
  struct placement agents = start_as_the_agent();
  uint64_t begun = now_ns();
  double before = own_runtime_ns();
  fact("runtime_at_start", before);
  measure_listed();
  put("/proc/sys/kernel/numa_balancing", "0"); /* it is on unless told otherwise */
  report_resident();
  report_start(agents.address[0]);
  report_threads("start");
  spin(2000);
  cost("boot_work", (double)(now_ns() - begun) - (own_runtime_ns() - before), 1);
  report_threads("settled");
  fact("boot_ms", jiffies_ms() - (double)(now_ns() - begun) / NS_PER_MS);
  measure_damon();
  write_pages(agents.address[0], AGENT_PAGES, PAGE_BYTES);
  measure_reports(&agents);
  unmap_placement(&agents);
  measure_huge_queries();
  char *mapping = map(PAGES);
  write_pages(mapping, PAGES, PAGE_BYTES);
  measure_ticks();
  measure_accesses(mapping);
  munmap(mapping, (size_t)PAGES * PAGE_BYTES);
  measure_switches();
  measure_hint_faults();
  measure_huge_pages();
  measure_reclaim();
  measure_classic_reclaim();
  return 0;
}
