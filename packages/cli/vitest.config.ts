import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { mergeConfig } from 'vitest/config';

import shared from '../../vitest.shared.ts';

// Processes, not threads: tests of the documents change the current directory. No test leaves traces in the user's cache.
export default mergeConfig(shared, {
  test: { pool: 'forks', env: { TIERLAB_CACHE: join(tmpdir(), 'tierlab-test-cache') } },
});
