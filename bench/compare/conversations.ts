/** Long conversations, one and the same in every log, made as fast as the log takes them. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { Store } from 'holdfast';
import { messageAt } from './messages.ts';
import { insertInto, openDatabase } from './peers/sqlite.ts';
import { progressOf } from './progress.ts';

/** Id of the session in a store. */
export const sessionId = 'long';
const groupMessages = 2000;

type Group = { readonly from: number; readonly count: number };

function* groupsOf(messages: number, what: string): Generator<Group> {
  const tell = progressOf(what, messages);
  for (let from = 0; from < messages; from += groupMessages) {
    yield { from, count: Math.min(groupMessages, messages - from) };
    tell(Math.min(messages, from + groupMessages));
  }
}

/** In a store at `root`, settled and closed. */
export async function makeStore(root: string, messages: number): Promise<void> {
  const store = await Store.open(root, { checkpoints: false });
  const session = await store.createSession({ id: sessionId });
  for (const { from, count } of groupsOf(messages, 'making the store')) {
    const group = Array.from({ length: count }, (_, at) => messageAt(from + at));
    await session.appendAll(group, { durability: 'batched' });
  }
  await store.close();
}

/** In a table of a database. */
export function makeDatabase(path: string, messages: number): void {
  const database = openDatabase(path);
  const insert = insertInto(database);
  const insertGroup = database.transaction(({ from, count }: Group) => {
    for (let at = from; at < from + count; at += 1) {
      insert.run(sessionId, JSON.stringify(messageAt(at)));
    }
  });
  for (const group of groupsOf(messages, 'making the database')) insertGroup(group);
  database.close();
}

/** In a file of JSON lines. */
export function makeLines(path: string, messages: number): void {
  const file = openSync(path, 'w');
  for (const { from, count } of groupsOf(messages, 'making the JSON lines')) {
    const lines = Array.from(
      { length: count },
      (_, at) => `${JSON.stringify(messageAt(from + at))}\n`,
    );
    writeSync(file, lines.join(''));
  }
  closeSync(file);
}
