import { defineConfig } from 'vitest/config';

// Tests import the workspace's sources, so that no build is needed to run one.
const conditions = ['@tierlab/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
    pool: 'threads',
    // No test is timed: this only ends one that hangs, on a host however busy.
    testTimeout: 180_000,
    passWithNoTests: true,
  },
});
