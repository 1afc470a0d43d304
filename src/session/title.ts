/** Titles: what a list of sessions shows for one that nobody named. */
import { titleBytesMax } from '../base/quantities.ts';
import { toWellFormed } from '../format/well-formed.ts';
import { blocksOf } from './blocks.ts';
import type { Message } from './message.ts';

/**
 * A title made of the first text of a user's message: one line of at most `titleBytesMax` bytes of
 * UTF-8, cut between characters (code points, so that it does not depend on the Unicode version at
 * hand). Null when the message is not a user's or has no visible text.
 */
export function titleFrom(message: Message): string | null {
  if (message.role !== 'user') return null;
  for (const text of textsOf(message)) {
    // A title never needs more of the text than this, and the text may be megabytes long.
    const line = text
      .trimStart()
      .slice(0, 4 * titleBytesMax)
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim();
    if (line !== '') return cut(toWellFormed(line));
  }
  return null;
}

function* textsOf(message: Message): Iterable<string> {
  if (typeof message.content === 'string') yield message.content;
  for (const block of blocksOf(message)) {
    if (block.type === 'text' && typeof block['text'] === 'string') yield block['text'];
  }
}

function cut(line: string): string {
  let title = '';
  let bytes = 0;
  for (const character of line) {
    bytes += Buffer.byteLength(character);
    if (bytes > titleBytesMax) return title.trimEnd();
    title += character;
  }
  return title;
}
