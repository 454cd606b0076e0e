/* PageRank over a random graph with a skewed in-degree: VERTICES EDGES_PER_VERTEX ITERATIONS.
 * Pull form: each vertex streams its edges and gathers the ranks of their sources. SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 1;
static double unit(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (state >> 11) * 0x1p-53;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  uint32_t vertices = atoi(argv[1]), degree = atoi(argv[2]), iterations = atoi(argv[3]);
  uint32_t *source = malloc((size_t)vertices * degree * sizeof *source);
  uint32_t *out_degree = calloc(vertices, sizeof *out_degree);
  float *rank = malloc(vertices * sizeof *rank), *next = malloc(vertices * sizeof *next);
  for (size_t i = 0; i < (size_t)vertices * degree; i++) {
    /* The source's popularity falls as a power of its number; a multiplication scatters it. */
    uint32_t popular = (uint32_t)(pow(unit(), 3) * vertices);
    source[i] = (uint32_t)((uint64_t)popular * 2654435761u % vertices);
    out_degree[source[i]]++;
  }
  for (uint32_t v = 0; v < vertices; v++) rank[v] = 1.0f / vertices;
  for (uint32_t k = 0; k < iterations; k++) {
    for (uint32_t v = 0; v < vertices; v++) {
      float sum = 0;
      for (uint32_t e = 0; e < degree; e++) {
        uint32_t s = source[(size_t)v * degree + e];
        sum += rank[s] / out_degree[s];
      }
      next[v] = 0.15f / vertices + 0.85f * sum;
    }
    float *last = rank;
    rank = next;
    next = last;
  }
  float most = 0;
  for (uint32_t v = 0; v < vertices; v++) most = rank[v] > most ? rank[v] : most;
  printf("%g\n", most);
  return 0;
}
