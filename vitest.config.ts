import { defineConfig } from 'vitest/config';

/** Forks, because locks, kills and working directories belong to a process. */
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/build.ts'],
    /** A forgotten `.only` would silence every other test of its file. */
    allowOnly: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
