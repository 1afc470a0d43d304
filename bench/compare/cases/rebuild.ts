/**
 * A whole conversation from the first message to the last, as objects: what a runtime does that keeps
 * nothing but the log. Everybody reads from files that the cache of the system holds, and opens and
 * closes them within its time. Messages are dropped as they come; each is looked at once.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import { Store } from 'holdfast';
import type { CaseResult, Row } from '../../report.ts';
import type { Settings } from '../arguments.ts';
import { makeDatabase, makeLines, makeStore, sessionId } from '../conversations.ts';
import { messageBytes } from '../messages.ts';
import { fasterCells, ratiosOf, spreadOf, toldRatio } from '../ratios.ts';
import { takeTurns } from '../turns.ts';
import type { Contestant, Turns } from '../turns.ts';

const rounds = 5;
const chunkBytes = 1024 * 1024;
const lineEnd = 10;

/** Reads all of it; answers how many messages there were. */
type Reader = () => Promise<number> | number;

/** Times of whole readings. */
export async function compareRebuild(settings: Settings, directory: string): Promise<CaseResult> {
  const { messages } = settings;
  const paths = {
    store: join(directory, 'store'),
    database: join(directory, 'sqlite.db'),
    lines: join(directory, 'lines.jsonl'),
  };
  await makeStore(paths.store, messages);
  makeDatabase(paths.database, messages);
  makeLines(paths.lines, messages);
  const contestants = [
    reading('holdfast', messages, () => readStore(paths.store)),
    reading('better-sqlite3, SELECT + JSON.parse', messages, () => readDatabase(paths.database)),
    reading('JSON lines, split + JSON.parse', messages, () => readLines(paths.lines)),
  ];
  const turns = await takeTurns(contestants, { rounds, sliceMs: 0, warmupMs: 0 });
  return {
    case: 'rebuild',
    settings: { messages, 'message bytes': messageBytes, rounds },
    ...told(turns, messages),
  };
}

function reading(name: string, messages: number, read: Reader): Contestant<number> {
  return {
    name,
    slice: async () => {
      const begin = performance.now();
      const count = await read();
      const ms = performance.now() - begin;
      if (count !== messages) throw new Error(`${name} gave ${count} of ${messages} messages`);
      return ms;
    },
  };
}

async function readStore(root: string): Promise<number> {
  const store = await Store.open(root, { mode: 'read' });
  const session = await store.openSession(sessionId);
  let count = 0;
  for await (const { message } of session.messages()) if (message.role === 'assistant') count += 1;
  await store.close();
  return count;
}

interface Parsed {
  readonly role: string;
}

function readDatabase(path: string): number {
  const database = new Database(path, { readonly: true });
  const bodies = database
    .prepare<[string], string>('SELECT body FROM entry WHERE session = ? ORDER BY id')
    .pluck();
  let count = 0;
  for (const body of bodies.iterate(sessionId)) {
    if ((JSON.parse(body) as Parsed).role === 'assistant') count += 1;
  }
  database.close();
  return count;
}

/** Faster than node:readline, which makes an event of every line. */
function readLines(path: string): number {
  const file = openSync(path, 'r');
  let buffer = Buffer.allocUnsafe(chunkBytes);
  let held = 0;
  let count = 0;
  for (;;) {
    const read = readSync(file, buffer, held, buffer.length - held, null);
    if (read === 0) break;
    const filled = held + read;
    let from = 0;
    for (let end = buffer.indexOf(lineEnd, held); end >= 0 && end < filled; ) {
      const line = JSON.parse(buffer.toString('utf8', from, end)) as Parsed;
      if (line.role === 'assistant') count += 1;
      from = end + 1;
      end = buffer.indexOf(lineEnd, from);
    }
    buffer.copy(buffer, 0, from, filled);
    held = filled - from;
    if (held === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(held)]);
  }
  closeSync(file);
  return count;
}

function told(
  turns: readonly Turns<number>[],
  messages: number,
): Pick<CaseResult, 'rows' | 'findings' | 'numbers'> {
  const own = turns[0]?.results ?? [];
  const rows: Row[] = [];
  const findings: string[] = [];
  const numbers: Record<string, number> = {};
  for (const { name, results } of turns) {
    const faster = ratiosOf(results, own);
    const ms = spreadOf(results).median;
    const perSecond = (messages * 1000) / ms;
    rows.push({
      contestant: name,
      ...fasterCells(faster),
      ms: ms,
      'messages/s': Math.round(perSecond),
      'MiB/s': (perSecond * messageBytes) / 1024 ** 2,
    });
    numbers[`${name}: times as fast`] = faster.median;
    numbers[`${name}: ms`] = ms;
    if (results !== own) findings.push(`${toldRatio(faster)} times as fast as ${name}`);
  }
  return { rows, findings, numbers };
}
