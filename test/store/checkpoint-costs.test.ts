/** Restore points that are taken because a replay would cost too much, and in which words. */
import { describe, expect, it } from 'vitest';
import type { Entry, SessionEvent, SnapshotEvent } from '../../src/session/event.ts';
import { foldEntry, newFold } from '../../src/session/fold.ts';
import type { CheckpointOptions } from '../../src/store/checkpoint-options.ts';
import { Checkpoints } from '../../src/store/checkpoints.ts';
import type { RestoreHost } from '../../src/store/restore-host.ts';
import { Snapshots } from '../../src/store/snapshots.ts';
import { turn } from '../helpers/journal-lab.ts';

const MiB = 1024 * 1024;

/** A session in memory whose entries cost what a test says. */
class Session {
  readonly fold = newFold();
  /** What was taken: trigger, action, and where. */
  readonly taken: (readonly [string | null, string, number])[] = [];
  readonly asked: unknown[] = [];
  readonly checkpoints: Checkpoints;

  constructor(options: CheckpointOptions = {}, before: readonly SessionEvent[] = []) {
    for (const event of before) this.#put(event);
    const host: RestoreHost = {
      id: 's',
      createdMs: 0,
      fold: () => this.fold,
      durableUpTo: () => this.fold.lastSeq,
      entries: () => (async function* (): AsyncGenerator<Entry> {})(),
      foldAt: () => Promise.resolve(this.fold),
      submit: ([event], submitted) => {
        const { snapshot } = event as SnapshotEvent;
        this.asked.push(submitted);
        this.taken.push([snapshot.trigger ?? null, snapshot.action, snapshot.at]);
        const { seq, timeMs } = this.#put(event as SnapshotEvent);
        return Promise.resolve({ seq, timeMs });
      },
    };
    const thick = { spacing: { messagesEach: 0, saved: 0, sameTrigger: 0 }, ...options };
    this.checkpoints = new Checkpoints(host, new Snapshots(host, []), thick);
  }

  #put(event: SessionEvent): Entry {
    const entry = { seq: this.fold.lastSeq + 1, timeMs: 0, event };
    foldEntry(this.fold, entry);
    return entry;
  }

  async append(event: SessionEvent, bytes: number): Promise<void> {
    this.checkpoints.folded(this.#put(event), bytes);
    await turn();
  }

  say(bytes: number): Promise<void> {
    const content = `message ${this.fold.lastSeq}`;
    return this.append({ kind: 'message', message: { role: 'assistant', content } }, bytes);
  }
}

describe('Checkpoints', () => {
  it('take one at four mebibytes since the last, with the next message', async () => {
    const session = new Session();
    await session.say(4 * MiB - 1);
    expect(session.taken).toEqual([]);
    await session.append({ kind: 'custom', name: 'x' }, 1);
    expect(session.taken).toEqual([]);
    await session.say(0);
    const action = '[base-bytes] 4194304 bytes since the last restore point';
    expect(session.taken).toEqual([['base-bytes', action, 3]]);
    expect(session.asked).toEqual([{ durability: 'batched' }]);
    // From there it is counted anew.
    await session.say(4 * MiB - 1);
    expect(session.taken).toHaveLength(1);
    await session.say(1);
    expect(session.taken).toHaveLength(2);
  });

  it('take one when a replay would take a quarter of a second, and say how long', async () => {
    const session = new Session({ triggers: { 'base-bytes': false } });
    await session.say(49_990_000);
    expect(session.taken).toEqual([]);
    await session.say(10_000);
    expect(session.taken).toEqual([
      ['replay-budget', '[replay-budget] about 250 ms to replay from the last restore point', 2],
    ]);
    const both = new Session();
    await both.say(60_000_000);
    // The one that says more counts.
    expect(both.taken.map(([trigger]) => trigger)).toEqual(['replay-budget']);
    expect(both.checkpoints.checkpointer.stats.eventsSeen).toBe(2);
  });

  it('count entries as well as bytes', async () => {
    const session = new Session({ triggers: { 'base-bytes': false } });
    for (let count = 0; count < 100; count += 1) {
      await session.append({ kind: 'custom', name: 'x' }, 499_500);
    }
    expect(session.taken).toEqual([]);
    await session.say(0);
    const [, action] = session.taken[0] ?? [];
    expect(action).toBe('[replay-budget] about 252 ms to replay from the last restore point');
  });

  it('wait while a call of this turn is open, and for none that the user has left behind', async () => {
    const session = new Session();
    const call = { type: 'tool_use', id: 'a', name: 'Read', input: {} } as const;
    await session.append({ kind: 'message', message: { role: 'assistant', content: [call] } }, 9);
    await session.say(4 * MiB);
    expect(session.taken).toEqual([]);
    await session.append({ kind: 'message', message: { role: 'user', content: 'go on' } }, 9);
    expect(session.taken.map(([trigger]) => trigger)).toContain('base-bytes');
  });
});
