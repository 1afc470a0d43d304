/**
 * A plan as people read it. The text is a diff: each edit says where and why,
 * then what goes (`- `) and what comes (`+ `), as one line of JSON each, so that nothing in a
 * transcript can pass for a line of the plan or reach a terminal as a command. Pure.
 */
import { deepJson } from '../../base/deep-json.ts';
import { unreachable } from '../../base/assert.ts';
import type { Place, PlacedMessage } from '../conversation.ts';
import type { Edit } from './edit.ts';
import type { Plan } from './plan.ts';
import { asFound } from './shapes.ts';

/** How long a line may be; the exact content is in the JSON form. */
const contentCharsMax = 600;

/** The plan line by line, without line ends. `messages` are those that it was made for. */
export function planLines(messages: readonly PlacedMessage[], plan: Plan): readonly string[] {
  const { edits, lost, unmended } = plan;
  return [
    ...edits.flatMap((edit) => editLines(messages, edit)),
    ...(lost.length === 0 ? [] : [`This takes away ${pieces(lost.length)} for good:`]),
    ...lost.flatMap(({ at, told, text }) => [
      `${where(messages, at.message, at.block)}: ${inLine(told)}`,
      ...(text === '' ? [] : [`- ${shown(text)}`]),
    ]),
    ...unmended.map(({ told, reason }) => `Not mended (${reason}): ${inLine(told)}`),
  ];
}

function pieces(count: number): string {
  return count === 1 ? '1 piece' : `${count} pieces`;
}

function editLines(messages: readonly PlacedMessage[], edit: Edit): readonly string[] {
  const head = (place: string): string => `${place}: ${inLine(edit.told)} (${edit.reason})`;
  switch (edit.kind) {
    case 'insert-message': {
      const place = edit.before === 0 ? 'at the beginning' : `behind message ${edit.before}`;
      const { role, content } = edit;
      return [head(place), `+ ${shown({ role, content })}`];
    }
    case 'remove-message': {
      const message = messages[edit.message];
      const whole = { role: message?.role, content: message?.content.map(asFound) };
      return [head(where(messages, edit.message, null)), `- ${shown(whole)}`];
    }
    case 'insert-block':
      return [head(where(messages, edit.at.message, null)), `+ ${shown(edit.content)}`];
    case 'remove-block':
    case 'replace-block': {
      const { message, block } = edit.at;
      const old = messages[message]?.content[block];
      const before = old === undefined ? null : asFound(old);
      const after = edit.kind === 'remove-block' ? [] : [`+ ${shown(edit.content)}`];
      return [head(where(messages, message, block)), `- ${shown(before)}`, ...after];
    }
    default:
      return unreachable(edit);
  }
}

/** Messages are counted from 1 for people, as lines are. */
function where(messages: readonly PlacedMessage[], at: number, block: number | null): string {
  const message = messages[at];
  const place: Place | undefined =
    block === null ? message?.place : (message?.places[block] ?? message?.place);
  const line = place === undefined || place.line === null ? '' : `, line ${place.line}`;
  return `message ${at + 1} (${shown(message?.role ?? '').slice(1, -1)})${line}`;
}

function shown(value: unknown): string {
  const text = (deepJson(value) ?? '').replaceAll(unprintable, escaped);
  if (text.length <= contentCharsMax) return text;
  return `${text.slice(0, contentCharsMax)}… ${text.length - contentCharsMax} more characters`;
}

/** What JSON leaves as it is and a terminal takes for something else than a letter. */
const unprintable = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A sentence may quote an id, which may hold line ends; none of them begins a line here. */
function inLine(sentence: string): string {
  return sentence.replaceAll('\n', '\\n');
}
