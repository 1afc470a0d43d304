/**
 * Tasks of Cline, Roo and Kilo: `api_conversation_history.json`, a list of messages, and the
 * sessions and compactions of Cline's own SDK, an object with such a list.
 */
import type { ArrayFormat } from '../array-session.ts';
import { openArray } from '../array-session.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText, textOf } from '../json-value.ts';
import { beginsWithList } from '../list-file.ts';
import type { FormatReader, Transcript } from '../transcript.ts';
import { clineCodec, loneContent } from './codec.ts';
import { visibleTasks } from './condensed.ts';

/** Reads what Cline writes. */
export const cline: FormatReader = {
  name: 'cline',
  recognise(first) {
    const [only] = first;
    if (Array.isArray(only)) return listSureness(only as readonly unknown[]);
    const session = asObject(only);
    if (session === null) return 0;
    const isSession = 'sessionId' in session && 'agent' in session && 'updated_at' in session;
    return isSession && Array.isArray(session['messages']) ? 1 : 0;
  },
  *open(source): Generator<number, Transcript, void> {
    return yield* openArray(source, beginsWithList(source) ? history : session);
  },
};

/** What sets the list apart from any list of messages of the Anthropic API. */
function listSureness(list: readonly unknown[]): number {
  const messages = list.slice(0, 8).map(asObject);
  if (messages.length === 0 || !messages.every(isSaid)) return 0;
  const isMarked = messages.some(
    (each) => each !== null && (hasTime(each) || hasEnvironment(each)),
  );
  return isMarked ? 0.9 : 0;
}

function isSaid(message: JsonObject | null): boolean {
  return clineCodec.decode(message).length > 0;
}

function hasTime(message: JsonObject): boolean {
  return typeof message['ts'] === 'number';
}

/** The first message of every task carries the task, and where it began. */
function hasEnvironment(message: JsonObject): boolean {
  const { content } = message;
  const blocks = typeof content === 'string' ? [{ text: content }] : asList(content);
  return blocks.some((block) => {
    const text = asText(asObject(block)?.['text']) ?? '';
    return /^<task>|<environment_details>/.test(text);
  });
}

const session: ArrayFormat = {
  format: 'cline',
  profile: 'anthropic',
  path: ['messages'],
  codec: clineCodec,
  lone: loneContent,
  isKnown: (value) => clineCodec.decode(value).length > 0,
  facts: (head, model) => ({
    sessionId: textOf(head, 'sessionId'),
    title: null,
    cwd: null,
    version: null,
    model,
  }),
  visible: visibleTasks,
};

const history: ArrayFormat = { ...session, path: [] };
