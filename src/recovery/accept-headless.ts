/**
 * Accepts the loss of a session whose head or history is gone. What journals still hold becomes a
 * new history in its place, with a loss frame for all that is missing; when they hold nothing, the
 * session goes as a whole. The old file is set aside first: nothing that was there is thrown away.
 */
import { toHex } from '../format/bytes.ts';
import { newestTailOf, rebuild } from './headless.ts';
import type { Tail } from './headless.ts';
import { relative, sessionPaths } from './layout.ts';
import type { Layout } from './layout.ts';
import { merged, runsOf } from './losses.ts';
import type { LossLook } from './loss-look.ts';
import type { Parts } from './parts.ts';
import { planStore } from './plan.ts';
import { keepFile } from './quarantine.ts';
import { moveToTrash } from './trash.ts';
import { removeTree } from './remove-tree.ts';
import type { AcceptedLoss } from './report.ts';
import { scanStore } from './scan.ts';
import { eventFrameType } from '../session/frame-types.ts';

/** What would be accepted, and what is left for a new history. Changes nothing. */
export async function lookAtHeadless(
  parts: Parts,
  layout: Layout,
  id: string,
): Promise<Pick<LossLook, 'loss'> & { readonly tail: Tail | null }> {
  const plan = planStore(await scanStore(parts, layout), {});
  const found = await newestTailOf(parts, plan, id);
  const tail = found === null || found.replay.frames.length === 0 ? null : found;
  const { history } = sessionPaths(layout, id);
  const size = (await parts.fileSystem.stat(history))?.size ?? null;
  const reason = size === null ? 'the history is not there' : 'its head does not hold';
  const place = { file: relative(layout, history), offset: 0, bytes: size, reason };
  const kept = tail === null ? [] : runsOf(tail.replay.frames);
  const loss = {
    session: id,
    lost: tail === null ? [{ from: 1, to: null }] : merged(tail.replay.lost),
    kept,
    entries: tail?.replay.frames.length ?? 0,
    messages: messagesIn(tail),
    badBytes: [place],
    deleted: tail === null,
  };
  return { loss, tail };
}

/** Does it, under the session's lock, behind the recovery of every dead writer. */
export async function acceptHeadless(
  parts: Parts,
  layout: Layout,
  id: string,
): Promise<AcceptedLoss> {
  const { fileSystem, random } = parts;
  const { loss, tail } = await lookAtHeadless(parts, layout, id);
  const { history, directory } = sessionPaths(layout, id);
  const setAside = await keepOld(parts, layout, id);
  if (tail === null) {
    // Durable in the trash before anything of it is removed: it is back as a whole, or gone.
    const incarnation = toHex(random.bytes(16));
    const moved = await moveToTrash(parts, layout, { id, incarnation });
    await removeTree(fileSystem, moved);
    return { ...loss, done: true, setAside };
  }
  const aside = `${history}.new`;
  if ((await fileSystem.stat(aside)) !== null) await fileSystem.remove(aside);
  // A new life: frames of the old one, wherever they turn up again, are none of it.
  const made = await rebuild(parts, { id, tail, incarnation: random.bytes(16) }, aside);
  await fileSystem.rename(aside, history);
  await fileSystem.syncDirectory(directory);
  const { entries, messages, lost } = made;
  return { ...loss, entries, messages, lost, done: true, setAside };
}

/** Under a name that no other file in quarantine has; null when there was no file. */
async function keepOld(parts: Parts, layout: Layout, id: string): Promise<string | null> {
  const { history } = sessionPaths(layout, id);
  if ((await parts.fileSystem.stat(history)) === null) return null;
  const directory = `${layout.quarantine}/sessions`;
  const name = `${id}.history.headless-${toHex(parts.random.bytes(8))}`;
  await keepFile(parts.fileSystem, history, directory, name);
  return relative(layout, `${directory}/${name}`);
}

function messagesIn(tail: Tail | null): number {
  let messages = 0;
  for (const { type } of tail?.replay.frames ?? [])
    if (type === eventFrameType.message) messages += 1;
  return messages;
}
