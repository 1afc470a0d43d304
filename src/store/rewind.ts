/**
 * Rewinding: the conversation goes on from an earlier point. Nothing is erased. A rewind is one
 * entry that carries the folded conversation at its target, so nothing in front of it has to be
 * read again to go on; what lies between the target and the rewind is cut out of the branch, and an
 * undo is a rewind to right before the one that it takes back.
 *
 * A call of a tool never stands without its result: a target between the two moves to the front of
 * the call. A call that never got one, and that the conversation has gone on behind, is no reason.
 */
import { HoldfastError } from '../base/errors.ts';
import { batchFramesMax } from '../base/quantities.ts';
import { shown } from '../base/shown.ts';
import { endsTurn } from '../session/blocks.ts';
import { isCut } from '../session/cuts.ts';
import type { Cut, SessionEvent } from '../session/event.ts';
import { checkedCopy } from '../session/event-copy.ts';
import { imageOf } from '../session/fold.ts';
import type { Fold } from '../session/fold.ts';
import type { Message } from '../session/message.ts';
import type { StateImage } from '../session/state.ts';
import { branchState } from './fold-at.ts';
import { itemsOf, requireKnown } from '../base/known-options.ts';
import type { RewindOptions, RewindResult, RewindTarget } from './restore-api.ts';
import { named } from './restore-host.ts';
import type { RestoreHost } from './restore-host.ts';
import { messagesOf } from './session-view.ts';
import { contentOf } from './snapshots.ts';

/** One frame of the batch is the commit, and one the rewind. */
const branchMax = batchFramesMax - 2;

interface Point {
  readonly to: number;
  readonly cuts: readonly Cut[];
  readonly state: StateImage;
}

/** Plans, and unless it is a dry run, rewinds. */
export async function rewind(host: RestoreHost, given: RewindOptions): Promise<RewindResult> {
  const options = requireKnown(given, ['to', 'append', 'dryRun'], 'rewind');
  const branch = branchOf(host, options.append);
  const now = host.fold();
  const messagesBefore = now.messages;
  const wanted = await pointOf(host, options.to);
  // An undo gives back what was there, open calls and all.
  const point = options.to === 'undo' ? wanted : await behindResults(host, wanted);
  const undoes = options.to === 'undo' ? (now.rewound?.seq ?? null) : null;
  // The end of the conversation: an entry would say nothing, and an undo of it do nothing.
  const isThere = point.to === now.lastSeq;
  const events: SessionEvent[] = isThere
    ? branch
    : [{ kind: 'rewind', rewind: { ...point, undoes } }, ...branch];
  const submitted =
    options.dryRun === true || events.length === 0 ? null : await host.submit(events, {});
  const seq = isThere ? null : (submitted?.seq ?? null);
  return {
    to: point.to,
    messagesBefore,
    messagesAfter: point.state.messages + branch.length,
    movedBy: wanted.state.messages - point.state.messages,
    cut: { from: point.to + 1, to: seq ?? now.lastSeq },
    seq,
  };
}

/** Copied at once: what the caller does to it while the point is sought changes nothing. */
function branchOf(host: RestoreHost, messages: unknown): SessionEvent[] {
  if (messages === undefined) return [];
  if (!Array.isArray(messages)) {
    const message = `Cannot rewind ${named(host)}: "append" must be an array, not ${shown(messages)}`;
    throw new HoldfastError('INVALID', message, { path: 'append' });
  }
  const list = itemsOf<Message>(messages, 'append', `rewind ${named(host)}`, (count) => {
    if (count <= branchMax) return;
    const message =
      `Cannot rewind ${named(host)} and append ${count} messages: the most that fit into one ` +
      `batch are ${branchMax}; append the rest afterwards`;
    throw new HoldfastError('TOO_LARGE', message, { bytes: count, bytesMax: branchMax });
  });
  return list.map((message) => checkedCopy({ kind: 'message', message }));
}

async function pointOf(host: RestoreHost, target: RewindTarget): Promise<Point> {
  if (target === 'undo') {
    const { rewound } = host.fold();
    if (rewound !== null) return pointAt(await host.foldAt(rewound.seq - 1));
    const message = `Cannot undo a rewind of ${named(host)}: there was none`;
    throw new HoldfastError('NOT_FOUND', message, { what: 'rewind' });
  }
  if (isOnly(target, 'snapshot')) {
    const { snapshot } = await contentOf(host, target.snapshot);
    const { at: to, cuts } = snapshot;
    const { entries, lastSeq } = host.fold();
    if (entries === lastSeq) return { to, cuts, state: snapshot.state };
    // Entries are lost, and the snapshot may count them: what is there is the conversation.
    return { to, cuts, state: await branchState((range) => host.entries(range), to, cuts) };
  }
  return pointBehind(host, target);
}

/** Whether it has this member and no other: of two places, nobody can tell which one is meant. */
function isOnly<Name extends 'snapshot' | 'messages'>(
  target: unknown,
  name: Name,
): target is Readonly<Record<Name, number>> {
  if (typeof target !== 'object' || target === null || !(name in target)) return false;
  return Object.entries(target).every(([key, value]) => key === name || value === undefined);
}

/** The point behind so many messages of the current conversation. */
async function pointBehind(host: RestoreHost, target: unknown): Promise<Point> {
  const { messages, cuts } = host.fold();
  const count = isOnly(target, 'messages') ? target.messages : -1;
  if (!Number.isSafeInteger(count) || count < 0 || count > messages) {
    const message =
      `Cannot rewind ${named(host)}: "to" must be { snapshot: ID }, ` +
      `{ messages: 0 to ${messages} } or 'undo'`;
    throw new HoldfastError('INVALID', message, { path: 'to' });
  }
  if (count === messages) return pointAt(host.fold());
  const range = { reverse: true, limit: messages - count };
  let first = 1;
  for await (const { seq } of messagesOf((part) => host.entries(part), range, cuts)) first = seq;
  return pointAt(await host.foldAt(first - 1));
}

/** The point itself, or the nearest one in front of it where no call waits for its result. */
async function behindResults(host: RestoreHost, point: Point): Promise<Point> {
  let found = point;
  for (;;) {
    let asked: number | null = null;
    for (const { messageSeq } of found.state.openCalls) {
      if (messageSeq === null || !(await isWaited(host, found, messageSeq))) continue;
      asked = Math.min(asked ?? messageSeq, messageSeq);
    }
    if (asked === null) return found;
    found = pointAt(await host.foldAt(asked - 1));
  }
}

/** False for a call that the conversation had left behind at that point already. */
async function isWaited(
  host: RestoreHost,
  { to, cuts }: Point,
  askedSeq: number,
): Promise<boolean> {
  for await (const { event, seq } of host.entries({ from: askedSeq + 1, to })) {
    if (event.kind === 'message' && !isCut(cuts, seq) && endsTurn(event.message)) return false;
  }
  return true;
}

function pointAt(fold: Fold): Point {
  return { to: fold.lastSeq, cuts: fold.cuts, state: imageOf(fold) };
}
