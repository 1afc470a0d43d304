/**
 * Restore points of a session. A snapshot is one small entry: taking it costs the same whatever the
 * length of the session, and it is durable, settled and recovered as any entry is. The list is
 * folded, so there is no index that could be lost.
 */
import { HoldfastError } from '../base/errors.ts';
import { labelledSnapshotsMax, snapshotsKept } from '../base/quantities.ts';
import { emptyDigest, nextDigest } from '../session/content-digest.ts';
import type { SnapshotContent, Trigger } from '../session/event.ts';
import { imageOf, newFold, restoreImage, snapshotState } from '../session/fold.ts';
import type { Message } from '../session/message.ts';
import type { SnapshotSummary } from '../session/state.ts';
import { requireKnown } from '../base/known-options.ts';
import type { Snapshot, SnapshotStore, TakeOptions } from './restore-api.ts';
import { named, noSnapshot } from './restore-host.ts';
import type { RestoreHost } from './restore-host.ts';
import { boundOf } from './content.ts';
import { messagesOf } from './session-view.ts';

/** The snapshots of one session. */
export class Snapshots implements SnapshotStore {
  readonly #host: RestoreHost;
  readonly #foundDamaged: readonly number[];

  /** `foundDamaged` are those that opening the session came across. */
  constructor(host: RestoreHost, foundDamaged: readonly number[]) {
    this.#host = host;
    this.#foundDamaged = foundDamaged;
  }

  async take(options: TakeOptions): Promise<SnapshotSummary> {
    requireKnown(options, ['action', 'label', 'durability'], 'take the snapshot');
    return this.takeFor(null, options);
  }

