/** The edits of a plan, put together for each message that they are about. */
import type { Edit } from '../integrity/plan/edit.ts';
import type { ContentBlock } from '../session/message.ts';

/** A message that nothing in the file stands for yet. */
export interface NewMessage {
  readonly role: string;
  readonly content: readonly ContentBlock[];
}

/** Everything that a plan does to one message. */
export interface MessageEdits {
  /** In front of it. */
  readonly before: NewMessage[];
  isRemoved: boolean;
  readonly inserted: Map<number, ContentBlock[]>;
  readonly replaced: Map<number, ContentBlock>;
  readonly removed: Set<number>;
}

/** What a plan does, by message; the number of messages stands for the end. */
export function editsByMessage(edits: readonly Edit[]): Map<number, MessageEdits> {
  const all = new Map<number, MessageEdits>();
  const at = (message: number): MessageEdits => {
    const known = all.get(message);
    if (known !== undefined) return known;
    const fresh: MessageEdits = {
      before: [],
      isRemoved: false,
      inserted: new Map(),
      replaced: new Map(),
      removed: new Set(),
    };
    all.set(message, fresh);
    return fresh;
  };
  for (const edit of edits) {
    switch (edit.kind) {
      case 'insert-message':
        at(edit.before).before.push({ role: edit.role, content: edit.content });
        break;
      case 'remove-message':
        at(edit.message).isRemoved = true;
        break;
      case 'insert-block': {
        const { inserted } = at(edit.at.message);
        const here = inserted.get(edit.at.block);
        if (here === undefined) inserted.set(edit.at.block, [edit.content]);
        else here.push(edit.content);
        break;
      }
      case 'remove-block':
        at(edit.at.message).removed.add(edit.at.block);
        break;
      case 'replace-block':
        at(edit.at.message).replaced.set(edit.at.block, edit.content);
        break;
    }
  }
  return all;
}
