import type { RunRecord } from '@tierlab/core';
import { NO_NODE, type MigrationPolicy, type PageView } from '@tierlab/policy';
import { replayMany, type RunRequest } from '@tierlab/simulator';
import type { AccessBlock, AccessTrace } from '@tierlab/trace';

/**
 * A map of time (columns, in equal numbers of accesses) and address (rows, in equal numbers of pages, the highest address
 * on top), as bytes; pages that are never accessed take no room.
 */
export interface HeatMap {
  /**
   * `accesses`: 0 where nothing was accessed, otherwise 1 to 255 by the logarithm of the accesses; 255 is
   * `accessesMax`. `placement`: at the end of the column, 0 where no page is mapped, otherwise 1 plus 254 times the share
   * of the mapped pages in the fastest tier. `hot`: 0 where nothing was accessed, otherwise 1 plus 254 times the share of
   * the pages in the hot set of the column: its most accessed pages, as many as the fastest tier holds.
   */
  readonly kind: 'accesses' | 'hot' | 'placement';
  readonly trace: string;
  readonly policy?: string;
  readonly columns: number;
  readonly rows: number;
  readonly accesses: number;
  readonly pages: number;
  readonly pageBytes: number;
  readonly accessesMax?: number;
  /** Pages that the fastest tier holds, for the hot set. */
  readonly hotPages?: number;
  /** Base64 of `rows * columns` bytes, row by row from the top. */
  readonly cells: string;
}

export interface HeatMapRequest {
  /** For the titles. */
  readonly name: string;
  readonly trace: AccessTrace;
  /** Runs whose placement is mapped. */
  readonly runs: readonly RunRequest[];
  /** At most; 240 and 96 if absent. */
  readonly columns?: number;
  readonly rows?: number;
}

export interface MappedRuns {
  /** That of the accesses, that of the hot set of each size of the fastest tier, then one a run; none of a trace of nothing. */
  readonly maps: readonly HeatMap[];
  readonly records: readonly RunRecord[];
}

/**
 * The accesses of a trace, and then the placement of each run, over time and address.
 *
 * The runs are those of a replay without maps, move for move: all that is looked at is where pages are when a column ends.
 * Reads the trace twice, and once more for a ruler that looks ahead.
 */
export async function mapHeat(request: HeatMapRequest): Promise<MappedRuns> {
  const { name, trace, runs } = request;
  const survey = await surveyTrace(trace);
  const grid = makeGrid(survey, request.columns ?? 240, request.rows ?? 96);
  const counts = new Float64Array(grid.columns * grid.rows);
  const hotSets = fastestSizes(runs, survey.pageNumber.length).map((pages) =>
    createHotSet(pages, survey, grid),
  );
  const probes = runs.map((run) => createProbe(run.policy, grid));
  const watched = cutIntoColumns(trace, grid, {
    begin() {
      counts.fill(0);
      for (const hotSet of hotSets) hotSet.begin();
    },
    replayed(block, column) {
      count(counts, block, column, grid);
      for (const hotSet of hotSets) hotSet.count(block, column);
      for (const probe of probes) probe.look(column);
    },
  });
  const records = await replayMany(
    watched,
    runs.map((run, i) => Object.assign({}, run, { policy: probes[i].policy })),
  );

  if (grid.columns === 0) return { maps: [], records };
  const common = {
    trace: name,
    columns: grid.columns,
    rows: grid.rows,
    accesses: survey.accesses,
    pages: survey.pageNumber.length,
    pageBytes: 2 ** trace.declaration.pageShift,
  };
  const accessesMax = counts.reduce((max, value) => Math.max(max, value), 0);
  const accessMap: HeatMap = {
    kind: 'accesses',
    ...common,
    accessesMax,
    cells: base64(logScale(counts, accessesMax)),
  };
  const hotMaps = hotSets.map((hotSet): HeatMap => ({
    kind: 'hot',
    ...common,
    hotPages: hotSet.pages,
    cells: base64(hotSet.cells()),
  }));
  const placements = probes.map(({ cells }, i): HeatMap => ({
    kind: 'placement',
    ...common,
    policy: runs[i].policy.name,
    cells: base64(cells),
  }));
  return { maps: [accessMap, ...hotMaps, ...placements], records };
}

