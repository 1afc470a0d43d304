/**
 * Restore points that take themselves: every acknowledged entry is watched after it was folded, and
 * what is worth it is snapshotted, batched, behind everybody's back. No append waits for it, and
 * none fails because of it.
 *
 * - A snapshot never stands between a call and its result: what happened while others are open is
 *   taken once they are answered, or the user has spoken without answering them.
 * - After a restart the watch is fed with the newest entries before it goes on, so that it notices
 *   what it would have noticed.
 */
import { SmartCheckpointer } from '../checkpoint/checkpointer.ts';
import type { TakenAt } from '../checkpoint/spacing.ts';
import { memoryMessages } from '../checkpoint/topic.ts';
import { Watch } from '../checkpoint/watch.ts';
import type { Sighting } from '../checkpoint/watch.ts';
import { endsTurn } from '../session/blocks.ts';
import type { Entry } from '../session/event.ts';
import type { CheckpointOptions } from './checkpoint-options.ts';
import type { RestoreHost } from './restore-host.ts';
import type { Snapshots } from './snapshots.ts';

/** Entries that a watch is fed with after a restart. */
const warmEntries = memoryMessages;
/** What reading an entry, and a byte of it, back costs about; measured, see ARCHITECTURE.md. */
const replayMsPerEntry = 0.02;
const replayMsPerByte = 5e-6;
/** A replay from the last restore point that would take longer than this asks for another one. */
const replayMsMax = 250;
/** Bytes since the last restore point that ask for another one. */
const bytesMax = 4 * 1024 * 1024;

/** Those of one session that is open for writing. */
export class Checkpoints {
  readonly checkpointer: SmartCheckpointer;
  readonly #host: RestoreHost;
  readonly #watch: Watch;
  /** What was seen while calls were open. */
  #pending: Sighting[] = [];
  /** Entries that came while the watch is being fed, or null once it is. */
  #waiting: Entry[] | null;
  #cost = { entries: 0, bytes: 0 };
  /** Calls up to here are not waited for, see `#turn`. */
  #turnSeq = 0;

  constructor(host: RestoreHost, snapshots: Snapshots, options: CheckpointOptions) {
    this.#host = host;
    this.#watch = new Watch(options);
    this.checkpointer = new SmartCheckpointer(
      {
        take: async (trigger, action) => {
          this.#cost = { entries: 0, bytes: 0 };
          await snapshots.takeFor(trigger, { action, durability: 'batched' });
        },
        digest: () => host.fold().contentDigest,
        lastDigest: () => host.fold().snapshots.newest(host.fold().cuts)?.contentDigest ?? null,
        messages: () => host.fold().messages,
        taken: () => host.fold().snapshots.triggered,
        takenAt: () => takenAt(host),
      },
      options,
    );
    this.#waiting = host.fold().lastSeq === 0 ? null : [];
  }

  /** The entry that was folded just now. */
  folded(entry: Entry, payloadBytes: number): void {
    this.#cost.entries += 1;
    this.#cost.bytes += payloadBytes;
    if (this.#waiting === null) this.#observe(entry);
    else if (this.#waiting.push(entry) === 1) this.#follow(this.#warm(entry.seq - 1));
  }

  #observe(entry: Entry): void {
    this.#pending.push(...this.#watch.observe(entry));
    this.#turn(entry);
    if (entry.event.kind === 'message') this.#pending.push(...this.#costs());
    if (this.#pending.length === 0) return;
    const { openCalls } = this.#host.fold();
    if (openCalls.list().some((call) => (call.messageSeq ?? 0) > this.#turnSeq)) return;
    const [sightings] = [this.#pending];
    this.#pending = [];
    this.#follow(this.checkpointer.onSightings(sightings));
  }

  /** A call that the conversation has left behind, say by a crash, is waited for no longer. */
  #turn({ seq, event }: Entry): void {
    if (event.kind === 'message' && endsTurn(event.message)) this.#turnSeq = seq;
  }

  #costs(): readonly Sighting[] {
    const { entries, bytes } = this.#cost;
    const replayMs = entries * replayMsPerEntry + bytes * replayMsPerByte;
    const found: Sighting[] = [];
    if (bytes >= bytesMax) {
      found.push({ trigger: 'base-bytes', action: `${bytes} bytes since the last restore point` });
    }
    if (replayMs >= replayMsMax) {
      const action = `about ${Math.round(replayMs)} ms to replay from the last restore point`;
      found.push({ trigger: 'replay-budget', action });
    }
    return found;
  }

  /** Feeds the watch, then shows it what came meanwhile. Reading that fails leaves it unfed. */
  async #warm(to: number): Promise<void> {
    const newest: Entry[] = [];
    try {
      const range = { to, reverse: true, limit: warmEntries };
      for await (const entry of this.#host.entries(range)) newest.push(entry);
    } catch {
      // Somebody who reads hears of it; a watch that knows less notices less.
    }
    newest.reverse();
    // What is asked for in front of what is read here will not be answered any more.
    if (newest.length === warmEntries) this.#turnSeq = newest[0]?.seq ?? 0;
    for (const entry of newest) {
      this.#watch.observe(entry);
      this.#turn(entry);
    }
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const entry of waiting) this.#observe(entry);
  }

  #follow(work: Promise<unknown>): void {
    // Nothing of this is anybody's failure: `onEvent` tells what failed in its stats.
    work.catch(() => undefined);
  }
}

/** The snapshots of the branch that triggers took. */
function takenAt(host: RestoreHost): readonly TakenAt[] {
  const { snapshots, cuts } = host.fold();
  return snapshots.list(cuts).filter((one) => one.onBranch && one.trigger !== null);
}
