import { defineConfig } from 'vitest/config';

const conditions = ['@tierlab/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { projects: ['packages/*'] },
});
