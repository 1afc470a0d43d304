/** What a store that is open for writing is made of, and how it starts. */
import { HoldfastError } from '../base/errors.ts';
import { idleHistoriesMax } from '../base/quantities.ts';
import { createDirectories } from '../platform/create-directories.ts';
import { poolFiles } from '../platform/file-pool.ts';
import { processInfo } from '../platform/process-info.ts';
import { layoutOf } from '../recovery/layout.ts';
import type { Layout } from '../recovery/layout.ts';
import type { Parts } from '../recovery/parts.ts';
import { requireSafeFileSystem } from '../recovery/safe-file-system.ts';
import { noDirectory } from '../recovery/scan.ts';
import type { CheckpointOptions } from './checkpoint-options.ts';
import { Histograms } from './histograms.ts';
import { Metrics } from './metrics.ts';
import type { OpenContext } from './open-session.ts';
import type { StoreSettings } from './options.ts';
import { register } from './registry.ts';
import { SessionNames } from './session-names.ts';
import type { SessionHost } from './session-host.ts';
import type { SessionWriter } from './session-writer.ts';
import { Settler } from './settler.ts';
import { Writer } from './writer.ts';

/** One for each store that is open for writing. */
export interface WriteSide {
  readonly writer: Writer;
  readonly settler: Settler;
  readonly metrics: Metrics;
  readonly context: OpenContext;
  /** The sessions that are open for writing. */
  readonly sessions: Set<SessionWriter>;
  readonly unregister: () => void;
}

/** Starts a writer in this directory, which is made when it is not there. Fails as opening does. */
export async function startWriting(
  parts: Parts,
  root: string,
  settings: StoreSettings,
): Promise<WriteSide> {
  const { fileSystem } = parts;
  const info = processInfo();
  if (info.platform === 'win32') {
    const reason = 'Windows is read-only in this version';
    const message = `Cannot write to a store: ${reason}; open it with mode "read"`;
    throw new HoldfastError('LOCK_UNAVAILABLE', message, { reason });
  }
  await createDirectories(fileSystem, root);
  const layout = layoutOf(await fileSystem.realPath(root));
  const { kind } = await fileSystem.space(layout.root);
  requireSafeFileSystem(kind, settings.allowFileSystems, layout.root);
  const stat = await fileSystem.stat(layout.root);
  if (stat === null) throw noDirectory(root);
  const unregister = register(parts.locks, layout.root, stat, { pid: info.pid });
  try {
    const histograms = settings.histograms ? new Histograms() : null;
    const metrics = new Metrics(layout.root, parts.clock, histograms);
    const writer = await Writer.start(parts, layout, settings, metrics);
    const sessions = new Set<SessionWriter>();
    const settler = new Settler(writer, parts.clock, sessions);
    const histories = poolFiles(parts.fileSystem, idleHistoriesMax);
    const pooled = { ...parts, fileSystem: histories };
    const { checkpoints } = settings;
    const host = hostOf(pooled, layout, { writer, settler, metrics, sessions, checkpoints });
    const expected = new Map(Object.entries(settings.expectAtLeast));
    const context = { host, layout, settings, expected };
    return { writer, settler, metrics, context, sessions, unregister };
  } catch (error) {
    unregister();
    throw error;
  }
}

function hostOf(
  parts: Parts,
  layout: Layout,
  own: {
    readonly writer: Writer;
    readonly settler: Settler;
    readonly metrics: Metrics;
    readonly sessions: Set<SessionWriter>;
    readonly checkpoints: CheckpointOptions | false;
  },
): SessionHost {
  const names = new SessionNames(parts.fileSystem, layout.sessions);
  return {
    parts,
    layout,
    writer: own.writer,
    metrics: own.metrics,
    checkpoints: own.checkpoints,
    isPressed: (session) => own.settler.isPressed(session),
    relief: (session) => own.settler.relief(session),
    placed: (segment) => own.settler.placed(segment),
    settled: () => own.settler.gotOn(),
    syncNames: () => names.sync(),
    hasOpen: (id) => [...own.sessions].some((session) => session.id === id),
    holds: (id) => [...own.sessions].some((session) => session.id === id && !session.isClosing),
    owner: processInfo(),
    closed: (session) => {
      for (const one of own.sessions) if (one === session) own.sessions.delete(one);
      own.settler.release();
    },
  };
}
