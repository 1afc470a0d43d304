/** Kills by the thousand: `npm run kills -- --help`. */
import { runTest } from './run-test.mjs';

runTest({
  usage: 'npm run kills -- [--kills N] [--durability durable|batched] [--seed S]',
  test: 'test/crash/kill.test.ts',
  options: {
    kills: { env: 'HOLDFAST_KILLS', default: '300', help: 'how many of each kind (default 300)' },
    durability: {
      env: 'HOLDFAST_DURABILITY',
      rule: /^(durable|batched)$/,
      help: 'which kind alone: durable or batched',
    },
    seed: { env: 'HOLDFAST_SEED', help: 'of the first store' },
  },
});
