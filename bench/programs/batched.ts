/**
 * The program that `batched` looks at from outside. In each round it appends a few batched entries,
 * notes when each was acknowledged, and then keeps its event loop, or libuv's pool, busy. Times are
 * seconds since 1970, as strace prints them.
 *
 *     node batched.js ROOT idle|blocked|pool ROUNDS
 */
import './tell-failure.ts';
import { pbkdf2 } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Store } from 'holdfast';

const [root = '', mode = 'idle', rounds = '1'] = process.argv.slice(2);
const blockMs = 400;
const poolJobs = 8;
/** About half a second of work on a slow core. */
const poolIterations = 400_000;

function block(): void {
  const end = performance.now() + blockMs;
  while (performance.now() < end);
}

async function busyPool(): Promise<void> {
  await Promise.all(
    Array.from({ length: poolJobs }, () => {
      return new Promise<void>((resolve, reject) => {
        pbkdf2('secret', 'salt', poolIterations, 32, 'sha256', (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
    }),
  );
}

const store = await Store.open(root);
const session = await store.createSession();
await session.append({ role: 'user', content: 'The first append also attaches the session.' });
const acknowledged: number[] = [];
for (let round = 0; round < Number(rounds); round += 1) {
  const working = mode === 'pool' ? busyPool() : Promise.resolve();
  // Fewer than the ten that start a sync by their number: the delay alone has to do it.
  for (let entry = 0; entry <= round % 4; entry += 1) {
    await session.append(
      { role: 'assistant', content: 'x'.repeat(500) },
      { durability: 'batched' },
    );
    acknowledged.push((performance.timeOrigin + performance.now()) / 1000);
  }
  if (mode === 'blocked') block();
  else await sleep(blockMs);
  await working;
}
await store.close();
process.stdout.write(`${JSON.stringify(acknowledged)}\n`);
