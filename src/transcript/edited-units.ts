/**
 * Carries edits over to the units of a file: a unit is what gave messages to the conversation, one
 * after the other, such as a record. Only units that change are kept, so a plan over a long
 * conversation costs what the plan costs.
 */
import { addAll } from '../base/lists.ts';
import { assert } from '../base/assert.ts';
import type { Edit } from '../integrity/plan/edit.ts';
import type { ContentBlock } from '../session/message.ts';
import type { MessageEdits, NewMessage } from './message-edits.ts';
import { editsByMessage } from './message-edits.ts';
import type { Turn } from './value-codec.ts';

/** Messages that a unit shall give from now on. */
export type WantedTurns = Map<number, readonly Turn[]>;

/** The key of messages that stand in front of the first unit, because there is none behind. */
export const frontUnit = -1;

/**
 * What each changed unit shall give. An inserted message goes to the unit in front of it, where a
 * result finds its call; with nothing in front, to the first unit that gives a message.
 */
export function wantedTurns(units: Iterable<readonly Turn[]>, edits: readonly Edit[]): WantedTurns {
  const changes = editsByMessage(edits);
  const wanted: WantedTurns = new Map();
  let last: { unit: number; turns: readonly Turn[] } | null = null;
  let message = 0;
  let unit = 0;
  for (const turns of units) {
    const here: Turn[] = [];
    let isTouched = false;
    for (const [index, turn] of turns.entries()) {
      const change = changes.get(message);
      message += 1;
      if (change === undefined) {
        here.push(turn);
        continue;
      }
      if (index === 0 && last !== null) append(wanted, last, change.before.map(turnOf));
      else addAll(here, change.before.map(turnOf));
      const isOwn = index > 0 || last === null;
      isTouched ||= changesContent(change) || (isOwn && change.before.length > 0);
      if (!change.isRemoved) here.push(changedTurn(turn, change));
    }
    if (turns.length > 0) {
      last = { unit, turns: here };
      if (isTouched) wanted.set(unit, here);
    }
    unit += 1;
  }
  const end = changes.get(message);
  for (const at of changes.keys())
    assert(at <= message, 'an edit is about a message that is there');
  if (end !== undefined) {
    assert(!changesContent(end), 'an edit is about a message that is there');
    if (last !== null) append(wanted, last, end.before.map(turnOf));
    else if (end.before.length > 0) wanted.set(frontUnit, end.before.map(turnOf));
  }
  return wanted;
}

function append(
  wanted: WantedTurns,
  last: { readonly unit: number; readonly turns: readonly Turn[] },
  added: readonly Turn[],
): void {
  if (added.length > 0) wanted.set(last.unit, [...last.turns, ...added]);
}

function changesContent(change: MessageEdits): boolean {
  const { isRemoved, removed, replaced, inserted } = change;
  return isRemoved || removed.size + replaced.size + inserted.size > 0;
}

/** What a message says after its edits; the same one where none changes its content. */
export function changedTurn(turn: Turn, change: MessageEdits | undefined): Turn {
  if (change === undefined || !changesContent(change)) return turn;
  const content: ContentBlock[] = [];
  for (const [index, block] of turn.content.entries()) {
    addAll(content, change.inserted.get(index) ?? []);
    if (!change.removed.has(index)) content.push(change.replaced.get(index) ?? block);
  }
  addAll(content, change.inserted.get(turn.content.length) ?? []);
  const known = [...change.removed, ...change.replaced.keys()];
  const isThere = known.every((index) => index < turn.content.length);
  assert(isThere, 'an edit is about a block that is there');
  return { ...turn, content };
}

/** A new message; nothing says which model it is of. */
function turnOf({ role, content }: NewMessage): Turn {
  return { role, content, model: null };
}
