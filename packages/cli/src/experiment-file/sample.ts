/** The experiment file that `tierlab init` writes: what it needs, and every other key commented out. */
export const SAMPLE_EXPERIMENT = `# yaml-language-server: $schema=./experiment.schema.json
#
# An experiment: every trace is replayed on every machine, with every capacity, under every policy, with
# every seed. In this folder,
#
#     tierlab compare
#
# runs it, and results/report.html shows what came of it. Paths start at the folder of this file, and an
# option of the command line goes before what is said here. Lines that begin with # and a word are keys
# that are not needed: take the # away to use one.

# Traces of memory accesses, in any format that \`tierlab trace formats\` lists.
traces:
  - trace.tlt

# How they are read, where their content does not tell (\`tierlab compare --help\` has every key).
#read: { format: delimited, columns: 'op,addr' }

# Where the pages of each trace's process were before: its /proc/PID/numa_maps, one a trace.
#placements: [trace.numa_maps]

# Cut each trace into equal parts. They are replicates: five or more give intervals.
#windows: 5

# Machine files, folders of ACPI tables, copies of /sys, or names that \`tierlab machine list\` has.
machines:
  - machine.yaml

# The kernel that builds their tiers, in quotes: YAML reads 6.10 as 6.1.
#kernel: '6.12'

# What-ifs on every machine.
#set: { node1.readLatency: 250 ns }

# Tiering policies to ask instead of Linux's, kernel boot options, and what happens after boot.
#tiering: [hmat]
#bootOptions: ['numa=nohmat']
#hotplug: offline 1; online 1

# Policies; \`tierlab policy list\` has all, and ./mine.mjs is one of your own. Every value of a list is
# tried, with every value of the other lists.
policies:
  - all-fast
  - stay-put
  - weighted-interleave
  - name: kleio-history
    params: { fill: [0.5, 1] }

# Memory that a node has for the runs: several sizes are several runs.
capacities:
  node0: [2 MiB, 4 MiB]

# Each seed is a run of its own for the policies that draw.
#seeds: [1, 2, 3, 4, 5]

# What a run assumes besides machine, trace and policy.
settings:
  epochAccesses: 20000

# Exit code 3 where a run crosses one.
#failIf: [slowdown > 1.5]

# What memory costs; each run then has its cost. The expression is the default.
#prices: { dramPrice: 4 USD/GiB, cxlPrice: 2 USD/GiB }
#cost: dram * dramPrice + cxl * cxlPrice

# Runs of which the report maps the placement over time and address, the quickest first.
#heatMaps: 6

# What \`tierlab plan\` asks: the least DRAM for a slowdown, and what it saves at prices of yours.
plan:
  target: 10%
  prices: { dramPrice: 4 USD/GiB, cxlPrice: 2.5 USD/GiB }
  out: plan

# What \`tierlab tune\` searches: values of a policy's parameters, with one size of each node
# (\`tierlab tune --capacity node0=2MiB\`).
tune:
  policy: kleio-history
  params: { fill: [0.25, 0.5, 0.75, 1] }
  budget: 10
  out: tune

# Threads; the results do not depend on their number.
#jobs: 2

# Report, tables, and the finished runs, which an interrupted call goes on from.
out: results
`;

/** The machine of the sample. */
export const SAMPLE_MACHINE = `# A machine file; docs/machine-file.md has every key. Replace the figures by those of your machine.
name: A socket of DRAM, and CXL memory without CPUs
nodes:
  - cpus: 16
    memory: 64 GiB
    latency: 90 ns
    bandwidth: 200 GB/s
  - memory: 256 GiB
    latency: 250 ns
    bandwidth: 38.4 GB/s
`;

/** The trace of the sample: a hot set of 8 MiB of pages, a part of which is replaced again and again. */
export const SAMPLE_TRACE = 'moving:pages=2048,period=60k,accesses=300k,seed=1';
