/**
 * From a store to everything that its page shows: the report of `verify`, files frame by frame, and
 * restore points. The store is only read.
 */
import { HoldfastError } from '../../base/errors.ts';
import { FileMap } from '../../page/file-map.ts';
import type { SessionPoints, StoreFile, StorePageInput } from '../../page/store-page.ts';
import { nodeFileSystem } from '../../platform/node-file-system.ts';
import type { DumpLine } from '../../recovery/dump.ts';
import type { Progress, RecoveryReport } from '../../recovery/report.ts';
import type { Engine } from '../engine.ts';
import { verdictText } from '../report-text.ts';
import { storeSteps } from './store-steps.ts';

/** Files that are drawn; those with findings come first. */
const filesMax = 60;
/** Bytes that are read for drawing; the report itself has read everything. */
const drawnBytesMax = 1024 * 1024 * 1024;
const sessionsMax = 200;

/** How a long look is shown and stopped. */
export interface StoreWatching {
  readonly signal: AbortSignal;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** Everything for the page of the store that this report is about. */
export async function storePageInput(
  engine: Engine,
  report: RecoveryReport,
  watching: StoreWatching,
): Promise<StorePageInput> {
  const { files, left } = await drawnFiles(engine, report, watching);
  return {
    report,
    told: sentence(verdictText(report)),
    next: storeSteps(report),
    files,
    filesLeft: left,
    restorePoints: await pointsOf(engine, report, watching),
  };
}

/** The words go on behind a name in the text for terminals; here they are a sentence. */
function sentence(words: string): string {
  return /^(clean|healed|damaged|written)/.test(words)
    ? `This store is ${words}.`
    : `In this store: ${words}.`;
}

async function drawnFiles(
  engine: Engine,
  { root, findings }: RecoveryReport,
  { signal, onProgress }: StoreWatching,
): Promise<{ readonly files: readonly StoreFile[]; readonly left: number }> {
  const all = await storeFiles(root);
  const hurt = new Set(findings.flatMap(({ file }) => (file === null ? [] : [file])));
  const order = all.toSorted((a, b) => Number(hurt.has(b.path)) - Number(hurt.has(a.path)));
  const files: StoreFile[] = [];
  let [bytes, done] = [0, 0];
  for (const { path, size } of order) {
    signal.throwIfAborted();
    if (files.length >= filesMax || bytes + size > drawnBytesMax) continue;
    const file = await drawn(engine, `${root}/${path}`, { path, size });
    bytes += size;
    done += 1;
    onProgress?.({ what: 'drawing files', done, total: Math.min(order.length, filesMax) });
    if (file !== null) files.push(file);
  }
  return { files, left: order.length - files.length };
}

/** Segments of journals, and histories, in the order of their names. */
async function storeFiles(
  root: string,
): Promise<readonly { readonly path: string; readonly size: number }[]> {
  const fileSystem = nodeFileSystem('pool');
  const found: { path: string; size: number }[] = [];
  for (const parent of ['sessions', 'journals']) {
    if ((await fileSystem.stat(`${root}/${parent}`)) === null) continue;
    for (const name of await fileSystem.list(`${root}/${parent}`)) {
      const folder = `${parent}/${name}`;
      if ((await fileSystem.stat(`${root}/${folder}`))?.kind !== 'directory') continue;
      for (const inner of await fileSystem.list(`${root}/${folder}`)) {
        const path = `${folder}/${inner}`;
        const stat = inner === 'LOCK' ? null : await fileSystem.stat(`${root}/${path}`);
        if (stat?.kind === 'file') found.push({ path, size: stat.size });
      }
    }
  }
  return found;
}

async function drawn(
  engine: Engine,
  path: string,
  { path: name, size }: { readonly path: string; readonly size: number },
): Promise<StoreFile | null> {
  const map = new FileMap(size);
  let frames = 0;
  try {
    for await (const line of engine.dump(path)) {
      if (line.kind === 'frame') frames += 1;
      draw(map, line);
    }
  } catch (error) {
    // A file that is no part of a store, or that is gone meanwhile: findings tell of those.
    if (!HoldfastError.is(error)) throw error;
    return null;
  }
  return { path: name, map, frames };
}

function draw(map: FileMap, line: DumpLine): void {
  if (line.kind === 'frame' || line.kind === 'header') map.add('sound', line.offset, line.bytes);
  if (line.kind === 'damage') map.add('bad', line.offset, line.bytes);
}

async function pointsOf(
  engine: Engine,
  { root, sessions }: RecoveryReport,
  { signal }: StoreWatching,
): Promise<readonly SessionPoints[]> {
  const all: SessionPoints[] = [];
  try {
    await using store = await engine.openStore(root, { mode: 'read', signal });
    for (const { id } of sessions.slice(0, sessionsMax)) {
      const points = await pointsOfSession(store, id);
      if (points.length > 0) all.push({ session: id, points });
    }
  } catch (error) {
    // Whatever keeps the store from being opened is what the report is about.
    if (!HoldfastError.is(error)) throw error;
  }
  return all;
}

async function pointsOfSession(
  store: Awaited<ReturnType<Engine['openStore']>>,
  id: string,
): Promise<SessionPoints['points']> {
  try {
    await using session = await store.openSession(id, { mode: 'read' });
    const damaged = await session.snapshots.damaged();
    return session.snapshots.list().filter((point) => !damaged.includes(point.id));
  } catch (error) {
    // A damaged session is told by its findings.
    if (!HoldfastError.is(error)) throw error;
    return [];
  }
}
