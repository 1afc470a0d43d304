/**
 * The message that everybody appends: one of a model, 1100 bytes as JSON. Its text is of words in
 * random order, because a log that compresses would shrink a repeated letter to nothing.
 */
import type { NewMessage } from 'holdfast';
import { randomOf } from './random.ts';

/** Length of every message as JSON, in bytes. */
export const messageBytes = 1100;

/** So many different messages take turns. */
export const messagesMade = 64;

const words = (
  'the a of to in is it file test line change error parser function value return build run call ' +
  'before after because should found missing empty input output module import version release ' +
  'thread commit journal session message order index query table column number string object'
).split(' ');

/** Text of exactly so many characters, each of one byte. */
export function textOf(bytes: number, random: (below: number) => number): string {
  let text = '';
  while (text.length < bytes) text += `${words[random(words.length)]} `;
  return text.slice(0, bytes);
}

/** One message of exactly `messageBytes` as JSON. */
function messageOf(random: (below: number) => number): NewMessage {
  const around = JSON.stringify({ role: 'assistant', content: [{ type: 'text', text: '' }] });
  const text = textOf(messageBytes - around.length, random);
  return { role: 'assistant', content: [{ type: 'text', text }] };
}

const random = randomOf(1);
const made = Array.from({ length: messagesMade }, () => messageOf(random));

/** The next of the messages that take turns. */
export function messageAt(at: number): NewMessage {
  const message = made[at % messagesMade];
  if (message === undefined) throw new Error('There is no such message');
  return message;
}
