import type { AccessBlock, AccessTrace } from '@tierlab/trace';

import type { CommandContext } from '../context.ts';
import { startProgress } from '../terminal/progress.ts';
import type { OpenedTrace } from './open-trace-file.ts';

/** The trace, with its progress shown while it is read, and ended by Ctrl-C. */
export function watchedTrace(
  opened: OpenedTrace,
  path: string,
  context: CommandContext,
): AccessTrace {
  const { trace, shareRead } = opened;
  async function* blocks(): AsyncIterable<AccessBlock> {
    const progress = startProgress(context.stderr, `replay ${path}`, 'accesses');
    let accesses = 0;
    try {
      for await (const block of trace.blocks()) {
        context.signal.throwIfAborted();
        accesses += block.length;
        const share = shareRead();
        progress.update(
          accesses,
          share === undefined ? undefined : accesses / Math.max(share, 1e-6),
        );
        yield block;
      }
    } finally {
      progress.finish();
    }
  }
  return { ...trace, blocks };
}
