/**
 * What must be in a store after a crash, from what the appender told. It knows nothing of the store:
 * only lines that came out of a pipe before the power went.
 *
 * Between two looks of the judge the power may go several times. Each process then tells what it found
 * when it opened a session, and that is held against what the one before was promised.
 */
import { messageAt } from './workload.mjs';
import type { Group } from './workload.mjs';
import type { Message } from '../../src/session/message.ts';

/** One message that was sent. */
interface Sent {
  readonly life: number;
  readonly group: Group | null;
}

/** One session as it was told of. */
interface Told {
  /** What stands at each index if it is there at all. */
  sent: Sent[];
  /** Messages that must survive the loss. */
  durable: number;
  /** Whether it was deleted, or perhaps. */
  fate: 'there' | 'deleting' | 'deleted';
}

/** Totals over all rounds. */
export interface OracleCounts {
  readonly durable: number;
  readonly batched: number;
  readonly deleted: number;
  /** Torn batches that were cut by processes when they started. */
  readonly torn: number;
  /** Messages that came back although nobody had been told that they were durable. */
  readonly beyond: number;
}

/** Compares store and promises, round after round of the same store. */
export class Oracle {
  readonly #told = new Map<string, Told>();
  readonly #faults: string[] = [];
  #counts = { durable: 0, batched: 0, deleted: 0, beyond: 0, torn: 0 };
  readonly #loss: 'power' | 'process';

  /** What is lost: the power, or a process alone, which batched entries survive as well. */
  constructor(loss: 'power' | 'process') {
    this.#loss = loss;
  }

  /** One that goes its own way from here on. */
  copy(): Oracle {
    const copy = new Oracle(this.#loss);
    for (const [id, told] of this.#told) copy.#told.set(id, { ...told, sent: [...told.sent] });
    copy.#counts = { ...this.#counts };
    return copy;
  }

  /** Whether anything at all must be there. */
  get promises(): boolean {
    return [...this.#told.values()].some(({ durable, fate }) => durable > 0 && fate === 'there');
  }

  get counts(): OracleCounts {
    return this.#counts;
  }

  /** Every session that was ever told of. */
  sessions(): readonly string[] {
    return [...this.#told.keys()];
  }

  /** What a process found that it must not have found. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** One line of the appender. */
  take(line: string): void {
    const [word, id, first, count, life, name] = line.split(' ');
    if (word === undefined || id === undefined) return;
    if (word === 'recovered') {
      this.#counts.torn += Number(id);
      const isWhole = first === undefined || ['clean', 'healed'].includes(first);
      if (!isWhole)
        this.#faults.push(`A process found the store ${line.slice(line.indexOf(first))}`);
      return;
    }
    const told = this.#of(id);
    const index = Number(first);
    if (word === 'opened') this.#found(id, index);
    if (word === 'sent') this.#send(id, index, Number(count), { life: Number(life), name });
    if (word === 'durable') {
      this.#counts.durable += 1;
      told.durable = Math.max(told.durable, index + 1);
    }
    if (word === 'batched') {
      this.#counts.batched += 1;
      if (this.#loss === 'process') told.durable = Math.max(told.durable, index + 1);
    }
    if (word === 'closed') told.durable = told.sent.length;
    if (word === 'deleting') told.fate = 'deleting';
    if (word === 'deleted') {
      this.#counts.deleted += 1;
      this.#told.set(id, { sent: [], durable: 0, fate: 'deleted' });
    }
  }

  /**
   * Faults of one session's messages as they were recovered, null for a session that is not there;
   * none means that all promises hold.
   */
  judge(id: string, found: readonly Message[] | null): readonly string[] {
    const told = this.#of(id);
    const faults = this.#count(id, found?.length ?? null);
    for (const [index, message] of (found ?? []).entries()) {
      const sent = told.sent[index];
      if (sent === undefined) break;
      const expected = messageAt(id, index, sent.life, sent.group);
      if (JSON.stringify(message) !== JSON.stringify(expected)) {
        faults.push(`${id}: message ${index} differs: ${JSON.stringify(message).slice(0, 200)}`);
      }
    }
    const isNew = found?.length === 0 && told.fate !== 'there';
    this.#settle(id, isNew ? null : (found?.length ?? null));
    return faults;
  }

  #send(
    id: string,
    first: number,
    count: number,
    what: { readonly life: number; readonly name: string | undefined },
  ): void {
    const { life, name } = what;
    const told = this.#of(id);
    if (first !== told.sent.length) {
      this.#faults.push(`${id}: goes on at ${first}, and ${told.sent.length} were sent`);
    }
    told.sent.length = first;
    for (let at = 0; at < count; at += 1) {
      const group = name === undefined || name === '-' ? null : { group: name, count, at };
      told.sent.push({ life, group });
    }
  }

  /** What a process found when it opened the session; right after it was made, that is nothing. */
  #found(id: string, count: number): void {
    const told = this.#of(id);
    const isNew = count === 0 && told.fate !== 'there';
    if (!isNew) this.#faults.push(...this.#count(id, count));
    this.#settle(id, isNew ? null : count);
    this.#of(id).fate = 'there';
  }

  #count(id: string, found: number | null): string[] {
    const { sent, durable, fate } = this.#of(id);
    // Deleted and made anew is as good as gone.
    if (found === null || (found === 0 && fate !== 'there')) {
      const mayMiss = fate !== 'there' || durable === 0;
      return mayMiss ? [] : [`${id}: ${durable} messages were durable, the session is gone`];
    }
    const faults: string[] = [];
    if (fate === 'deleted' && found > 0) faults.push(`${id}: was deleted and came back`);
    if (found < durable) faults.push(`${id}: ${durable} messages were durable, ${found} are there`);
    if (found > sent.length) {
      faults.push(`${id}: ${found} messages are there, ${sent.length} were ever sent`);
    }
    const last = sent[found - 1]?.group ?? null;
    if (last !== null && last.at !== last.count - 1) {
      faults.push(`${id}: ends with ${last.at + 1} of ${last.count} messages of one appendAll`);
    }
    return faults;
  }

  /** What was found is durable, and nothing else can come back. */
  #settle(id: string, found: number | null): void {
    const { sent, durable, fate } = this.#of(id);
    if (found === null) {
      this.#told.set(id, { sent: [], durable: 0, fate: 'deleted' });
      return;
    }
    this.#counts.beyond += Math.max(0, found - durable);
    const keeps = fate === 'deleted' ? 'deleted' : 'there';
    this.#told.set(id, { sent: sent.slice(0, found), durable: found, fate: keeps });
  }

  #of(id: string): Told {
    const told = this.#told.get(id) ?? { sent: [], durable: 0, fate: 'deleted' };
    this.#told.set(id, told);
    return told;
  }
}
