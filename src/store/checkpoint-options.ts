/** How restore points take themselves, as the library's settings show it. */
import type { SpacingSettings } from '../checkpoint/checkpointer.ts';
import type { WatchSettings } from '../checkpoint/watch.ts';
import type { Trigger } from '../session/event.ts';

/** Settings of the watch and of the checkpointer of every session. */
export interface CheckpointOptions extends WatchSettings {
  readonly spacing?: SpacingSettings;
  /** Triggers to switch off; all are on otherwise. */
  readonly triggers?: Readonly<Partial<Record<Trigger, boolean>>>;
}
