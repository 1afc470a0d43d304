/**
 * The fold: the small state of a session, kept up to date entry by entry. It is changed in place,
 * by one owner; `snapshotState` hands out copies that no later entry changes.
 *
 * Each entry costs time in proportion to its own size and not to the session's, and the fold holds
 * nothing of the conversation: only counts, the newest metadata, open calls, the newest idempotency
 * keys and one digest.
 */
import { assert, unreachable } from '../base/assert.ts';
import { blocksOf, isToolResult, isToolUse } from './blocks.ts';
import { emptyDigest, nextDigest } from './content-digest.ts';
import { cutBehind } from './cuts.ts';
import type { Cut, Entry, Metadata, Rewind, Status } from './event.ts';
import { KeyRanges } from './key-ranges.ts';
import type { KeyRange } from './key-ranges.ts';
import type { Message } from './message.ts';
import type { MessageGlance } from './message-glance.ts';
import { OpenCalls } from './open-calls.ts';
import { SnapshotMarks } from './snapshot-marks.ts';
import type { SessionState, StateImage } from './state.ts';
import { titleFrom } from './title.ts';

/** The state of one session under construction. Read by `snapshotState` and `rangeOfKey`. */
export interface Fold {
  lastSeq: number;
  entries: number;
  messages: number;
  userMessages: number;
  assistantMessages: number;
  toolUses: number;
  toolResults: number;
  status: Status | null;
  /** From the first visible text of a user, see `titleFrom`; null until there is one. */
  title: string | null;
  contentDigest: string;
  createdMs: number | null;
  updatedMs: number | null;
  readonly metadata: Map<string, unknown>;
  readonly openCalls: OpenCalls;
  compaction: StateImage['compaction'];
  /** What rewinds have taken out of the current branch, ascending. */
  cuts: readonly Cut[];
  rewound: SessionState['rewound'];
  readonly snapshots: SnapshotMarks;
  readonly keys: KeyRanges;
}

/** The fold of a session in which nothing has happened. */
export function newFold(): Fold {
  return {
    lastSeq: 0,
    entries: 0,
    messages: 0,
    userMessages: 0,
    assistantMessages: 0,
    toolUses: 0,
    toolResults: 0,
    status: null,
    title: null,
    contentDigest: emptyDigest,
    createdMs: null,
    updatedMs: null,
    metadata: new Map(),
    openCalls: new OpenCalls(),
    compaction: null,
    cuts: [],
    rewound: null,
    snapshots: new SnapshotMarks(),
    keys: new KeyRanges(),
  };
}

/** From the digest before a message to the one behind it. */
export type Digest = (before: string, message: Message) => string;

/** For whoever looks at a fold and never at its digest, which costs more than all the rest. */
export const undigested: Digest = (before) => before;

/**
 * Takes one entry in. Entries come in the order of their seq; a gap is allowed, because a loss that
 * somebody accepted leaves one.
 */
export function foldEntry(fold: Fold, entry: Entry, digest: Digest = nextDigest): void {
  assert(entry.seq > fold.lastSeq, 'entries are folded in the order of their seq');
  const { event, seq } = entry;
  switch (event.kind) {
    case 'message':
      foldMessage(fold, event.message, seq);
      fold.contentDigest = digest(fold.contentDigest, event.message);
      break;
    case 'metadata':
      foldMetadata(fold, event.metadata);
      break;
    case 'intent':
      fold.openCalls.intended(event.call.id, event.call.name, seq);
      break;
    case 'outcome':
      fold.openCalls.finished(event.callId);
      break;
    case 'status':
      fold.status = event.status;
      break;
    case 'custom':
      break;
    case 'compaction':
      fold.compaction = { ...event.compaction, seq };
      break;
    case 'snapshot':
      fold.snapshots.taken(seq, entry.timeMs, event.snapshot);
      break;
    case 'label':
      fold.snapshots.labelled(event.snapshot, event.label);
      break;
    case 'forget':
      fold.snapshots.forgotten(event.snapshots);
      break;
    case 'rewind':
      foldRewind(fold, event.rewind, seq);
      break;
    default:
      unreachable(event);
  }
  foldPlace(fold, entry);
  if (entry.idempotencyKey !== undefined) fold.keys.add(entry.idempotencyKey, seq);
}

/**
 * Takes a message in of which a glance was taken, with the digest behind it. False, and nothing is
 * taken in, when more of it is needed: a session is called after what its user says first.
 */
export function foldGlance(
  fold: Fold,
  place: Pick<Entry, 'seq' | 'timeMs'>,
  glance: MessageGlance,
  digest: string,
): boolean {
  assert(place.seq > fold.lastSeq, 'entries are folded in the order of their seq');
  const { role, calls } = glance;
  if (role === 'user' && fold.title === null) return false;
  foldRole(fold, role);
  for (const { kind, callId, name } of calls) {
    if (kind === 'tool_use') foldCall(fold, callId, name, place.seq);
    else foldResult(fold, callId);
  }
  fold.contentDigest = digest;
  foldPlace(fold, place);
  return true;
}

/**
 * An entry whose payload is damaged and that nothing of the conversation depends on: it keeps its
 * place, and what it said is passed over.
 */
export function foldUnreadable(fold: Fold, seq: number): void {
  assert(seq > fold.lastSeq, 'entries are folded in the order of their seq');
  fold.lastSeq = seq;
  fold.entries += 1;
}

