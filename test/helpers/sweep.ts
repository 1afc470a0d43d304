/**
 * One case of the sweep: a store with one harmed file is recovered, opened, read, salvaged, and goes on,
 * and every answer is compared with what is known of the store. Throws a plain Error that says what is
 * wrong; the sweep adds which case it was.
 */
import { deepStrictEqual } from 'node:assert';
import { HoldfastError } from '../../src/base/errors.ts';
import type { SeqRange } from '../../src/base/errors.ts';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { decodeHead } from '../../src/format/head.ts';
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { acceptLossWith } from '../../src/recovery/accept-loss.ts';
import type { RecoveryReport, SalvageReport } from '../../src/recovery/report.ts';
import { salvageWith } from '../../src/recovery/salvage.ts';
import type { Message } from '../../src/session/message.ts';
import { Store } from '../../src/store/store.ts';
import { collect, SimMachine, simRoot } from './sim-store.ts';
import { provenCount } from './sweep-store.ts';
import type { SweepStore } from './sweep-store.ts';

/** What became of a case, for counting. */
export type Outcome =
  | 'whole' // every message is there
  | 'in doubt' // messages of the unmarked end are missing, and said to be in doubt
  | 'beyond evidence' // messages are missing, and nothing that is left tells of them
  | 'damaged' // a session is refused, and its loss is named
  | 'refused'; // the store is refused, salvage has everything

interface Opened {
  readonly messages: ReadonlyMap<number, Message> | null;
  readonly lost: readonly SeqRange[];
}

const ids = ['a', 'b', 'c'];
const nextMessage: Message = { role: 'user', content: 'after all of that' };

/** Runs one case. `path` is the file that was harmed. Also told: whether the journal was damaged. */
export async function runCase(
  store: SweepStore,
  disk: SimDisk,
  path: string,
): Promise<{ readonly outcome: Outcome; readonly journalDamaged: boolean }> {
  const machine = new SimMachine(disk);
  const harmed = disk.clone();
  let report: RecoveryReport;
  try {
    report = await machine.recover({ mode: 'run' });
  } catch (error) {
    return { outcome: await refusedStore(store, harmed, path, error), journalDamaged: false };
  }
  const journalDamaged = report.writers.some(({ verdict }) => verdict === 'damaged');
  const after = contentOf(disk);
  const again = await machine.recover({ mode: 'run' });
  must(sameContent(after, contentOf(disk)), 'a second recovery changed something');
  agree(report, again);
  const opened = await openAll(machine);
  let outcome: Outcome = 'whole';
  let damaged = false;
  for (const id of ids) {
    const found = opened.get(id) ?? { messages: null, lost: [] };
    if (found.messages === null) {
      must(mayHarm(path, id), `session ${id} is refused, and ${path} was harmed`);
      damaged = true;
      continue;
    }
    const count = checkPrefix(store, id, found.messages);
    const sent = store.sent.get(id)?.length ?? 0;
    if (count === sent) continue;
    const proven = provenCount(store, id, (one) => harmed.readFile(one));
    must(count >= proven, `session ${id} opens with ${count}, and ${proven} were marked durable`);
    const doubt = report.sessions.find((one) => one.id === id)?.inDoubt ?? null;
    const told = doubt !== null && doubt.from === count + 1 && (doubt.to ?? sent) >= sent;
    if (!told || outcome === 'beyond evidence') outcome = 'beyond evidence';
    else outcome = 'in doubt';
  }
  if (!damaged) return { outcome, journalDamaged };
  // Before anybody recovers it, and after: the damage is the same, and so is what can be had.
  await checkSalvage(store, harmed.clone(), harmed, new Map());
  const salvaged = await checkSalvage(store, disk, harmed, opened);
  await checkAcceptance(machine, opened, salvaged);
  return { outcome: 'damaged', journalDamaged };
}

/** A bad store.json or writers file: nothing is opened, and salvage has everything. */
async function refusedStore(
  store: SweepStore,
  harmed: SimDisk,
  path: string,
  error: unknown,
): Promise<Outcome> {
  must(HoldfastError.is(error, 'DAMAGED'), `recovery failed: ${String(error)}`);
  must(/\/(store\.json|writers)$/.test(path), `the store is refused for ${path}`);
  const machine = new SimMachine(harmed);
  const before = contentOf(harmed);
  const refusal = await machine.open().then(
    () => null,
    (reason: unknown) => reason,
  );
  must(HoldfastError.is(refusal, 'DAMAGED'), 'a store that cannot be recovered was opened');
  must(sameContent(before, contentOf(harmed)), 'a refused store was changed');
  await checkSalvage(store, harmed, harmed, new Map());
  return 'refused';
}

