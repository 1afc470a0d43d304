/**
 * Drives the group-commit machine over a journal file and tells the owner what happened. It runs in
 * a worker thread with synchronous calls, on libuv's pool, or on a simulated disk; the code is the
 * same.
 *
 * One write, mark or preparation at a time, and beside it at most one sync. The first failed sync
 * ends everything: the owner, every waiter and every later submission get the same error.
 */
import { assert, unreachable } from '../base/assert.ts';
import { errnoOf } from '../base/errors.ts';
import type { Timer } from '../platform/clock.ts';
import { GroupCommit } from './group-commit.ts';
import { JournalFile } from './journal-file.ts';
import { plainError } from './journal-protocol.ts';
import type {
  JournalCommand,
  JournalEvent,
  JournalSettings,
  JournalStart,
  Placement,
} from './journal-protocol.ts';
import { Poison } from './poison.ts';
import type { SegmentParts } from './segment-maker.ts';
import type { Submission, Ticket } from './submission.ts';

/** How long the journal must be quiet before a mark is written, and the pace of preparation. */
const idleDelayMs = 20;

/** The writer of one journal: commands in, events out. */
export class JournalWriter {
  readonly #parts: SegmentParts;
  readonly #file: JournalFile;
  readonly #emit: (event: JournalEvent) => void;
  readonly #machine: GroupCommit;
  /** Placements of submissions that will be answered by their sync. */
  readonly #unanswered = new Map<Ticket, Placement>();
  #timer: { readonly handle: Timer; readonly atMs: number } | null = null;
  #running: Promise<void> | null = null;
  #syncing: Promise<void> | null = null;
  #poison: Poison | null = null;
  #state: 'open' | 'closing' | 'closed' = 'open';

  constructor(
    parts: SegmentParts,
    settings: JournalSettings,
    file: JournalFile,
    emit: (event: JournalEvent) => void,
  ) {
    this.#parts = parts;
    this.#file = file;
    this.#emit = emit;
    this.#machine = new GroupCommit(settings);
    this.#pump();
  }

  /**
   * Makes the first segment and a writer on it. Fails as the disk fails, and leaves nothing behind.
   */
  static async begin(
    parts: SegmentParts,
    settings: JournalSettings,
    origin: JournalStart,
    emit: (event: JournalEvent) => void,
  ): Promise<JournalWriter> {
    const file = await JournalFile.begin(parts, settings, origin);
    return new JournalWriter(parts, settings, file, emit);
  }

  /**
   * Takes commands in order, then begins to work on them: what came together is written together.
   * Everything that comes of them is told by events.
   */
  handle(commands: readonly JournalCommand[]): void {
    for (const command of commands) this.#take(command);
    this.#pump();
  }

