import type { AccessBlock, AccessTrace } from '@tierlab/trace';

import type { CommandContext } from '../context.ts';
import { startProgress } from '../terminal/progress.ts';
import type { OpenedTrace } from './open-trace-file.ts';

/**
 * The trace, with its progress shown while it is read. Ctrl-C ends it: what is written then has what
 * was read; a replay, which would be of half a trace, and what is prepared for one throw.
 */
export function watchedTrace(
  opened: OpenedTrace,
  path: string,
  context: CommandContext,
  verb: 'replay' | 'prepare' | 'convert' | 'filter' | 'merge' | 'generate' | 'read' = 'replay',
): AccessTrace {
  const { trace, shareRead } = opened;
  const isWhole = verb === 'replay' || verb === 'prepare';
  async function* blocks(): AsyncIterable<AccessBlock> {
    const progress = startProgress(context.stderr, `${verb} ${path}`, 'accesses');
    let accesses = 0;
    try {
      for await (const block of trace.blocks()) {
        if (context.signal.aborted && !isWhole) return;
        context.signal.throwIfAborted();
        accesses += block.length;
        const share = shareRead();
        progress.update(
          accesses,
          share === undefined ? undefined : accesses / Math.max(share, 1e-6),
        );
        yield block;
      }
    } catch (error) {
      // Ctrl-C also ends the program that writes to our pipe, perhaps in the middle of a line.
      if (!context.signal.aborted || verb === 'replay') throw error;
    } finally {
      progress.finish();
    }
  }
  return { ...trace, blocks };
}
