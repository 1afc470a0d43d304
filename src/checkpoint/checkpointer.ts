/**
 * Decides when a restore point is taken: a trigger that is switched on has fired, the conversation has
 * changed since the last one, and they do not come too thick. It never stands in the way of anybody:
 * a snapshot that fails is counted as failed, told in `stats`, and the next event tries again.
 *
 * Spacing: each message earns a part of a snapshot; what is earned is kept up to a bound, so that a
 * lively stretch can have some in a row. Two for the same trigger keep a distance on top.
 */
import { HoldfastError } from '../base/errors.ts';
import type { Trigger } from '../session/event.ts';

/** All triggers: five of sense, two of cost. */
export const triggers: readonly Trigger[] = [
  'file-write',
  'tool-error',
  'user-feedback',
  'plan-change',
  'context-shift',
  'replay-budget',
  'base-bytes',
];

/** How thick snapshots may come. */
export interface SpacingSettings {
  /** Messages that earn one snapshot. 0: no spacing at all. */
  readonly messagesEach: number;
  /** Snapshots that a session begins with, and the most that are saved up. */
  readonly saved: number;
  /** Messages between two for the same trigger. */
  readonly sameTrigger: number;
}

/** At most one in ten messages on real conversations, where most come after files are written. */
export const spacingDefaults: SpacingSettings = { messagesEach: 15, saved: 2, sameTrigger: 6 };

/** What the checkpointer sees of its session. */
export interface CheckpointHost {
  /** Takes the snapshot; rejects when it failed. */
  take(trigger: Trigger, action: string): Promise<void>;
  /** Content digest of the conversation now. */
  digest(): string;
  /** Content digest of the newest snapshot on the branch, or null. */
  lastDigest(): string | null;
  /** Messages of the conversation now. */
  messages(): number;
  /** Snapshots that triggers have taken in the whole life of the session. */
  taken(): number;
}

/** Counts since the session was opened; `checkpointsTaken` since it was made. */
export interface CheckpointStats {
  readonly eventsSeen: number;
  readonly checkpointsTaken: number;
  /** Events that took none: switched off, nothing changed, or too soon. */
  readonly filtered: number;
  readonly failed: number;
  /** Why the last one failed, or null. */
  readonly lastFailure: string | null;
  readonly byTrigger: Readonly<Record<Trigger, number>>;
}

/** One for each session that is open for writing. */
export class SmartCheckpointer {
  readonly #host: CheckpointHost;
  readonly #spacing: SpacingSettings;
  readonly #enabled = new Set<Trigger>(triggers);
  readonly #byTrigger = new Map<Trigger, number>();
  readonly #lastAt = new Map<Trigger, number>();
  #eventsSeen = 0;
  #filtered = 0;
  #failed = 0;
  #lastFailure: string | null = null;
  /** Snapshots that are saved up, and the message up to which they were earned. */
  #earned: number;
  #earnedAt: number;
  /** The digest that is being taken just now. */
  #taking: string | null = null;

  constructor(host: CheckpointHost, spacing: SpacingSettings = spacingDefaults) {
    this.#host = host;
    this.#spacing = spacing;
    this.#earned = spacing.saved;
    this.#earnedAt = host.messages();
  }

  get checkpointsTaken(): number {
    return this.#host.taken();
  }

  get eventsSeen(): number {
    return this.#eventsSeen;
  }

  get stats(): CheckpointStats {
    return {
      eventsSeen: this.#eventsSeen,
      checkpointsTaken: this.checkpointsTaken,
      filtered: this.#filtered,
      failed: this.#failed,
      lastFailure: this.#lastFailure,
      byTrigger: Object.fromEntries(
        triggers.map((trigger) => [trigger, this.#byTrigger.get(trigger) ?? 0]),
      ) as Record<Trigger, number>,
    };
  }

  /** Switches a trigger on or off. INVALID for one that does not exist. */
  setTrigger(trigger: Trigger, enabled: boolean): void {
    requireTrigger(trigger);
    if (enabled) this.#enabled.add(trigger);
    else this.#enabled.delete(trigger);
  }

  /** True when an event of this trigger would take a snapshot now. INVALID. */
  shouldCheckpoint(trigger: Trigger): boolean {
    requireTrigger(trigger);
    if (!this.#enabled.has(trigger)) return false;
    const digest = this.#host.digest();
    if (digest === this.#host.lastDigest() || digest === this.#taking) return false;
    return this.#mayCome(trigger);
  }

  /**
   * Something has happened. True when a snapshot was taken for it; false when not, and when it
   * failed: that is told in `stats`. INVALID for a trigger that does not exist.
   */
  async onEvent(trigger: Trigger, action: string): Promise<boolean> {
    requireTrigger(trigger);
    this.#eventsSeen += 1;
    this.#earn();
    if (!this.shouldCheckpoint(trigger)) {
      this.#filtered += 1;
      return false;
    }
    const digest = this.#host.digest();
    const messages = this.#host.messages();
    this.#taking = digest;
    try {
      await this.#host.take(trigger, action);
    } catch (error) {
      this.#failed += 1;
      this.#lastFailure = error instanceof Error ? error.message : String(error);
      return false;
    } finally {
      if (this.#taking === digest) this.#taking = null;
    }
    this.#earned -= 1;
    this.#lastAt.set(trigger, messages);
    this.#byTrigger.set(trigger, (this.#byTrigger.get(trigger) ?? 0) + 1);
    return true;
  }

  /** Which triggers are on and off, for people. */
  formatTriggers(): string {
    const on = triggers.filter((trigger) => this.#enabled.has(trigger));
    const off = triggers.filter((trigger) => !this.#enabled.has(trigger));
    const told = (list: readonly Trigger[]): string =>
      list.length === 0 ? 'none' : list.join(', ');
    return `on: ${told(on)}; off: ${told(off)}`;
  }

  #earn(): void {
    const { messagesEach, saved } = this.#spacing;
    const messages = this.#host.messages();
    if (messagesEach > 0) {
      const earned = Math.max(0, messages - this.#earnedAt) / messagesEach;
      this.#earned = Math.min(saved, this.#earned + earned);
    }
    // After a rewind there are fewer: what was earned stays.
    this.#earnedAt = messages;
  }

  #mayCome(trigger: Trigger): boolean {
    const { messagesEach, sameTrigger } = this.#spacing;
    if (messagesEach === 0) return true;
    const last = this.#lastAt.get(trigger);
    const distance = last === undefined ? sameTrigger : Math.abs(this.#host.messages() - last);
    return this.#earned >= 1 && distance >= sameTrigger;
  }
}

/** `12 events seen, 3 checkpoints taken (75 % filtered)`, for people. */
export function formatStats(stats: CheckpointStats): string {
  const { eventsSeen, checkpointsTaken, filtered, failed } = stats;
  const share = eventsSeen === 0 ? 0 : Math.round((100 * filtered) / eventsSeen);
  const trouble = failed === 0 ? '' : `, ${failed} failed`;
  return `${eventsSeen} events seen, ${checkpointsTaken} checkpoints taken (${share} % filtered)${trouble}`;
}

function requireTrigger(trigger: unknown): asserts trigger is Trigger {
  if (triggers.some((known) => known === trigger)) return;
  const message = `There is no trigger ${JSON.stringify(trigger)}; there are ${triggers.join(', ')}`;
  throw new HoldfastError('INVALID', message, { path: 'trigger' });
}
