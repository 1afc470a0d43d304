/**
 * A program whose thread pool is full of eight pbkdf2 jobs that take longer than it lives. It appends
 * all the same, and tells:
 *
 *     open                      the store is open, and one message is durable
 *     batched                   a batched message was acknowledged; from now on the loop is blocked
 *     unblocked                 somebody made the file that it waited for
 *     appended COUNT P50 P99    so many durable messages, and their times in ms
 *     jobs COUNT                jobs of the pool that are done
 *
 *     node starved.mjs ROOT FILE
 */
import { pbkdf2 } from 'node:crypto';
import { existsSync, writeSync } from 'node:fs';
import { Store } from 'holdfast';

const [root, file] = process.argv.slice(2);
const tell = (...words) => writeSync(1, `${words.join(' ')}\n`);
const store = await Store.open(root, { io: 'worker' });
const session = await store.createSession({ id: 's' });
const say = (text) => ({ role: 'user', content: text });
await session.append(say('first'));
tell('open');
let jobs = 0;
for (let job = 0; job < 8; job += 1) {
  pbkdf2('password', 'salt', 2 ** 31 - 1, 64, 'sha512', () => {
    jobs += 1;
  });
}
await session.append(say('batched'), { durability: 'batched' });
tell('batched');
const pause = new Int32Array(new SharedArrayBuffer(4));
while (!existsSync(file)) Atomics.wait(pause, 0, 0, 1);
tell('unblocked');
const times = [];
for (let count = 0; count < 200; count += 1) {
  const began = performance.now();
  await session.append(say('durable'));
  times.push(performance.now() - began);
}
times.sort((one, other) => one - other);
const at = (part) => times[Math.floor(times.length * part)].toFixed(2);
tell('appended', times.length, at(0.5), at(0.99));
tell('jobs', jobs);
