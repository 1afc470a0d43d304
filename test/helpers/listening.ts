/** Listeners on the channels of the library, for as long as a piece of work takes. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { channelNames } from '../../src/base/channels.ts';
import type { ChannelKind, ChannelMessages } from '../../src/base/channels.ts';

/** What came, by its channel, and all of it in order. */
export class Heard {
  readonly all: { readonly kind: ChannelKind; readonly message: object }[] = [];
  readonly #listeners = new Map<ChannelKind, (message: unknown) => void>();

  constructor(kinds = Object.keys(channelNames) as readonly ChannelKind[]) {
    for (const kind of kinds) {
      const listener = (message: unknown): void => {
        this.all.push({ kind, message: message as object });
      };
      this.#listeners.set(kind, listener);
      subscribe(channelNames[kind], listener);
    }
  }

  of<Kind extends ChannelKind>(kind: Kind): ChannelMessages[Kind][] {
    return this.all
      .filter((one) => one.kind === kind)
      .map((one) => one.message as ChannelMessages[Kind]);
  }

  end(): void {
    for (const [kind, listener] of this.#listeners) unsubscribe(channelNames[kind], listener);
    this.#listeners.clear();
  }
}
