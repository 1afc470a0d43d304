/**
 * Parts whose message is gone: what they say was written, and stands in no message. In folders the
 * tool itself leaves such parts: when it goes on behind an undo, it removes the messages that were
 * taken back and not their parts. Those begin with a prompt and end in front of the next one.
 */
import type { TranscriptFinding } from '../../integrity/finding.ts';
import { recordFinding } from '../fault-finding.ts';
import { textOf } from '../json-value.ts';
import type { JsonObject } from '../json-value.ts';
import { rowPlace } from '../transcript-store.ts';

/** A part, with its id; null for one whose value cannot be read. */
export interface LostPart {
  readonly id: string;
  readonly value: JsonObject | null;
}

/** A message that is gone. */
export interface LostMessage {
  readonly id: string;
  readonly parts: readonly LostPart[];
}

/** A message that is there. */
export interface KeptMessage {
  readonly id: string;
  readonly role: string | null;
}

/** Kinds of parts that keep the books of a step, and say nothing. */
const wordless: ReadonlySet<string> = new Set(['step-start', 'step-finish', 'snapshot', 'patch']);

/** Kinds of parts that only answers have. */
const answers: ReadonlySet<string> = new Set([...wordless, 'tool', 'reasoning', 'retry']);

/** A part whose message is gone; an error where it says something. */
export function lostPartFinding(
  { id, value }: LostPart,
  message: string,
  record: number,
): TranscriptFinding {
  const kind = textOf(value, 'type');
  const says = kind === null || !wordless.has(kind);
  const meaning =
    `Part ${id}${kind === null ? '' : ` (${kind})`} belongs to message ${message}, which is not ` +
    `there${says ? ': what it says is in no message' : ''}.`;
  const place = rowPlace(record, id);
  const finding = recordFinding('MISSING_PARENT', says ? 'error' : 'warning', place, meaning);
  return { ...finding, fix: `Take message ${message} from a backup; its parts are still there.` };
}

/** What is told of the messages of a folder that are gone; `kept` are those that are there. */
export function lostInFolder(
  lost: readonly LostMessage[],
  kept: readonly KeptMessage[],
): readonly TranscriptFinding[] {
  const undone = undoneOf(lost, kept);
  let record = 0;
  return lost.flatMap((message) => {
    if (undone.has(message.id)) return [undoneFinding(message, record++)];
    return message.parts.map((part) => lostPartFinding(part, message.id, record++));
  });
}

function undoneFinding({ id, parts }: LostMessage, record: number): TranscriptFinding {
  const count = parts.length === 1 ? 'One part' : `${parts.length} parts`;
  const meaning =
    `${count} of message ${id} are there, and it is not: so opencode leaves a turn that was ` +
    'taken back.';
  return recordFinding('MISSING_PARENT', 'note', rowPlace(record, parts[0]?.id ?? id), meaning);
}

/** Ids of the tool grow with time; nothing is known of the order of others. */
const ownId = /^msg_/;

/** Of the messages that are gone, those that an undo took away. */
function undoneOf(lost: readonly LostMessage[], kept: readonly KeptMessage[]): ReadonlySet<string> {
  const all = [...lost, ...kept].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const undone = new Set<string>();
  if (!all.every(({ id }) => ownId.test(id))) return undone;
  let run: string[] = [];
  let isPrompt = false;
  let before: string | null = null;
  for (const message of all) {
    if ('parts' in message) {
      // Behind a prompt that is there stands its answer, which no undo takes away by itself.
      if (run.length === 0) isPrompt = before !== 'user' && !message.parts.some(isAnswer);
      run.push(message.id);
      continue;
    }
    before = message.role;
    if (isPrompt && message.role === 'user') for (const id of run) undone.add(id);
    run = [];
  }
  return undone;
}

function isAnswer({ value }: LostPart): boolean {
  return answers.has(textOf(value, 'type') ?? '');
}
