/** Lists sessions by their heads alone: four kilobytes each, nothing is opened or locked. */
import type { Layout } from '../recovery/layout.ts';
import { sessionIdFault } from '../recovery/layout.ts';
import type { Parts } from '../recovery/parts.ts';
import { attachedTo, scanSession } from '../recovery/scan.ts';
import type { SessionScan } from '../recovery/scan.ts';
import { readWriters } from '../recovery/store-files.ts';
import type { SessionSummary } from './api.ts';

/** Summaries in the order of their ids. Aborts with the signal's reason. */
export async function* listSessions(
  parts: Parts,
  layout: Layout,
  signal: AbortSignal | undefined,
): AsyncGenerator<SessionSummary> {
  if ((await parts.fileSystem.stat(layout.sessions)) === null) return;
  const writers = new Set(await readWriters(parts.fileSystem, layout));
  for (const id of await parts.fileSystem.list(layout.sessions)) {
    signal?.throwIfAborted();
    if (sessionIdFault(id) !== null) continue;
    const scan = await scanSession(parts, layout, id);
    // Deleted since the directory was listed.
    if (scan.fault === 'missing' && (await parts.fileSystem.stat(scan.paths.directory)) === null) {
      continue;
    }
    yield summaryOf(scan, writers);
  }
}

function summaryOf(scan: SessionScan, writers: ReadonlySet<string>): SessionSummary {
  const { head } = scan;
  const writer = head === null ? null : attachedTo(head);
  return {
    id: scan.id,
    title: head === null || head.title === '' ? null : head.title,
    messages: head?.messages ?? 0,
    entries: head?.vouched.seq ?? 0,
    createdMs: head?.createdMs ?? null,
    updatedMs: head?.updatedMs ?? null,
    damaged: scan.fault !== null || (head?.damage ?? null) !== null,
    open: writer !== null && writers.has(writer),
    bytes: scan.fileBytes,
  };
}
