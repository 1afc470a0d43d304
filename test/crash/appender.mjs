/**
 * A program that appends for ever to several sessions of one store, and tells on its standard output,
 * which lies on another disk, what it was about to do and what was acknowledged:
 *
 *     begin                              right before the store is opened
 *     sent SESSION FIRST COUNT           messages FIRST to FIRST+COUNT-1 are about to be appended
 *     durable SESSION INDEX              everything up to message INDEX is durable
 *     batched SESSION INDEX              message INDEX is with the operating system
 *
 * A message is a function of its session, its index and the round. Standard output is a pipe, whose
 * writes are synchronous: what was told cannot be lost with this process.
 *
 *     node appender.mjs ROOT ROUND SEED
 */
import { writeSync } from 'node:fs';
import { Store } from 'holdfast';
import { chance, messageAt, sessionIds } from './workload.mjs';

const [root, roundText, seedText] = process.argv.slice(2);
const round = Number(roundText);
const next = chance(Number(seedText));
const tell = (...words) => writeSync(1, `${words.join(' ')}\n`);

async function appendOnce(session) {
  const { id } = session;
  const first = session.state.messages;
  const kind = next();
  if (kind < 0.45) {
    tell('sent', id, first, 1);
    await session.append(messageAt(id, first, round));
    tell('durable', id, first);
  } else if (kind < 0.6) {
    const count = 2 + Math.floor(next() * 6);
    tell('sent', id, first, count);
    const group = `${id}-${first}`;
    const messages = Array.from({ length: count }, (_, at) => {
      return messageAt(id, first + at, round, { group, count, at });
    });
    await session.appendAll(messages);
    tell('durable', id, first + count - 1);
  } else if (kind < 0.75) {
    const count = 2 + Math.floor(next() * 6);
    tell('sent', id, first, count);
    await Promise.all(
      Array.from({ length: count }, async (_, at) => {
        await session.append(messageAt(id, first + at, round));
        tell('durable', id, first + at);
      }),
    );
  } else if (kind < 0.95) {
    const count = 1 + Math.floor(next() * 15);
    tell('sent', id, first, count);
    for (let at = 0; at < count; at++) {
      await session.append(messageAt(id, first + at, round), { durability: 'batched' });
      tell('batched', id, first + at);
    }
  } else {
    await session.flush();
    if (first > 0) tell('durable', id, first - 1);
  }
}

async function work(store, id) {
  let session = await store.openSession(id, { create: true });
  for (;;) {
    await appendOnce(session);
    if (next() > 0.02) continue;
    const last = session.state.messages - 1;
    await session.close();
    if (last >= 0) tell('durable', id, last);
    session = await store.openSession(id);
  }
}

tell('begin');
// Small segments, so that rotation, settling and retiring are under way when the power goes.
const store = await Store.open(root, { segmentBytes: 16384 << Math.floor(next() * 5) });
await Promise.all(sessionIds.map((id) => work(store, id)));
