/**
 * A program that appends for ever to several sessions of one store, settles, closes and deletes them,
 * and tells on its standard output, which lies on another disk, what it was about to do and what was
 * acknowledged:
 *
 *     ready                              it waits for its plan, one line of JSON
 *     large SESSION                      it waits for another line, and then sends a large message
 *     begin                              right before the store is opened, and recovered if need be
 *     recovered COUNT VERDICT FINDINGS   it is open; journals of the dead with so many torn tails
 *     opened SESSION COUNT               the session was found with so many messages
 *     sent SESSION FIRST COUNT LIFE GROUP   messages FIRST to FIRST+COUNT-1 are about to be appended
 *     durable SESSION INDEX              everything up to message INDEX is durable
 *     batched SESSION INDEX              message INDEX is with the operating system
 *     settling, settled                  everything is moved from the journal to the histories
 *     closing SESSION                    the session is about to be closed
 *     closed SESSION                     and all of it is durable
 *     deleting SESSION                   the session is about to be deleted
 *     deleted SESSION                    and must not come back
 *     finished                           it did as many acts as it was asked for, and closed the store
 *
 * A message is a function of its session, its index and its life. Standard output is a pipe, whose
 * writes are synchronous: what was told cannot be lost with this process. The plan comes late, so that
 * this process can be started while the one before it is still at work.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Store } from 'holdfast';
import { chance, messageAt } from './workload.mjs';

let toldLines = 0;
const tell = (...words) => {
  const line = Buffer.from(`${words.join(' ')}\n`);
  // The pipe does not block, and is full when its reader is busy: then it is tried again.
  for (let done = 0; done < line.length; ) {
    try {
      done += writeSync(1, line, done);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
  toldLines += 1;
  if (toldLines === plan?.dieAfterLines) process.kill(process.pid, 'SIGKILL');
};
let plan = null;
tell('ready');
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
plan = JSON.parse((await input.next()).value);
const { root, round, seed, favour, ids } = plan;
let actsLeft = plan.acts ?? Number.POSITIVE_INFINITY;
const next = chance(seed);
/** Chance of an act after one append; the one that is to be cut comes often. */
const often = (act) => (favour === act ? 0.2 : 0.015);
let lives = 0;
const newLife = () => {
  lives += 1;
  return round * 1000 + lives;
};

async function appendOnce(session, life) {
  const { id } = session;
  const first = session.state.messages;
  // Only batched ones leave much that is not synced.
  const kind = favour === 'batched' ? 0.6 + next() * 0.36 : next();
  if (kind < 0.45) {
    tell('sent', id, first, 1, life, '-');
    await session.append(messageAt(id, first, life));
    tell('durable', id, first);
  } else if (kind < 0.6) {
    const count = 2 + Math.floor(next() * 6);
    const group = `${id}-${first}`;
    tell('sent', id, first, count, life, group);
    const messages = Array.from({ length: count }, (_, at) => {
      return messageAt(id, first + at, life, { group, count, at });
    });
    await session.appendAll(messages);
    tell('durable', id, first + count - 1);
  } else if (kind < (favour === 'batched' ? 0.63 : 0.75)) {
    const count = 2 + Math.floor(next() * 6);
    tell('sent', id, first, count, life, '-');
    await Promise.all(
      Array.from({ length: count }, async (_, at) => {
        await session.append(messageAt(id, first + at, life));
        tell('durable', id, first + at);
      }),
    );
  } else if (kind < 0.95) {
    const count = 1 + Math.floor(next() * 15);
    tell('sent', id, first, count, life, '-');
    for (let at = 0; at < count; at++) {
      await session.append(messageAt(id, first + at, life), { durability: 'batched' });
      tell('batched', id, first + at);
    }
  } else {
    await session.flush();
    if (first > 0) tell('durable', id, first - 1);
  }
}

/** One message of megabytes, in whose write this process is killed. */
async function appendLarge(session, life) {
  const { id } = session;
  const first = session.state.messages;
  tell('large', id);
  await input.next();
  tell('sent', id, first, 1, life, 'large');
  await session.append(messageAt(id, first, life, { group: 'large', count: 1, at: 0 }));
  tell('durable', id, first);
}

async function closeSession(session) {
  tell('closing', session.id);
  await session.close();
  tell('closed', session.id);
}

async function work(store, id) {
  for (;;) {
    let session = await store.openSession(id, { create: true });
    tell('opened', id, session.state.messages);
    const life = newLife();
    for (;;) {
      actsLeft -= 1;
      if (actsLeft < 0) {
        await closeSession(session);
        return;
      }
      await appendOnce(session, life);
      if (favour === 'write' && next() < 0.2) await appendLarge(session, life);
      if (next() < often('settling')) {
        tell('settling');
        await store.settle();
        tell('settled');
      }
      if (next() < often('deleting') || session.state.messages > 400) {
        await closeSession(session);
        tell('deleting', id);
        await store.deleteSession(id);
        tell('deleted', id);
        break;
      }
      if (next() > often('closing')) continue;
      await closeSession(session);
      session = await store.openSession(id);
    }
  }
}

tell('begin');
// Small segments, so that rotation, settling and retiring are under way when the power goes.
const store = await Store.open(root, {
  segmentBytes: plan.segmentBytes ?? 16384 << Math.floor(next() * 5),
  lockWaitMs: 60_000,
});
const torn = store.recovery?.writers.filter(({ cut }) => cut.bytes > 0) ?? [];
const { verdict = 'clean', findings = [] } = store.recovery ?? {};
tell('recovered', torn.length, verdict, JSON.stringify(findings));
await Promise.all(ids.map((id) => work(store, id)));
await store.close();
process.stdin.destroy();
tell('finished');
