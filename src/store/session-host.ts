/** What a session needs of its store. */
import type { Layout } from '../recovery/layout.ts';
import type { Parts } from '../recovery/parts.ts';
import type { CheckpointOptions } from './checkpoint-options.ts';
import type { Metrics } from './metrics.ts';
import type { Writer } from './writer.ts';

/** An open session as the settler sees it. */
export interface SettlingSession {
  readonly id: string;
  /** Oldest segment that still holds entries of it, or null. */
  readonly oldestSegment: number | null;
  /** Moves what is durable, in segments below this one, from the journal to the history. */
  settle(below?: number): Promise<void>;
}

/** What the store gives to a session and wants to hear of it. */
export interface SessionHost {
  readonly parts: Parts;
  readonly layout: Layout;
  readonly writer: Writer;
  readonly metrics: Metrics;
  /** How restore points take themselves, or false. */
  readonly checkpoints: CheckpointOptions | false;
  /** True while the journal is over its bound, for this session. */
  isPressed(session: SettlingSession): boolean;
  /** Waits until the journal is within its bound for this session; FULL after a bounded time. */
  relief(session: SettlingSession): Promise<void>;
  /** A session has something to settle in this segment. */
  placed(segment: number): void;
  /** Some entries of a session have reached its history. */
  settled(): void;
  /** Makes the name of the session's directory durable. */
  syncNames(): Promise<void>;
  /**
   * This session is not open any more. Another one may have its id by now: a deleted session has
   * let go of its name before it is closed.
   */
  closed(session: SettlingSession): void;
  /** True while a handle of this store has the session open for writing. */
  hasOpen(id: string): boolean;
  /** The same, and nobody is closing it: who waits for its lock would wait in vain. */
  holds(id: string): boolean;
  /** This process, for messages. */
  readonly owner: { readonly pid: number; readonly host: string };
}
