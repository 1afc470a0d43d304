/** Marks a session whose journal is gone, in its head: nobody opens it short by accident. */
import { fromHex } from '../format/bytes.ts';
import { HistoryFile } from '../history/history-file.ts';
import { takeLock } from './gate.ts';
import type { WaitOptions } from './gate.ts';
import type { Layout } from './layout.ts';
import { damageOf } from './losses.ts';
import type { Parts } from './parts.ts';
import type { SessionPlan } from './plan.ts';
import { lostSight } from './replay.ts';
import { scanSession } from './scan.ts';

/** Writes the loss into the head, under the session's lock. LOCKED, IO. */
export async function markDamaged(
  parts: Parts,
  layout: Layout,
  { session, writer }: { readonly session: SessionPlan; readonly writer: string },
  wait: WaitOptions,
): Promise<void> {
  const { id, paths } = session.scan;
  const lock = await takeLock(parts, paths.lock, `session ${JSON.stringify(id)}`, wait);
  try {
    const scan = await scanSession(parts, layout, id);
    const { head } = scan;
    if (head === null) throw lostSight(layout, scan);
    const history = await HistoryFile.open(parts, paths.history, head, 'write');
    try {
      const damage = damageOf(session.lost, fromHex(writer), head.damage);
      await history.writeHead({ damage });
    } finally {
      await history.close();
    }
  } finally {
    lock.release();
  }
}
