/**
 * A program that appends until there is no room, says how far it came and why it stopped, and goes on
 * whenever it is given a line, until its input ends:
 *
 *     open                     the session is open
 *     acknowledged COUNT       so many messages are durable
 *     full ERRNO               the next one was refused with FULL
 *
 *     node limited.mjs ROOT
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { HoldfastError, Store } from 'holdfast';
import { messageAt } from './workload.mjs';

const tell = (...words) => writeSync(1, `${words.join(' ')}\n`);
const store = await Store.open(process.argv[2], { segmentBytes: 65536 });
const session = await store.openSession('ada', { create: true });
let count = session.state.messages;
tell('open');

/** Appends until there is no room, or as many as are asked for. */
async function append(messagesMax) {
  for (let done = 0; done < messagesMax; done += 1) {
    try {
      await session.append(messageAt('ada', count, 0));
      count += 1;
    } catch (error) {
      if (!HoldfastError.is(error, 'FULL')) throw error;
      tell('acknowledged', count);
      tell('full', error.details.errno);
      return;
    }
  }
  tell('acknowledged', count);
}

await append(Number.POSITIVE_INFINITY);
for await (const line of createInterface({ input: process.stdin })) await append(Number(line));
await store.close();
tell('closed');