/** Opens every session for writing, reads it, and appends where that is possible. */
async function openAll(machine: SimMachine): Promise<ReadonlyMap<string, Opened>> {
  const store = await machine.open();
  const opened = new Map<string, Opened>();
  for (const id of ids) {
    try {
      const session = await machine.run(store.openSession(id));
      const messages = new Map<number, Message>();
      for (const { seq, message } of await machine.run(collect(session.messages()))) {
        messages.set(seq, message);
      }
      const { seq } = await machine.run(session.append(nextMessage));
      must(seq === Math.max(0, ...messages.keys()) + 1, `session ${id} goes on with seq ${seq}`);
      opened.set(id, { messages, lost: [] });
    } catch (error) {
      if (!HoldfastError.is(error, 'DAMAGED')) throw error;
      const told = error.details.sessions.find((one) => one.id === id);
      must(told !== undefined, `the refusal of session ${id} does not name it`);
      opened.set(id, { messages: null, lost: told?.lost ?? [] });
    }
  }
  await machine.run(store.close());
  return opened;
}

/** Every message is the one that was sent as that seq, from the first on. */
function checkPrefix(
  store: SweepStore,
  id: string,
  messages: ReadonlyMap<number, Message>,
): number {
  const sent = store.sent.get(id) ?? [];
  let count = 0;
  for (const [seq, message] of messages) {
    count += 1;
    must(seq === count, `session ${id} has seq ${seq} in place ${count}`);
    must(sent[seq - 1] !== undefined, `session ${id} has seq ${seq}, which was never sent`);
    deepStrictEqual(message, sent[seq - 1]);
  }
  return count;
}

/** Salvage opens clean, holds what it says, and what is missing is exactly what it lists. */
async function checkSalvage(
  store: SweepStore,
  disk: SimDisk,
  harmed: SimDisk,
  opened: ReadonlyMap<string, Opened>,
): Promise<ReadonlyMap<string, ReadonlyMap<number, Message>>> {
  const machine = new SimMachine(disk);
  const before = contentOf(disk);
  const report: SalvageReport = await machine.run(
    salvageWith(machine.parts('salvage'), simRoot, { to: '/salvaged' }),
  );
  const kept = contentOf(disk);
  must(
    [...before].every(
      ([path, bytes]) => Buffer.compare(kept.get(path) ?? new Uint8Array(), bytes) === 0,
    ),
    'salvage changed the old store',
  );
  const settings = { segmentBytes: 16384, io: 'pool' } as const;
  const target = await machine.run(Store.openWith(machine.parts('reader'), '/salvaged', settings));
  must(target.recovery?.verdict === 'clean', `what was salvaged is ${target.recovery?.verdict}`);
  const result = new Map<string, ReadonlyMap<number, Message>>();
  for (const { id, lost, messages: told } of report.sessions) {
    const session = await machine.run(target.openSession(id));
    const messages = new Map<number, Message>();
    for (const { seq, message } of await machine.run(collect(session.messages()))) {
      messages.set(seq, message);
    }
    must(
      messages.size === told,
      `salvage tells ${told} messages of ${id}, there are ${messages.size}`,
    );
    checkSalvaged(store, harmed, { id, lost, messages, opened: opened.get(id) ?? null });
    result.set(id, messages);
  }
  await machine.run(target.close());
  return result;
}

