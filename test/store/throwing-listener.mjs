/**
 * A program whose listeners throw, on every channel. It goes on because it takes uncaught exceptions,
 * and says what came of its appends, and how many exceptions there were.
 */
import { subscribe } from 'node:diagnostics_channel';
import { channelNames, Store } from '../../dist/index.js';

let [uncaught, calls] = [0, 0];
process.on('uncaughtException', (error) => {
  if (error.message === 'a listener') uncaught += 1;
  else throw error;
});
for (const name of Object.values(channelNames)) {
  subscribe(name, () => {
    calls += 1;
    throw new Error('a listener');
  });
}
const store = await Store.open(process.argv[2]);
const session = await store.openSession('s', { create: true });
const seqs = [];
for (let count = 0; count < 20; count += 1) {
  const durability = count % 2 === 0 ? 'durable' : 'batched';
  seqs.push((await session.append({ role: 'user', content: `${count}` }, { durability })).seq);
}
await session.flush();
const { durableUpTo } = session;
await store.settle();
await store.close();
await new Promise((go) => setImmediate(go));
console.log(JSON.stringify({ seqs, durableUpTo, uncaught, calls }));
