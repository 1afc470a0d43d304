/** How the owner of a journal reaches its writer, whose thread it may have hired before. */
import type {
  JournalCommand,
  JournalEvent,
  JournalSettings,
  JournalStart,
} from './journal-protocol.ts';

/** Where a journal writer is reached: a thread, or the same thread. */
export interface JournalPort {
  post(command: JournalCommand): void;
  onEvent(listener: (event: JournalEvent) => void): void;
  /** Whether the process stays alive for it. */
  keepAlive(reason: 'unsynced' | 'idle'): void;
  /** True when it pays to hand over a part of what comes in one turn, see answer-pace.ts. */
  readonly isQuick: boolean;
  /** Ends the thread, if there is one. */
  end(): Promise<void>;
}

/** A thread that will write a journal. One of the two is called, once. */
export interface JournalThread {
  /** Makes the journal. Fails as the disk fails, and leaves nothing behind. */
  begin(settings: JournalSettings, origin: JournalStart): Promise<JournalPort>;
  /** Ends it: there is no journal to write. Does nothing to a thread that has ended. */
  dismiss(): Promise<void>;
}