interface Survey {
  readonly accesses: number;
  /** Page number of each page. */
  readonly pageNumber: readonly number[];
}

async function surveyTrace(trace: AccessTrace): Promise<Survey> {
  let accesses = 0;
  const pageNumber: number[] = [];
  for await (const block of trace.blocks()) {
    accesses += block.length;
    for (const number of block.newPageNumber) pageNumber.push(number);
  }
  return { accesses, pageNumber };
}

interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** Accesses before column c end at `columnEnd[c]`. */
  readonly columnEnd: Float64Array;
  /** Row of each page; length of the survey's pages. */
  readonly rowOf: Uint16Array;
}

function makeGrid({ accesses, pageNumber }: Survey, columnsMax: number, rowsMax: number): Grid {
  const columns = Math.min(columnsMax, accesses);
  const rows = Math.min(rowsMax, pageNumber.length);
  const byAddress = Array.from(pageNumber, (_, page) => page).toSorted(
    (a, b) => pageNumber[a] - pageNumber[b],
  );
  const rowOf = new Uint16Array(pageNumber.length);
  for (const [rank, page] of byAddress.entries()) {
    rowOf[page] = rows - 1 - Math.floor((rank * rows) / pageNumber.length);
  }
  const columnEnd = Float64Array.from({ length: columns }, (_, i) =>
    Math.floor(((i + 1) * accesses) / columns),
  );
  return { columns, rows, columnEnd, rowOf };
}

interface Spectator {
  /** A pass over the trace begins. */
  begin(): void;
  /** A block of `column` is done with: whoever asks for the next one has replayed it. */
  replayed(block: AccessBlock, column: number): void;
}

/** `trace` in blocks that end where a column does. */
function cutIntoColumns(
  trace: AccessTrace,
  { columnEnd }: Grid,
  spectator: Spectator,
): AccessTrace {
  return {
    declaration: trace.declaration,
    async *blocks() {
      spectator.begin();
      let position = 0;
      let column = 0;
      for await (const block of trace.blocks()) {
        let newPageFirst = block.newPageFirst;
        for (let from = 0; from < block.length;) {
          const to = Math.min(block.length, from + columnEnd[column] - position);
          const part = partOf(block, from, to, newPageFirst);
          yield part;
          spectator.replayed(part, column);
          newPageFirst += part.newPageNumber.length;
          position += to - from;
          from = to;
          if (position === columnEnd[column]) column++;
        }
      }
    },
  };
}

function partOf(block: AccessBlock, from: number, to: number, newPageFirst: number): AccessBlock {
  const page = block.page.subarray(from, to);
  const touches = touchesOf(block, from, to);
  let newPages = newPageFirst;
  for (const each of page) if (each >= newPages) newPages = each + 1;
  for (const each of touches ?? []) newPages = Math.max(newPages, (each.page.at(-1) ?? -1) + 1);
  // Pages that nothing names yet come with the last part.
  if (to === block.length) newPages = block.newPageFirst + block.newPageNumber.length;
  const numbers = block.newPageNumber.subarray(
    newPageFirst - block.newPageFirst,
    newPages - block.newPageFirst,
  );
  return {
    length: to - from,
    page,
    write: block.write.subarray(from, to),
    ...(block.time && { time: block.time.subarray(from, to) }),
    ...(block.line && { line: block.line.subarray(from, to) }),
    ...(block.thread && { thread: block.thread.subarray(from, to) }),
    ...(block.weight && { weight: block.weight.subarray(from, to) }),
    ...(block.interval && { interval: block.interval }),
    ...(touches && { touches }),
    newPageFirst,
    newPageNumber: numbers,
  };
}

/** The touch intervals of a block that end in a part of it: after its first access and no later than at the next part's. */
function touchesOf(
  { touches, time }: AccessBlock,
  from: number,
  to: number,
): AccessBlock['touches'] | undefined {
  return touches?.filter(({ endTime }) => {
    let end = 0;
    for (let high = time?.length ?? 0; end < high;) {
      const middle = (end + high) >>> 1;
      if ((time as Float64Array)[middle] < endTime) end = middle + 1;
      else high = middle;
    }
    return end <= to && (end > from || from === 0);
  });
}

