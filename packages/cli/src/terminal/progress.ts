/** Where progress is shown: a terminal redraws one line, anything else gets a line now and then. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** A running report of long work on stderr. Data never goes here. */
export interface Progress {
  /** Says how far the work is; `total` is absent where nobody knows it. */
  update(done: number, total?: number, note?: string): void;
  /** Takes the line away. */
  finish(): void;
}

const redrawMs = 100;
const plainLineMs = 10_000;

/**
 * Progress of `label`, in `unitName` (a plural, such as `accesses`), with the time left where the total is known.
 *
 * `now` gives milliseconds; it is the clock of the process unless a test brings its own.
 */
export function startProgress(
  stream: ProgressStream,
  label: string,
  unitName: string,
  now: () => number = () => performance.now(),
): Progress {
  const startMs = now();
  const intervalMs = stream.isTTY ? redrawMs : plainLineMs;
  let lastMs = startMs;
  let drawn = false;
  return {
    update(done, total, note) {
      const nowMs = now();
      if (nowMs - lastMs < intervalMs) return;
      lastMs = nowMs;
      const text = progressLine(label, unitName, done, total, nowMs - startMs, note);
      stream.write(stream.isTTY ? `\r\u001B[K${text}` : `${text}\n`);
      drawn = true;
    },
    finish() {
      if (drawn && stream.isTTY) stream.write('\r\u001B[K');
    },
  };
}

function progressLine(
  label: string,
  unitName: string,
  done: number,
  total: number | undefined,
  elapsedMs: number,
  note: string | undefined,
): string {
  const parts = [`${label}: ${shortCount(done)} ${unitName}`];
  if (total !== undefined && total > 0 && done > 0) {
    const leftSeconds = Math.ceil((elapsedMs * (total - done)) / done / 1000);
    parts.push(`${Math.floor((100 * done) / total)} %, ${shortDuration(leftSeconds)} left`);
  }
  if (note !== undefined) parts.push(note);
  return parts.join(', ');
}

/** A count in at most five characters: `950`, `12.3 k`, `4.56 M`, `1.20 G`. */
export function shortCount(count: number): string {
  const steps: readonly (readonly [number, string])[] = [
    [1e9, ' G'],
    [1e6, ' M'],
    [1e4, ' k'],
  ];
  for (const [size, suffix] of steps) {
    if (count >= size) return (count / (size === 1e4 ? 1e3 : size)).toPrecision(3) + suffix;
  }
  return String(Math.round(count));
}

function shortDuration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