function checkSalvaged(
  store: SweepStore,
  harmed: SimDisk,
  found: {
    readonly id: string;
    readonly lost: readonly SeqRange[];
    readonly messages: ReadonlyMap<number, Message>;
    readonly opened: Opened | null;
  },
): void {
  const { id, lost, messages, opened } = found;
  const sent = store.sent.get(id) ?? [];
  const proven = provenCount(store, id, (one) => harmed.readFile(one));
  for (let seq = 1; seq <= sent.length + 1; seq += 1) {
    const message = messages.get(seq);
    const isLost = lost.some((range) => isIn(range, seq));
    if (message === undefined) {
      must(isLost || seq > proven, `seq ${seq} of ${id} is missing, and salvage does not say so`);
      const told = opened?.messages === null ? opened.lost : null;
      const named = told === null || told.some((range) => isIn(range, seq));
      must(named || seq > proven, `seq ${seq} of ${id} is missing, and opening does not say so`);
    } else {
      must(!isLost, `seq ${seq} of ${id} is there, and salvage says that it is lost`);
      if (seq <= sent.length) deepStrictEqual(message, sent[seq - 1]);
      else deepStrictEqual(message, nextMessage);
    }
  }
  for (const range of lost) {
    must(range.from <= sent.length + 1, `salvage of ${id} lists seq ${range.from}, never sent`);
  }
}

/** After the loss is accepted, the session opens with what salvage has, and goes on. */
async function checkAcceptance(
  machine: SimMachine,
  opened: ReadonlyMap<string, Opened>,
  salvaged: ReadonlyMap<string, ReadonlyMap<number, Message>>,
): Promise<void> {
  const accepted: string[] = [];
  for (const [id, { messages }] of opened) {
    if (messages !== null) continue;
    try {
      await machine.run(acceptLossWith(machine.parts('accept'), simRoot, { session: id }));
      accepted.push(id);
    } catch (error) {
      // Without its head nothing can be kept in place.
      must(HoldfastError.is(error, 'DAMAGED'), `accepting the loss of ${id}: ${String(error)}`);
      const history = machine.disk.readFile(`${simRoot}/sessions/${id}/history`);
      must(isHeadless(history), `the loss of ${id} was not accepted, and its head is sound`);
    }
  }
  if (accepted.length === 0) return;
  for (const round of [0, 1]) {
    const store = await machine.open({}, `round ${round}`);
    for (const id of accepted) {
      const session = await machine.run(store.openSession(id));
      const messages = await machine.run(collect(session.messages()));
      const expected = [...(salvaged.get(id)?.values() ?? [])];
      if (round === 1) expected.push(nextMessage);
      deepStrictEqual(
        messages.map(({ message }) => message),
        expected,
      );
      if (round === 0) await machine.run(session.append(nextMessage));
    }
    if (round === 0) machine.kill(`round ${round}`);
    else await machine.run(store.close());
  }
}

/** The second report says of each session what the first one did. */
function agree(first: RecoveryReport, second: RecoveryReport): void {
  for (const one of first.sessions) {
    const other = second.sessions.find(({ id }) => id === one.id);
    const told = one.verdict === 'healed' ? 'clean' : one.verdict;
    // A rotten history below a sound head is found by whoever reads it.
    if (other?.verdict === 'clean' && told === 'damaged') continue;
    must(other?.verdict === told, `${one.id} was ${told}, and then ${other?.verdict}`);
    // Settling behind a cut puts back the zeros that pad the frame in which it was cut: when nothing
    // else of the frame is gone, its checksums hold again. A later look loses less then, never more.
    const isWithin = other?.lost.every(({ from, to }) => {
      return one.lost.some((all) => isIn(all, from) && (all.to ?? Infinity) >= (to ?? Infinity));
    });
    if (told === 'damaged') must(isWithin === true, `${one.id} lost more in the second look`);
    must(
      other?.messages === one.messages || (told === 'damaged' && other.messages > one.messages),
      `${one.id} had ${one.messages}, then ${other?.messages}`,
    );
  }
}

function mayHarm(path: string, id: string): boolean {
  return path.endsWith('.segment') || path === `${simRoot}/sessions/${id}/history`;
}

function isIn(range: SeqRange, seq: number): boolean {
  return seq >= range.from && (range.to === null || seq <= range.to);
}

function isHeadless(history: Uint8Array): boolean {
  return 'kind' in decodeHead(history.subarray(0, fileHeaderBytes));
}

function contentOf(disk: SimDisk): ReadonlyMap<string, Uint8Array> {
  const paths = disk.paths().filter((path) => !/\/(LOCK|GATE)$/.test(path));
  return new Map(paths.map((path) => [path, disk.readFile(path)]));
}

function sameContent(
  one: ReadonlyMap<string, Uint8Array>,
  other: ReadonlyMap<string, Uint8Array>,
): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([path, bytes]) => {
    const there = other.get(path);
    return there !== undefined && Buffer.compare(bytes, there) === 0;
  });
}

function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
