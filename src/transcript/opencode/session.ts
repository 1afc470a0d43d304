/**
 * A session of opencode, wherever its messages and parts were kept: which of them are sent, and in
 * what order. What was taken back (`revert`) is not sent, and behind a compaction only the summary
 * and the tail that it kept are.
 */
import type { Place } from '../../integrity/conversation.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText, textOf } from '../json-value.ts';
import type { SideConversation } from '../transcript.ts';

/** One part, and where it was found. */
export interface PlacedPart {
  readonly value: JsonObject;
  readonly place: Place;
}

/** One message. Its parts are read when they are needed. */
export interface StoredMessage {
  readonly id: string;
  readonly place: Place;
  /** The message without its parts. */
  info(): JsonObject;
  parts(): readonly PlacedPart[];
  /** What stands there instead of parts, and cannot be read. */
  readonly unread?: JsonObject;
}

/** What is kept of every message to decide about all. */
export interface MessageMark {
  readonly message: StoredMessage;
  readonly role: string;
  readonly parentId: string | null;
  /** A summary that was finished. */
  readonly isSummary: boolean;
  /** A part asks for a compaction; with the message from which on the tail is kept. */
  readonly compaction: { readonly tailId: string | null } | null;
}

/** The messages that are sent, and counts of those that are not. */
export interface SentMessages {
  readonly messages: readonly StoredMessage[];
  readonly sides: readonly SideConversation[];
  /** Of the message that was taken back in part: its parts from here on are not sent. */
  readonly cutPart: { readonly messageId: string; readonly partId: string } | null;
}

/** Looks at a message once. */
export function markOf(message: StoredMessage): MessageMark {
  const info = message.info();
  const compaction = message.parts().find(({ value }) => value['type'] === 'compaction');
  return {
    message,
    role: textOf(info, 'role') ?? '',
    parentId: textOf(info, 'parentID'),
    isSummary: Boolean(info['summary']) && Boolean(info['finish']) && !info['error'],
    compaction:
      compaction === undefined ? null : { tailId: textOf(compaction.value, 'tail_start_id') },
  };
}

/** Decides, as the tool does when it makes a request. */
export function sentMessages(marks: readonly MessageMark[], session: JsonObject): SentMessages {
  const revert = asObject(session['revert']);
  const messageId = asText(revert?.['messageID']);
  const partId = asText(revert?.['partID']);
  const at = messageId === null ? -1 : marks.findIndex(({ message }) => message.id === messageId);
  const keptUntil = at < 0 ? marks.length : partId === null ? at : at + 1;
  const kept = marks.slice(0, keptUntil);
  const sent = withoutCompacted(kept);
  const sides: SideConversation[] = [];
  const side = (kind: SideConversation['kind'], id: string | null, messages: number): void => {
    if (messages > 0) sides.push({ kind, id, messages });
  };
  side('rolled-back', messageId, marks.length - kept.length);
  side('compacted', null, kept.length - sent.length);
  const cutPart = at >= 0 && partId !== null && messageId !== null ? { messageId, partId } : null;
  return { messages: sent.map(({ message }) => message), sides, cutPart };
}

/**
 * From the newest compaction that has a summary on: its request, the summary, the tail, the rest.
 */
function withoutCompacted(marks: readonly MessageMark[]): readonly MessageMark[] {
  const begin = firstSent(marks);
  const sent = marks.slice(begin);
  const request = sent.findLastIndex(
    ({ role, compaction }) => role === 'user' && (compaction?.tailId ?? null) !== null,
  );
  const asked = sent[request];
  const tailId = asked?.compaction?.tailId ?? null;
  if (asked === undefined || tailId === null) return sent;
  const summary = sent.findIndex(
    ({ role, parentId, isSummary }, index) =>
      index > request && role === 'assistant' && isSummary && parentId === asked.message.id,
  );
  const tail = sent.findIndex(({ message }) => message.id === tailId);
  if (tail < 0 || tail >= request || summary <= request) return sent;
  return [
    ...sent.slice(request, summary + 1),
    ...sent.slice(tail, request),
    ...sent.slice(summary + 1),
  ];
}

/** The first message that is still looked at, searched from the end as the tool does it. */
function firstSent(marks: readonly MessageMark[]): number {
  const summarised = new Set<string>();
  let retain: string | null = null;
  for (let index = marks.length - 1; index >= 0; index -= 1) {
    const mark = marks[index];
    if (mark === undefined) continue;
    const { message, role, compaction, isSummary, parentId } = mark;
    if (retain !== null) {
      if (message.id === retain) return index;
      continue;
    }
    if (role === 'user' && summarised.has(message.id)) {
      if (compaction === null) continue;
      if (compaction.tailId === null || compaction.tailId === message.id) return index;
      retain = compaction.tailId;
      continue;
    }
    if (role === 'assistant' && isSummary && parentId !== null) summarised.add(parentId);
  }
  return 0;
}
