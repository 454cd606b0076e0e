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
    testTimeout: 60_000,
    passWithNoTests: true,
  },
});
