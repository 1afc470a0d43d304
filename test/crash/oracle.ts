/**
 * What must be in a store after a crash, from what the appender told. It knows nothing of the store:
 * only lines that came out of a pipe before the power went.
 */
import { messageAt } from './workload.mjs';
import type { Group } from './workload.mjs';
import type { Message } from '../../src/session/message.ts';

/** One session as the appender told of it, in the current round. */
interface Told {
  /** First index and count of what was about to be appended, in order. */
  readonly sent: { readonly first: number; readonly count: number }[];
  /** Messages that must survive a power cut. */
  durable: number;
  batched: number;
}

/** Totals over all rounds. */
export interface OracleCounts {
  readonly durable: number;
  readonly batched: number;
  /** Messages that came back although nobody had been told that they were durable. */
  readonly beyond: number;
}

/** Compares store and promises, round after round of the same store. */
export class Oracle {
  /** Per session, the round in which each message that is there was sent. */
  readonly #known = new Map<string, { readonly round: number; readonly group: Group | null }[]>();
  #told = new Map<string, Told>();
  #round = 0;
  #counts = { durable: 0, batched: 0, beyond: 0 };

  get counts(): OracleCounts {
    return this.#counts;
  }

  /** Every session that was ever told of. */
  sessions(): readonly string[] {
    return [...new Set([...this.#known.keys(), ...this.#told.keys()])];
  }

  begin(round: number): void {
    this.#round = round;
    this.#told = new Map();
  }

  /** One line of the appender. */
  take(line: string): void {
    const [word, id, first, count] = line.split(' ');
    if (id === undefined || first === undefined) return;
    const told = this.#of(id);
    const index = Number(first);
    if (word === 'sent') told.sent.push({ first: index, count: Number(count) });
    if (word === 'durable') {
      this.#counts.durable += 1;
      told.durable = Math.max(told.durable, index + 1);
    }
    if (word === 'batched') {
      this.#counts.batched += 1;
      told.batched = Math.max(told.batched, index + 1);
    }
  }

  /** Faults of one session's messages as they were recovered; none means that all promises hold. */
  judge(id: string, found: readonly Message[]): readonly string[] {
    const faults: string[] = [];
    const told = this.#of(id);
    const known = this.#known.get(id) ?? [];
    const must = Math.max(known.length, told.durable);
    if (found.length < must) {
      faults.push(`${id}: ${must} messages were durable, ${found.length} are there`);
    }
    const sentTo = told.sent.reduce((end, { first, count }) => Math.max(end, first + count), 0);
    if (found.length > Math.max(known.length, sentTo)) {
      faults.push(`${id}: ${found.length} messages are there, ${sentTo} were ever sent`);
    }
    for (const [index, message] of found.entries()) {
      const before = known[index];
      const round = before?.round ?? this.#round;
      const group = before === undefined ? groupOf(message) : before.group;
      const expected = messageAt(id, index, round, group);
      if (JSON.stringify(message) !== JSON.stringify(expected)) {
        faults.push(`${id}: message ${index} differs: ${JSON.stringify(message).slice(0, 200)}`);
      }
      if (before === undefined) known.push({ round, group });
    }
    const last = known.at(-1)?.group ?? null;
    if (last !== null && last.at !== last.count - 1) {
      faults.push(`${id}: ends with ${last.at + 1} of ${last.count} messages of one appendAll`);
    }
    this.#counts.beyond += Math.max(0, found.length - must);
    this.#known.set(id, known.slice(0, found.length));
    return faults;
  }

  #of(id: string): Told {
    const told = this.#told.get(id) ?? { sent: [], durable: 0, batched: 0 };
    this.#told.set(id, told);
    return told;
  }
}

function groupOf(message: Message): Group | null {
  const group = message['group'];
  return typeof group === 'object' && group !== null ? (group as Group) : null;
}