function count(counts: Float64Array, block: AccessBlock, column: number, grid: Grid): void {
  const { page, weight, length } = block;
  for (let i = 0; i < length; i++) {
    counts[grid.rowOf[page[i]] * grid.columns + column] += weight?.[i] ?? 1;
  }
}

interface Probe {
  /** The policy, observed. */
  readonly policy: MigrationPolicy;
  readonly cells: Uint8Array;
  look(column: number): void;
}

/** `policy` with someone who looks over its shoulder at the page table, and touches nothing. */
function createProbe(policy: MigrationPolicy, grid: Grid): Probe {
  let pages: PageView | undefined;
  let fastest: ReadonlySet<number> = new Set();
  const cells = new Uint8Array(grid.columns * grid.rows);
  return {
    policy: {
      ...policy,
      create(context) {
        pages = context.pages;
        fastest = new Set(context.memory.tiers[0]);
        return policy.create(context);
      },
    },
    cells,
    look(column) {
      // A pass that looks ahead comes before there is a run; the replay itself overwrites what it would leave.
      if (pages === undefined) return;
      const mapped = new Float64Array(grid.rows);
      const near = new Float64Array(grid.rows);
      const { nodeOf, pageCount } = pages;
      for (let page = 0; page < pageCount; page++) {
        if (nodeOf[page] === NO_NODE) continue;
        mapped[grid.rowOf[page]]++;
        if (fastest.has(nodeOf[page])) near[grid.rowOf[page]]++;
      }
      for (let row = 0; row < grid.rows; row++) {
        cells[row * grid.columns + column] =
          mapped[row] === 0 ? 0 : 1 + Math.round((254 * near[row]) / mapped[row]);
      }
    },
  };
}

/** Pages that the fastest tier holds in the runs, each number once, where it does not hold all `pageCount`: then all is hot. */
function fastestSizes(runs: readonly RunRequest[], pageCount: number): number[] {
  const sizes = runs
    .filter(({ policy }) => !policy.relaxes.includes('capacity'))
    .map(({ memory }) =>
      memory.nodes.reduce(
        (pages, node) => pages + (node.tierRank === 0 ? node.capacityPages : 0),
        0,
      ),
    );
  return [...new Set(sizes)].filter((pages) => pages < pageCount);
}

interface HotSet {
  readonly pages: number;
  begin(): void;
  count(block: AccessBlock, column: number): void;
  cells(): Uint8Array;
}

/** The `pages` most accessed pages of each column; of equals, those first accessed first. */
function createHotSet(pages: number, survey: Survey, grid: Grid): HotSet {
  const pageCount = survey.pageNumber.length;
  const accesses = new Float64Array(pageCount);
  let touched: number[] = [];
  let current = 0;
  const cells = new Uint8Array(grid.columns * grid.rows);
  const draw = (): void => {
    const hot = touched.toSorted((a, b) => accesses[b] - accesses[a]).slice(0, pages);
    const hotIn = new Float64Array(grid.rows);
    const touchedIn = new Float64Array(grid.rows);
    for (const page of hot) hotIn[grid.rowOf[page]]++;
    for (const page of touched) touchedIn[grid.rowOf[page]]++;
    for (let row = 0; row < grid.rows; row++) {
      if (touchedIn[row] === 0) continue;
      const share = hotIn[row] / touchedIn[row];
      cells[row * grid.columns + current] = 1 + Math.round(254 * share);
    }
    for (const page of touched) accesses[page] = 0;
    touched = [];
  };
  return {
    pages,
    begin() {
      accesses.fill(0);
      touched = [];
      current = 0;
      cells.fill(0);
    },
    count({ page, weight, length }, column) {
      if (column !== current) draw();
      current = column;
      for (let i = 0; i < length; i++) {
        if (accesses[page[i]] === 0) touched.push(page[i]);
        accesses[page[i]] += weight?.[i] ?? 1;
      }
    },
    cells() {
      draw();
      return cells;
    },
  };
}

function logScale(counts: Float64Array, max: number): Uint8Array {
  const top = Math.log(max);
  return Uint8Array.from(counts, (value) => {
    if (value === 0) return 0;
    return top > 0 ? 1 + Math.round((254 * Math.log(value)) / top) : 255;
  });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
