/**
 * Decides when a snapshot is taken without anybody asking, and takes it. It stands beside the
 * session, never in its way: what it does happens behind an append that was answered, and a
 * snapshot that fails is counted and told in `stats`, never thrown.
 *
 * Invariants:
 * - A snapshot is taken only when the content differs from that of the newest one on the branch,
 *   and only once for each content, however many events come at once.
 * - One that failed is not counted as taken and spends nothing, so the next event tries again.
 * - What was taken is asked from the session and not remembered here, so a restart changes nothing.
 */
import { HoldfastError } from '../base/errors.ts';
import type { Trigger } from '../session/event.ts';
import { hasTurn, spacingOf } from './spacing.ts';
import type { SpacingSettings, TakenAt } from './spacing.ts';
import { formatSwitches, statsOf } from './stats.ts';
import type { CheckpointStats } from './stats.ts';
import { oneLine } from './text.ts';
import { requireTrigger, triggers } from './triggers.ts';
import type { Sighting } from './watch.ts';

export { formatStats } from './stats.ts';
export type { CheckpointStats } from './stats.ts';
export type { SpacingSettings } from './spacing.ts';
export { triggers } from './triggers.ts';

/** When snapshots are taken without being asked. */
export interface CheckpointSettings {
  /** Triggers to turn off, or on again; all are on. */
  readonly triggers?: Readonly<Partial<Record<Trigger, boolean>>>;
  /** How far apart those of the watch are. */
  readonly spacing?: SpacingSettings;
}

/** The session, as far as the checkpointer needs it. */
export interface CheckpointHost {
  /** Takes a snapshot of the state as it is when it is called. May fail. */
  readonly take: (trigger: Trigger, action: string) => Promise<unknown>;
  /** Content digest of the state now. */
  readonly digest: () => string;
  /** Content digest of the newest snapshot on the branch; null when there is none. */
  readonly lastDigest: () => string | null;
  /** Snapshots that triggers took, ever. */
  readonly taken: () => number;
  /** Messages of the conversation now. */
  readonly messages: () => number;
  /** The listed snapshots of the branch that triggers took, oldest first. */
  readonly takenAt: () => readonly TakenAt[];
}

/** Restore points at the right moments, for one session. */
export class SmartCheckpointer {
  readonly #host: CheckpointHost;
  readonly #enabled: Map<Trigger, boolean>;
  readonly #spacing: Required<SpacingSettings>;
  /** By content, snapshots that are being taken. */
  readonly #underway = new Map<string, TakenAt>();
  readonly #seen = new Map<Trigger, number>();
  readonly #taken = new Map<Trigger, number>();
  #failed = 0;
  #lastFailure: string | null = null;

  /** Throws INVALID for settings that make no sense. */
  constructor(host: CheckpointHost, settings: CheckpointSettings = {}) {
    this.#host = host;
    this.#enabled = new Map(triggers.map((trigger) => [trigger, true]));
    for (const [trigger, enabled] of Object.entries(settings.triggers ?? {})) {
      this.setTrigger(trigger as Trigger, enabled);
    }
    this.#spacing = spacingOf(settings.spacing);
  }

  /**
   * Something happened that is worth a restore point: the caller knows, so it is not spaced. True
   * when a snapshot was taken; false when the trigger is off, the content is that of the newest
   * snapshot, or taking it failed. `action` is a few words for the list; a long one is cut. Rejects
   * with INVALID for an unknown trigger or an action that is no text, and for nothing else.
   */
  async onEvent(trigger: Trigger, action: string): Promise<boolean> {
    requireTrigger(trigger, 'take a snapshot');
    requireAction(action);
    this.#sees(trigger);
    return this.#enabled.get(trigger) === true && this.#take(trigger, action);
  }

  /**
   * What a `Watch` saw in one message, to be told before the next message is appended. Of several
   * sightings the most telling counts. True when a snapshot was taken; never rejects.
   */
  async onSightings(sightings: readonly Sighting[]): Promise<boolean> {
    for (const { trigger } of sightings) this.#sees(trigger);
    const best = triggers
      .filter((trigger) => this.#enabled.get(trigger) === true)
      .flatMap((trigger) => sightings.filter((sighting) => sighting.trigger === trigger))[0];
    if (best === undefined || !this.#hasTurn(best.trigger)) return false;
    return this.#take(best.trigger, best.action);
  }

  /** True when `onEvent` with this trigger would take a snapshot now. INVALID. */
  shouldCheckpoint(trigger: Trigger): boolean {
    requireTrigger(trigger, 'ask for a snapshot');
    return this.#enabled.get(trigger) === true && this.#isChanged();
  }

  /** Turns a trigger on or off, until the session is closed. INVALID. */
  setTrigger(trigger: Trigger, enabled: boolean): void {
    requireTrigger(trigger, 'set a trigger');
    if (typeof enabled !== 'boolean') {
      const message = `Cannot set the trigger "${trigger}": say true or false`;
      throw new HoldfastError('INVALID', message, { path: trigger });
    }
    this.#enabled.set(trigger, enabled);
  }

  /** Snapshots of this session that triggers took, also before it was opened. */
  get checkpointsTaken(): number {
    return this.#host.taken();
  }

  /** Events since the session was opened. */
  get eventsSeen(): number {
    return this.stats.eventsSeen;
  }

  /**
   * What came of the events since the session was opened. Only `checkpointsTaken` also counts what
   * was taken before: `byTrigger` does not add up to it after a restart.
   */
  get stats(): CheckpointStats {
    const counts = { failed: this.#failed, lastFailure: this.#lastFailure };
    return statsOf(this.#seen, this.#taken, { ...counts, checkpointsTaken: this.#host.taken() });
  }

  /** Which triggers are on and off, in two lines for people. */
  formatTriggers(): string {
    return formatSwitches(this.#enabled);
  }

  #sees(trigger: Trigger): void {
    this.#seen.set(trigger, (this.#seen.get(trigger) ?? 0) + 1);
  }

  #isChanged(): boolean {
    const digest = this.#host.digest();
    if (this.#host.messages() === 0 || this.#underway.has(digest)) return false;
    return digest !== this.#host.lastDigest();
  }

  #hasTurn(trigger: Trigger): boolean {
    const takenAt = [...this.#host.takenAt(), ...this.#underway.values()];
    return hasTurn(trigger, this.#host.messages(), takenAt, this.#spacing);
  }

  /** Up to the call of `take` nothing is awaited, so that the state is still that of the event. */
  async #take(trigger: Trigger, action: string): Promise<boolean> {
    if (!this.#isChanged()) return false;
    const digest = this.#host.digest();
    const start = `[${trigger}]`;
    const line = oneLine(action.startsWith(start) ? action : `${start} ${action}`);
    this.#underway.set(digest, { trigger, messageIndex: this.#host.messages() });
    try {
      await this.#host.take(trigger, line);
      this.#taken.set(trigger, (this.#taken.get(trigger) ?? 0) + 1);
      return true;
    } catch (error) {
      // A restore point is a convenience: what kept it from being taken is told in the stats.
      this.#failed += 1;
      this.#lastFailure = error instanceof Error ? error.message : String(error);
      return false;
    } finally {
      this.#underway.delete(digest);
    }
  }
}

/** What the list would show as `undefined` or `[object Object]` is a mistake of the caller. */
function requireAction(action: unknown): asserts action is string {
  if (typeof action === 'string' && action.trim() !== '') return;
  const message = 'Cannot take a snapshot: "action" must be a text that is not empty';
  throw new HoldfastError('INVALID', message, { path: 'action' });
}