  #take(command: JournalCommand): void {
    switch (command.kind) {
      case 'open-stream':
        return this.#file.streams.open(command.opening);
      case 'close-stream':
        return this.#file.streams.close(command.stream);
      case 'submit':
        this.#file.tally.isMeasuring = command.measured;
        for (const submission of command.submissions) this.#submit(submission);
        return undefined;
      case 'withdraw':
        if (!this.#machine.withdraw(command.ticket)) return undefined;
        return this.#emit({ kind: 'withdrawn', ticket: command.ticket });
      case 'retire':
        this.#file.release(command.below);
        return this.#file.retiredBelow >= command.below ? this.#emitRetired(null) : undefined;
      case 'close':
        assert(this.#state === 'open', 'a journal is closed once');
        this.#state = 'closing';
        return this.#machine.finish();
      default:
        return unreachable(command);
    }
  }

  #submit(submission: Submission): void {
    assert(this.#state === 'open', 'nothing is submitted after close');
    if (this.#poison !== null) this.#emitPoison([submission.ticket]);
    else this.#machine.submit(submission);
  }

  /** Starts what is to be done next. Called after every input and every end of an operation. */
  #pump(): void {
    if (this.#running !== null || this.#state === 'closed') return;
    if (this.#poison !== null) {
      if (this.#state === 'closing') this.#run(this.#close());
      return;
    }
    const step = this.#machine.next(this.#parts.clock.monotonicMs());
    if (step.kind === 'write') {
      this.#run(this.#write(step.batch));
    } else if (step.kind === 'sync') {
      this.#syncing = this.#sync().finally(() => {
        this.#syncing = null;
        this.#pump();
      });
      this.#pump();
    } else if (this.#file.canRetire) {
      this.#run(this.#retire());
    } else if (!this.#machine.idle) {
      if (step.untilMs !== null) this.#arm(step.untilMs);
    } else if (this.#state === 'closing') {
      this.#run(this.#close());
    } else if (this.#file.hasIdleWork) {
      this.#arm(this.#parts.clock.monotonicMs() + idleDelayMs);
    }
  }

  #run(work: Promise<void>): void {
    this.#running = work
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#running = null;
        this.#pump();
      });
  }

  #arm(atMs: number): void {
    if (this.#timer !== null && this.#timer.atMs <= atMs) return;
    this.#timer?.handle.cancel();
    const delayMs = Math.max(0, atMs - this.#parts.clock.monotonicMs());
    const handle = this.#parts.clock.after(delayMs, () => this.#wake());
    this.#timer = { handle, atMs };
  }

  #wake(): void {
    this.#timer = null;
    const quiet = this.#machine.idle && this.#running === null && this.#syncing === null;
    if (quiet && this.#state === 'open' && this.#poison === null && this.#file.hasIdleWork) {
      this.#run(this.#idleStep());
    } else {
      this.#pump();
    }
  }

  async #write(batch: readonly Submission[]): Promise<void> {
    let placements: readonly Placement[];
    try {
      if (this.#file.needsRotation(batch)) await this.#rotate(batch);
      placements = await this.#file.put(batch);
    } catch (error) {
      // Without an errno it is a fault of ours: nothing may go on from a state that nobody knows.
      if (error instanceof Poison || errnoOf(error) === null) throw error;
      if (this.#poison !== null) return;
      const tickets = this.#machine.writeFailed().map((submission) => submission.ticket);
      this.#emit({ kind: 'failed', tickets, error: plainError(error) });
      return;
    }
    // A sync failed meanwhile: everybody in this batch was told.
    if (this.#poison !== null) return;
    const answered = new Set<Ticket>();
    for (const one of this.#machine.wrote(this.#parts.clock.monotonicMs()))
      answered.add(one.ticket);
    for (const placement of placements) {
      if (!answered.has(placement.ticket)) this.#unanswered.set(placement.ticket, placement);
    }
    const written = placements.filter((placement) => answered.has(placement.ticket));
    if (written.length > 0) this.#progress(written, []);
  }

  async #rotate(batch: readonly Submission[]): Promise<void> {
    await this.#file.ensureSuccessor(batch);
    // A running sync belongs to the old segment, and the machine waits to hear how it ended.
    await this.#syncing;
    if (this.#poison !== null) throw this.#poison;
    await this.#file.rotate();
    this.#answerDurable(this.#machine.syncedAll());
  }

  async #sync(): Promise<void> {
    try {
      await this.#file.sync();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#poison === null) this.#answerDurable(this.#machine.synced());
  }

  async #retire(): Promise<void> {
    try {
      await this.#file.retire();
      this.#emitRetired(null);
    } catch (error) {
      this.#retiringFailed(error);
    }
  }

  async #idleStep(): Promise<void> {
    try {
      await this.#file.idleStep();
    } catch (error) {
      this.#retiringFailed(error);
    }
  }

  /** A segment that cannot be removed is garbage that costs room, not safety. */
  #retiringFailed(error: unknown): void {
    if (error instanceof Poison || errnoOf(error) === null) throw error;
    this.#file.giveUpRetiring();
    this.#emitRetired(error);
  }

  #emitRetired(error: unknown): void {
    const { retiredBelow: below, tally } = this.#file;
    const told = { counters: tally.counters, measures: tally.take() };
    this.#emit({
      kind: 'retired',
      below,
      error: error === null ? null : plainError(error),
      ...told,
    });
  }

  #answerDurable(submissions: readonly Submission[]): void {
    const written: Placement[] = [];
    for (const { ticket } of submissions) {
      const placement = this.#unanswered.get(ticket);
      if (placement === undefined) continue;
      this.#unanswered.delete(ticket);
      written.push(placement);
    }
    const durable = submissions.map((submission) => submission.ticket);
    if (durable.length > 0) this.#progress(written, durable);
  }

  #progress(written: readonly Placement[], durable: readonly Ticket[]): void {
    const { tally } = this.#file;
    const [counters, measures] = [tally.counters, tally.take()];
    this.#emit({ kind: 'progress', written, durable, counters, measures });
  }

  async #close(): Promise<void> {
    await this.#syncing;
    this.#timer?.handle.cancel();
    let failure: unknown = this.#poison;
    try {
      if (failure === null) await this.#file.finish();
    } catch (error) {
      failure = error;
    }
    this.#state = 'closed';
    try {
      await this.#file.close();
    } catch (error) {
      failure ??= error;
    }
    const cause = failure instanceof Poison ? (failure.cause ?? failure) : failure;
    const { tally } = this.#file;
    const told = { counters: tally.counters, measures: tally.take() };
    this.#emit({ kind: 'closed', error: cause === null ? null : plainError(cause), ...told });
  }

  #fail(error: unknown): void {
    if (this.#poison !== null) return;
    this.#poison = error instanceof Poison ? error : new Poison(error);
    this.#timer?.handle.cancel();
    this.#emitPoison(this.#machine.poisoned().map((submission) => submission.ticket));
  }

  #emitPoison(tickets: readonly Ticket[]): void {
    const error = plainError(this.#poison?.cause ?? this.#poison);
    const { durableSeq, writtenSeq } = this.#file;
    this.#emit({ kind: 'poisoned', tickets, error, durableSeq, writtenSeq });
  }
}
