/** `npm run sim -- [--seed N] [--seeds N] [--steps N]`: random lives of a store on a simulated disk. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1000' },
    steps: { type: 'string', default: '200' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  process.stdout.write(`Usage: npm run sim -- [--seed N] [--seeds N] [--steps N]

  --seed N    the first seed (default 1)
  --seeds N   how many seeds (default 1000)
  --steps N   steps of each (default 200)

Prints how many crash states were recovered. A violation prints its seed and the command that
repeats it, and ends with 1.
`);
  process.exit(0);
}
const numbers = [values.seed, values.seeds, values.steps].map(Number);
if (!numbers.every((number) => Number.isSafeInteger(number) && number > 0)) {
  process.stderr.write('--seed, --seeds and --steps are whole numbers from 1\n');
  process.exit(64);
}
const [seed, seeds, steps] = numbers.map(String);
const { status } = spawnSync('npx', ['vitest', 'run', 'test/sim', '--silent=false'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    HOLDFAST_SIM_SEED: seed,
    HOLDFAST_SIM_SEEDS: seeds,
    HOLDFAST_SIM_STEPS: steps,
  },
});
process.exit(status ?? 70);
