/**
 * Node's `diagnostics_channel`, typed. What is told goes out in the next turn of the event loop:
 * whoever waits for an answer goes on first, however slow a listener is. One that throws harms
 * nobody here: Node raises it as an uncaught exception of the process, in a tick of its own.
 */
import { channel } from 'node:diagnostics_channel';
import { channelNames } from '../base/channels.ts';
import type { ChannelKind, ChannelMessages } from '../base/channels.ts';
import { inNextTurn } from './real-timers.ts';

// Held for ever: a channel that nobody holds is made anew, and its listeners are lost.
const channels = {
  append: channel(channelNames.append),
  commit: channel(channelNames.commit),
  sync: channel(channelNames.sync),
  settle: channel(channelNames.settle),
  retire: channel(channelNames.retire),
  recover: channel(channelNames.recover),
  poison: channel(channelNames.poison),
};

/** Told in one turn, in order. */
let waiting: { readonly kind: ChannelKind; readonly message: object }[] = [];

/** True while somebody listens; a message is made only then. */
export function isWanted(kind: ChannelKind): boolean {
  return channels[kind].hasSubscribers;
}

/** Tells it in the next turn, behind what was told before. */
export function publishSoon<Kind extends ChannelKind>(
  kind: Kind,
  message: ChannelMessages[Kind],
): void {
  waiting.push({ kind, message });
  if (waiting.length === 1) inNextTurn(publishWaiting);
}

/** Tells everything that waits for the next turn: who closes the last store may end right away. */
export function publishWaiting(): void {
  const told = waiting;
  waiting = [];
  for (const { kind, message } of told) channels[kind].publish(message);
}
