/** Something that happens at a point of simulated time. */
export interface TimedEvent {
  timeNs: number;
  /** Orders events of one time: first scheduled, first to happen. */
  sequence: number;
  cancelled: boolean;
  readonly happen: () => void;
}

/** Events to come, earliest first. */
export interface Timeline {
  /** How many events are to come, cancelled ones included. */
  size(): number;
  /** Time of the earliest event; Infinity if there is none. */
  nextNs(): number;
  /** As {@link Timeline.nextNs}, without these events. */
  nextNsBut(events: readonly TimedEvent[]): number;
  schedule(timeNs: number, happen: () => void): TimedEvent;
  /** Schedules an event that has happened once more. */
  reschedule(event: TimedEvent, timeNs: number): void;
  /** Takes the earliest event out. */
  take(): TimedEvent;
}

/** An empty timeline. */
export function createTimeline(): Timeline {
  const heap: TimedEvent[] = [];
  let sequence = 0;
  const push = (event: TimedEvent): void => {
    heap.push(event);
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!before(event, heap[parent])) break;
      heap[child] = heap[parent];
      child = parent;
    }
    heap[child] = event;
  };
  const pop = (): TimedEvent => {
    const first = heap[0];
    const last = heap.pop()!;
    if (heap.length > 0) sink(heap, last);
    return first;
  };
  return {
    size: () => heap.length,
    nextNs() {
      while (heap.length > 0 && heap[0].cancelled) pop();
      return heap.length > 0 ? heap[0].timeNs : Infinity;
    },
    nextNsBut(events) {
      let nextNs = Infinity;
      for (const event of heap) {
        if (event.timeNs < nextNs && !event.cancelled && !events.includes(event))
          nextNs = event.timeNs;
      }
      return nextNs;
    },
    schedule(timeNs, happen) {
      const event = { timeNs, sequence: sequence++, cancelled: false, happen };
      push(event);
      return event;
    },
    reschedule(event, timeNs) {
      event.timeNs = timeNs;
      event.sequence = sequence++;
      push(event);
    },
    take: pop,
  };
}

function before(a: TimedEvent, b: TimedEvent): boolean {
  return a.timeNs < b.timeNs || (a.timeNs === b.timeNs && a.sequence < b.sequence);
}

function sink(heap: TimedEvent[], event: TimedEvent): void {
  let parent = 0;
  for (;;) {
    let child = 2 * parent + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
    if (!before(heap[child], event)) break;
    heap[parent] = heap[child];
    parent = child;
  }
  heap[parent] = event;
}
