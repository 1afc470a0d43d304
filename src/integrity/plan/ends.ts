/** Messages that are empty, and the two ends of a conversation. */
import type { DraftMessage, Why } from './draft.ts';
import type { Pass } from './pass.ts';
import { sideOf, textBlock, textMember, withMembers } from './shapes.ts';

/**
 * Removes messages in which nothing is left. A user message that was empty and stands in front of
 * an answer says so instead, so that two answers of the model do not run together.
 */
export const removeEmptyMessages: Pass = ({ draft }) => {
  const { messages } = draft;
  const behind = speakersBehind(messages);
  let before: DraftMessage | null = null;
  for (const [at, message] of messages.entries()) {
    const isEmpty = message.blocks.length === 0;
    const isKept = !isEmpty || isNeeded(message, before, behind[at] ?? null);
    if (isKept && speaks(message)) before = message;
    if (!isEmpty) continue;
    const words = draft.unreadIn(message) === null ? nothing : unreadable;
    if (isKept) {
      draft.insert(message, 0, textBlock(words.text), { reason: words.reason, told: words.kept });
      continue;
    }
    const { reason, told } = words;
    draft.removeMessage(message, message.why ?? { reason, told });
  }
};

const nothing = {
  reason: 'EMPTY_MESSAGE',
  told: 'Nothing is in this message; it is removed.',
  kept: 'A message of the user is empty, but answered; it says so now.',
  text: '[This message was empty.]',
} as const;

const unreadable = {
  reason: 'UNREADABLE_CONTENT',
  told: 'What stands in this message cannot be read; it is removed.',
  kept: 'A message of the user cannot be read, but is answered; a text says so in its place.',
  text: '[What stood in this message cannot be read.]',
} as const;

/** `before` and `behind` are who speaks next to it. */
function isNeeded(
  message: DraftMessage,
  before: DraftMessage | null,
  behind: DraftMessage | null,
): boolean {
  const isEmptied = message.why !== null && message.why.reason !== 'EMPTY_TEXT';
  if (sideOf(message.role) !== 'user' || isEmptied) return false;
  return isModel(behind) && (before === null || isModel(before));
}

function isModel(message: DraftMessage | null): boolean {
  return message !== null && sideOf(message.role) === 'assistant';
}

function speaks({ role }: DraftMessage): boolean {
  return sideOf(role) !== 'system';
}

/** For each message, the next one behind it that is not of the system. */
function speakersBehind(messages: readonly DraftMessage[]): readonly (DraftMessage | null)[] {
  const behind: (DraftMessage | null)[] = [];
  let next: DraftMessage | null = null;
  for (let at = messages.length - 1; at >= 0; at -= 1) {
    behind.push(next);
    const message = messages[at];
    if (message !== undefined && speaks(message)) next = message;
  }
  return behind.reverse();
}

/** Puts a message of the user in front of an answer that begins the conversation. */
export const beginWithUser: Pass = ({ draft, needs }) => {
  const at = draft.messages.findIndex(({ role }) => sideOf(role) !== 'system');
  const first = draft.messages[at];
  if (!needs.beginsWithUser || first === undefined || sideOf(first.role) !== 'assistant') return;
  const why: Why = {
    reason: 'LEADING_ASSISTANT',
    told: 'The conversation begins with an answer; a message of the user goes in front.',
  };
  const opening = draft.insertMessage(draft.messages[at - 1] ?? null, 'user', why);
  draft.insert(opening, 0, textBlock('[The beginning of this conversation is missing.]'), why);
};

/** Trims the text at the end of an answer that ends the conversation. */
export const trimEnd: Pass = ({ draft, needs }) => {
  const last = draft.messages.findLast(({ role }) => sideOf(role) !== 'system');
  const block = last?.blocks.at(-1);
  if (!needs.trimmedEnd || last === undefined || block === undefined) return;
  const text = block.content.type === 'text' ? textMember(block.content, 'text') : null;
  if (text === null || sideOf(last.role) !== 'assistant' || text.trimEnd() === text) return;
  draft.replace(block, withMembers(block.content, { text: text.trimEnd() }), {
    reason: 'TRAILING_WHITESPACE',
    told: 'The last answer ends with white space; it is trimmed.',
  });
};
