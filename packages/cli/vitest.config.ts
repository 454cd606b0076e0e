import { mergeConfig } from 'vitest/config';

import shared from '../../vitest.shared.ts';

// Processes, not threads: tests of the documents change the current directory.
export default mergeConfig(shared, { test: { pool: 'forks' } });
