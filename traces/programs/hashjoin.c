/* A hash join: BUILD rows into a chained table, then PROBES with skewed keys. SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct row { uint64_t key, payload[3]; struct row *next; };

static uint64_t state = 1;
static double unit(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (state >> 11) * 0x1p-53;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  uint64_t build = atoll(argv[1]), probes = atoll(argv[2]), sum = 0;
  uint64_t buckets = 1;
  while (buckets < build) buckets *= 2;
  struct row *rows = malloc(build * sizeof *rows), **heads = calloc(buckets, sizeof *heads);
  for (uint64_t i = 0; i < build; i++) {
    /* Keys in a scattered order, so that neighbours in key are not neighbours in memory. */
    rows[i].key = i * 2654435761u % build;
    rows[i].payload[0] = i;
    struct row **head = &heads[rows[i].key * 0x9e3779b97f4a7c15ull >> 40 & (buckets - 1)];
    rows[i].next = *head;
    *head = &rows[i];
  }
  for (uint64_t i = 0; i < probes; i++) {
    uint64_t key = (uint64_t)(pow(unit(), 4) * build);
    for (struct row *row = heads[key * 0x9e3779b97f4a7c15ull >> 40 & (buckets - 1)]; row; row = row->next)
      if (row->key == key) { sum += row->payload[0]; break; }
  }
  printf("%llu\n", (unsigned long long)sum);
  return 0;
}