  /** The same, with the trigger that it is taken for. */
  async takeFor(trigger: Trigger | null, options: TakeOptions): Promise<SnapshotSummary> {
    const { action, label = null, durability = 'durable' } = options;
    const fold = this.#host.fold();
    if (label !== null) this.#requireLabelRoom();
    const { contentDigest, messages: messageIndex, cuts, lastSeq: at } = fold;
    const content = { action, trigger, label, at, messageIndex, contentDigest, cuts };
    const snapshot: SnapshotContent = { ...content, state: imageOf(fold) };
    const { seq, timeMs } = await this.#host.submit([{ kind: 'snapshot', snapshot }], {
      durability,
    });
    return { id: seq, timeMs, messageIndex, action, trigger, label, contentDigest, onBranch: true };
  }

  list(): readonly SnapshotSummary[] {
    const { snapshots, cuts } = this.#host.fold();
    return snapshots.list(cuts);
  }

  async damaged(): Promise<readonly number[]> {
    const damaged = new Set(this.#foundDamaged);
    // A base lists those in front of it by what it remembers, which outlives their bytes.
    for (const { id } of this.list()) {
      try {
        await contentOf(this.#host, id);
      } catch (error) {
        if (!HoldfastError.is(error, 'DAMAGED')) throw error;
        damaged.add(id);
      }
    }
    return [...damaged].sort((one, other) => one - other);
  }

  async load(id: number): Promise<Snapshot> {
    const host = this.#host;
    const { snapshot, timeMs } = await contentOf(host, id);
    const { snapshots, cuts } = host.fold();
    const listed = snapshots.list(cuts).find((one) => one.id === id);
    const { action, messageIndex, contentDigest, at } = snapshot;
    const [trigger, label] = [snapshot.trigger ?? null, snapshot.label ?? null];
    const told = { id, timeMs, messageIndex, action, trigger, label, contentDigest };
    const summary = listed ?? { ...told, onBranch: false };
    const fold = newFold();
    restoreImage(fold, snapshot.state);
    fold.lastSeq = at;
    fold.entries = at;
    fold.cuts = snapshot.cuts;
    const read: Snapshot['messages'] = (options = {}) => conversation(host, id, snapshot, options);
    return {
      ...summary,
      at,
      state: snapshotState(fold, Math.min(at, host.durableUpTo()), host.createdMs),
      messages: read,
      verify: async () => {
        // Read to its end, where the digest is compared.
        for await (const one of read()) void one;
      },
    };
  }

  async label(id: number, label: string | null): Promise<void> {
    const mark = this.#host.fold().snapshots.get(id);
    if (mark === undefined) throw noSnapshot(this.#host, id);
    if (mark.label === label) return;
    if (label !== null && mark.label === null) this.#requireLabelRoom();
    await this.#host.submit([{ kind: 'label', snapshot: id, label }], {});
  }

  async cleanup(options: { readonly keep?: number } = {}): Promise<{ removed: readonly number[] }> {
    requireKnown(options, ['keep'], 'clean up the snapshots');
    const { keep = snapshotsKept } = options;
    if (!Number.isSafeInteger(keep) || keep < 0 || keep > snapshotsKept) {
      const message = `Cannot clean up: "keep" must be a whole number from 0 to ${snapshotsKept}`;
      throw new HoldfastError('INVALID', message, { path: 'keep' });
    }
    const unlabelled = this.list().filter((one) => one.label === null);
    const removed = unlabelled.slice(0, Math.max(0, unlabelled.length - keep)).map(({ id }) => id);
    if (removed.length > 0) await this.#host.submit([{ kind: 'forget', snapshots: removed }], {});
    return { removed };
  }

  #requireLabelRoom(): void {
    if (this.#host.fold().snapshots.hasRoomForLabel) return;
    const message =
      `Cannot label a snapshot of ${named(this.#host)}: ${labelledSnapshotsMax} have a label; ` +
      'take one away first';
    throw new HoldfastError('INVALID', message, { path: 'label' });
  }
}

/** What the entry with this id keeps. NOT_FOUND, DAMAGED. */
export async function contentOf(
  host: RestoreHost,
  id: number,
): Promise<{ readonly snapshot: SnapshotContent; readonly timeMs: number }> {
  if (!Number.isSafeInteger(id) || id < 1) throw noSnapshot(host, id);
  for await (const { event, timeMs } of host.entries({ from: id, to: id })) {
    if (event.kind !== 'snapshot') break;
    const { snapshot } = event;
    if (snapshot.state.contentDigest === snapshot.contentDigest) return { snapshot, timeMs };
    throw damaged(host, id, 'its digest and its state do not belong together');
  }
  if (host.fold().snapshots.get(id) === undefined) throw noSnapshot(host, id);
  throw damaged(host, id, 'its bytes are damaged');
}

async function* conversation(
  host: RestoreHost,
  id: number,
  snapshot: SnapshotContent,
  options: NonNullable<Parameters<Snapshot['messages']>[0]>,
): AsyncGenerator<{ readonly seq: number; readonly message: Message }> {
  requireKnown(options, ['from', 'reverse', 'limit', 'signal'], 'read messages');
  const { reverse = false, limit = null } = options;
  const from = boundOf('from', options.from ?? 1);
  const isWhole = from <= 1 && !reverse && limit === null;
  let digest = emptyDigest;
  const range = { ...options, to: snapshot.at };
  for await (const one of messagesOf((part) => host.entries(part), range, snapshot.cuts)) {
    if (isWhole) digest = nextDigest(digest, one.message);
    yield one;
  }
  if (isWhole && digest !== snapshot.contentDigest) {
    throw damaged(host, id, 'the conversation in front of it has another content digest');
  }
}

function damaged(host: RestoreHost, id: number, reason: string): HoldfastError<'DAMAGED'> {
  const message =
    `Cannot load snapshot ${id} of ${named(host)}: ${reason}; ` +
    'load an older one, and run `recover verify`';
  return new HoldfastError('DAMAGED', message, {
    sessions: [{ id: host.id, lost: [] }],
    file: null,
    offset: null,
  });
}