/** Another writer took over after a crash: what the dead one had begun has an unknown outcome. */
export function foldRecovered(fold: Fold): void {
  fold.openCalls.writerDied();
}

/**
 * The entries that were appended with this key, all at once, if it is among the newest keys and
 * they are in the conversation: a key of an entry that is cut away is a new key.
 */
export function rangeOfKey(fold: Fold, idempotencyKey: string): KeyRange | undefined {
  return fold.keys.find(idempotencyKey, fold.cuts);
}

/**
 * The state as it is now. It does not change with the fold. `createdMs` is when the session was
 * made, as its head has it; who does not know that tells the time of its first entry.
 */
export function snapshotState(
  fold: Fold,
  durableUpTo: number,
  createdMs: number | null = fold.createdMs,
): SessionState {
  const { metadata } = fold;
  const tags = metadata.get('tags');
  return {
    lastSeq: fold.lastSeq,
    durableUpTo,
    entries: fold.entries,
    messages: fold.messages,
    userMessages: fold.userMessages,
    assistantMessages: fold.assistantMessages,
    toolUses: fold.toolUses,
    toolResults: fold.toolResults,
    model: textOf(metadata, 'model'),
    provider: textOf(metadata, 'provider'),
    cwd: textOf(metadata, 'cwd'),
    name: textOf(metadata, 'name'),
    tags: Array.isArray(tags) ? [...(tags as readonly string[])] : [],
    status: fold.status,
    metadata: Object.fromEntries(metadata),
    openCalls: fold.openCalls.list(),
    contentDigest: fold.contentDigest,
    createdMs,
    updatedMs: fold.updatedMs,
    compaction: fold.compaction,
    cuts: fold.cuts,
    rewound: fold.rewound,
  };
}

/** The state as a plain value, of a size that does not follow the length of the session. */
export function imageOf(fold: Fold): StateImage {
  return {
    messages: fold.messages,
    userMessages: fold.userMessages,
    assistantMessages: fold.assistantMessages,
    toolUses: fold.toolUses,
    toolResults: fold.toolResults,
    status: fold.status,
    title: fold.title,
    contentDigest: fold.contentDigest,
    createdMs: fold.createdMs,
    updatedMs: fold.updatedMs,
    metadata: Object.fromEntries(fold.metadata),
    ...fold.openCalls.image(),
    compaction: fold.compaction,
  };
}

/**
 * Puts the conversation's part of an image in place: all but what is known of the session itself.
 */
export function restoreConversation(fold: Fold, image: StateImage): void {
  fold.messages = image.messages;
  fold.userMessages = image.userMessages;
  fold.assistantMessages = image.assistantMessages;
  fold.toolUses = image.toolUses;
  fold.toolResults = image.toolResults;
  fold.title = image.title;
  fold.contentDigest = image.contentDigest;
  fold.compaction = image.compaction;
  fold.openCalls.restore(image);
}

/** Puts a whole image in place. */
export function restoreImage(fold: Fold, image: StateImage): void {
  restoreConversation(fold, image);
  fold.status = image.status;
  fold.createdMs = image.createdMs;
  fold.updatedMs = image.updatedMs;
  fold.metadata.clear();
  for (const [field, value] of Object.entries(image.metadata)) fold.metadata.set(field, value);
}

/** The conversation is again what it was; name, status and the like stay. */
function foldRewind(fold: Fold, rewind: Rewind, seq: number): void {
  restoreConversation(fold, rewind.state);
  fold.cuts = cutBehind(rewind.cuts, rewind.to, seq);
  fold.rewound = { seq, to: rewind.to };
}

function foldMessage(fold: Fold, message: Message, seq: number): void {
  foldRole(fold, message.role);
  for (const block of blocksOf(message)) {
    if (isToolUse(block)) foldCall(fold, block.id, block.name, seq);
    else if (isToolResult(block)) foldResult(fold, block.tool_use_id);
  }
  fold.title ??= titleFrom(message);
}

function foldPlace(fold: Fold, { seq, timeMs }: Pick<Entry, 'seq' | 'timeMs'>): void {
  fold.lastSeq = seq;
  fold.entries += 1;
  fold.createdMs ??= timeMs;
  fold.updatedMs = timeMs;
}

function foldRole(fold: Fold, role: string): void {
  fold.messages += 1;
  if (role === 'user') fold.userMessages += 1;
  if (role === 'assistant') fold.assistantMessages += 1;
}

function foldCall(fold: Fold, callId: string, name: string, seq: number): void {
  fold.toolUses += 1;
  fold.openCalls.asked(callId, name, seq);
}

function foldResult(fold: Fold, callId: string): void {
  fold.toolResults += 1;
  fold.openCalls.answered(callId);
}

function foldMetadata(fold: Fold, metadata: Metadata): void {
  for (const [field, value] of Object.entries(metadata)) {
    if (value === null) fold.metadata.delete(field);
    // A copy, because the caller may go on to change what it passed.
    else if (value !== undefined) fold.metadata.set(field, structuredClone(value));
  }
}

function textOf(metadata: ReadonlyMap<string, unknown>, field: string): string | null {
  const value = metadata.get(field);
  return typeof value === 'string' ? value : null;
}
