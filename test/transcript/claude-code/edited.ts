/** What edits mean, written down apart from the writer. */
import type { PlacedMessage } from '../../../src/integrity/conversation.ts';
import type { Edit } from '../../../src/integrity/plan/edit.ts';
import type { ContentBlock } from '../../../src/session/message.ts';

/** A message without its places. */
export interface Plain {
  readonly role: string;
  readonly content: readonly ContentBlock[];
}

/** The conversation after the edits, written down as plainly as can be. */
export function edited(messages: readonly PlacedMessage[], edits: readonly Edit[]): Plain[] {
  const result: Plain[] = [];
  for (let at = 0; at <= messages.length; at += 1) {
    for (const edit of edits) {
      if (edit.kind === 'insert-message' && edit.before === at) result.push(edit);
    }
    const message = messages[at];
    if (message === undefined) continue;
    if (edits.some((edit) => edit.kind === 'remove-message' && edit.message === at)) continue;
    const content: ContentBlock[] = [];
    for (let block = 0; block <= message.content.length; block += 1) {
      const here = edits.filter(
        (edit) => 'at' in edit && edit.at.message === at && edit.at.block === block,
      );
      for (const edit of here) if (edit.kind === 'insert-block') content.push(edit.content);
      const old = message.content[block];
      if (old === undefined || here.some(({ kind }) => kind === 'remove-block')) continue;
      const fresh = here.find((edit) => edit.kind === 'replace-block');
      content.push(fresh?.kind === 'replace-block' ? fresh.content : old);
    }
    if (content.length > 0 || message.content.length === 0)
      result.push({ role: message.role, content });
  }
  return result;
}

/** Messages of results that stand side by side are one message, as the tool sends them. */
export function joined(messages: readonly Plain[]): Plain[] {
  const isResults = ({ role, content }: Plain): boolean =>
    role === 'user' && content.length > 0 && content.every(({ type }) => type === 'tool_result');
  const result: Plain[] = [];
  for (const { role, content } of messages) {
    const last = result.at(-1);
    const isMore = last !== undefined && isResults(last) && isResults({ role, content });
    if (isMore) result[result.length - 1] = { role, content: [...last.content, ...content] };
    else result.push({ role, content });
  }
  return result;
}
