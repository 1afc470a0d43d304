/**
 * A watch and a checkpointer over a conversation in memory: what a session does with them, without a
 * disk. It can be stopped and started anywhere, and its snapshots can be made to fail.
 */
import { readFileSync } from 'node:fs';
import { SmartCheckpointer } from '../../src/checkpoint/checkpointer.ts';
import type { CheckpointSettings } from '../../src/checkpoint/checkpointer.ts';
import { memoryMessages } from '../../src/checkpoint/topic.ts';
import { Watch } from '../../src/checkpoint/watch.ts';
import type { Sighting, WatchSettings } from '../../src/checkpoint/watch.ts';
import type { Entry, Trigger } from '../../src/session/event.ts';
import { foldEntry, newFold } from '../../src/session/fold.ts';
import type { Message } from '../../src/session/message.ts';

/** A snapshot that was taken. */
export interface Point {
  readonly messageIndex: number;
  readonly trigger: Trigger;
  readonly action: string;
  readonly contentDigest: string;
}

/** A conversation of the project's own, one message a line. */
export function fixture(name: string): readonly Message[] {
  const path = new URL(`../../fixtures/conversations/${name}.jsonl`, import.meta.url);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Message);
}

/** One session, as far as restore points see it. */
export class CheckpointLab {
  readonly #settings: CheckpointSettings & WatchSettings;
  readonly #fold = newFold();
  readonly #entries: Entry[] = [];
  readonly points: Point[] = [];
  /** Everything that was seen, with the message that showed it. */
  readonly seen: (Sighting & { readonly messageIndex: number })[] = [];
  /** Set to make every snapshot fail with it. */
  failure: Error | null = null;
  watch: Watch;
  checkpointer: SmartCheckpointer;

  constructor(settings: CheckpointSettings & WatchSettings = {}) {
    this.#settings = settings;
    this.watch = new Watch(settings);
    this.checkpointer = this.#checkpointer();
  }

  /** Appends a message, and waits for what comes of it. */
  async append(message: Message): Promise<void> {
    const seq = this.#entries.length + 1;
    const entry: Entry = { seq, timeMs: seq, event: { kind: 'message', message } };
    foldEntry(this.#fold, entry);
    this.#entries.push(entry);
    const sightings = this.watch.observe(entry);
    const messageIndex = this.#fold.messages;
    this.seen.push(...sightings.map((one) => ({ ...one, messageIndex })));
    await this.checkpointer.onSightings(sightings);
  }

  async appendAll(messages: readonly Message[]): Promise<this> {
    for (const message of messages) await this.append(message);
    return this;
  }

  /** All that is in memory is gone; the watch is warmed with the newest messages. */
  restart(): void {
    this.watch = new Watch(this.#settings);
    this.watch.warm(this.#entries.slice(-memoryMessages));
    this.checkpointer = this.#checkpointer();
  }

  #checkpointer(): SmartCheckpointer {
    const take = async (trigger: Trigger, action: string): Promise<void> => {
      const { messages: messageIndex, contentDigest } = this.#fold;
      await Promise.resolve();
      if (this.failure !== null) throw this.failure;
      this.points.push({ messageIndex, trigger, action, contentDigest });
    };
    const host = {
      take,
      digest: () => this.#fold.contentDigest,
      lastDigest: () => this.points.at(-1)?.contentDigest ?? null,
      messages: () => this.#fold.messages,
      taken: () => this.points.length,
      takenAt: () => this.points,
    };
    return new SmartCheckpointer(host, this.#settings);
  }
}
