/**
 * A process that lives the lives it is told of and tells what became of them: `scripts/sim.mjs` starts
 * as many as it was asked for. It runs from compiled files, which is faster than through a test runner,
 * and lets a test run a changed copy of them.
 *
 * One life, without a parent: `node main.js SEED STEPS [SKIP]`; ends with 1 at a violation.
 */
import { initChecksum } from '../../src/format/checksum.ts';
import { commandOf, live, numbersOf, shrink } from './life.ts';
import type { LifePlan } from './life.ts';
import type { Tally } from './looks.ts';

/** What a parent tells. */
export interface Order {
  readonly seed: number;
  readonly steps: number;
  readonly skip: string;
  readonly shrinks: 'shrink' | 'as it is';
}

/** What is told to a parent. */
export interface Answer {
  readonly seed: number;
  readonly tally: Tally;
  /** The error and the command that repeats it. */
  readonly violation: { readonly message: string; readonly again: string } | null;
}

async function answerTo({ seed, steps, skip, shrinks }: Order): Promise<Answer> {
  const plan: LifePlan = { seed, steps, skip: numbersOf(skip) };
  const first = await live(plan);
  if (first.violation === null) return { seed, tally: first.tally, violation: null };
  const result = shrinks === 'shrink' ? await shrink(first) : first;
  const again = commandOf({ ...result.plan, steps: (result.violation?.step ?? steps) + 1 });
  const message = textOf(result.violation?.error ?? first.violation.error);
  return { seed, tally: first.tally, violation: { message, again } };
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${textOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

await initChecksum();
if (process.send === undefined) {
  const [seed = '1', steps = '100', skip = ''] = process.argv.slice(2);
  const order = { seed: Number(seed), steps: Number(steps), skip, shrinks: 'as it is' } as const;
  const answer = await answerTo(order);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  process.exitCode = answer.violation === null ? 0 : 1;
} else {
  process.on('message', (order: Order) => {
    answerTo(order).then(
      (answer) => process.send?.(answer),
      (error: unknown) => {
        process.stderr.write(`${textOf(error)}\n`);
        process.exit(70);
      },
    );
  });
}
