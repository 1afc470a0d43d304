/**
 * A laboratory for recovery: sessions with known messages on a simulated machine, writers that die, and
 * hands that change bytes. What is read afterwards is compared with what was sent.
 */
import { fileHeaderBytes, headerBlockBytes } from '../../src/base/quantities.ts';
import { HoldfastError } from '../../src/base/errors.ts';
import type { SeqRange } from '../../src/base/errors.ts';
import { endOfContent, viewOf } from '../../src/format/bytes.ts';
import { xxh64 } from '../../src/format/checksum.ts';
import { decodeCommit, frameType, isEntryType } from '../../src/format/control.ts';
import { decodeFrame, frameBytes, isFault } from '../../src/format/frame.ts';
import { decodeSegmentHeader } from '../../src/format/segment-header.ts';
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { acceptLossWith } from '../../src/recovery/accept-loss.ts';
import type { AcceptLossOptions, RecoverOptions } from '../../src/recovery/options.ts';
import type { AcceptLossReport, RecoveryReport, SalvageReport } from '../../src/recovery/report.ts';
import { salvageWith } from '../../src/recovery/salvage.ts';
import type { Message } from '../../src/session/message.ts';
import type { AppendOptions, Session, StoreOptions } from '../../src/store/api.ts';
import type { SessionWriter } from '../../src/store/session-writer.ts';
import type { Store } from '../../src/store/store.ts';
import { collect, SimMachine, simRoot } from './sim-store.ts';

/** A frame as it stands in a segment. */
export interface PlacedFrame {
  readonly path: string;
  readonly type: number;
  readonly offset: number;
  readonly end: number;
  readonly journalSeq: number;
  readonly streamSeq: number;
  /** Durable mark of a commit, else 0. */
  readonly mark: number;
}

/** What a session answers when it is opened: its messages, or why not. */
export type Reading =
  | { readonly messages: readonly Message[]; readonly error: null }
  | { readonly messages: null; readonly error: HoldfastError };

let readers = 0;

export class RecoveryLab {
  readonly machine: SimMachine;
  readonly sent: Map<string, Message[]>;

  constructor(machine: SimMachine, sent: ReadonlyMap<string, readonly Message[]> = new Map()) {
    this.machine = machine;
    this.sent = new Map([...sent].map(([id, messages]) => [id, [...messages]]));
  }

  static async start(seed = 3): Promise<RecoveryLab> {
    return new RecoveryLab(await SimMachine.start(seed));
  }

  /** The same sessions on another disk. */
  on(disk: SimDisk): RecoveryLab {
    return new RecoveryLab(new SimMachine(disk, this.machine.seeds), this.sent);
  }

  /** The same machine after a reboot: no process runs, nothing is lost. */
  rebooted(): RecoveryLab {
    return this.on(this.machine.disk.clone());
  }

  get disk(): SimDisk {
    return this.machine.disk;
  }

  /** A writer with these sessions open; those that are new are made. */
  async writer(
    process: string,
    ids: readonly string[],
    options: StoreOptions = {},
  ): Promise<LabWriter> {
    const store = await this.machine.open(options, process);
    const sessions = new Map<string, Session>();
    for (const id of ids) {
      sessions.set(id, await this.machine.run(store.openSession(id, { create: true })));
    }
    return new LabWriter(this, process, store, sessions);
  }

  /** Opens the sessions for writing, one after the other, and reads them. */
  async read(ids: readonly string[] = [...this.sent.keys()]): Promise<Map<string, Reading>> {
    readers += 1;
    const store = await this.machine.open({}, `reader ${readers}`);
    const readings = new Map<string, Reading>();
    for (const id of ids) readings.set(id, await this.#readOne(store, id));
    await this.machine.run(store.close());
    return readings;
  }

  async #readOne(store: Store, id: string): Promise<Reading> {
    try {
      const session = await this.machine.run(store.openSession(id));
      const found = await this.machine.run(collect(session.messages()));
      const isInOrder = found.every(
        ({ seq }, index) => index === 0 || seq > (found[index - 1]?.seq ?? 0),
      );
      if (!isInOrder) throw new Error(`The messages of ${id} are not in order`);
      return { messages: found.map(({ message }) => message), error: null };
    } catch (error) {
      if (!HoldfastError.is(error)) throw error;
      return { messages: null, error };
    }
  }

  /** The messages of one session; throws what opening it throws. */
  async messages(id: string): Promise<readonly Message[]> {
    const reading = (await this.read([id])).get(id);
    if (reading === undefined || reading.messages === null) throw reading?.error ?? new Error(id);
    return reading.messages;
  }

  scan(options: RecoverOptions = {}): Promise<RecoveryReport> {
    return this.machine.recover({ mode: 'scan', ...options });
  }

  recover(options: RecoverOptions = {}): Promise<RecoveryReport> {
    return this.machine.recover({ mode: 'run', ...options });
  }

  salvage(to: string, session?: string): Promise<SalvageReport> {
    const options = session === undefined ? { to } : { to, session };
    return this.machine.run(salvageWith(this.machine.parts('salvage'), simRoot, options));
  }

  acceptLoss(
    session: string,
    options: Omit<AcceptLossOptions, 'session'> = {},
  ): Promise<AcceptLossReport> {
    const parts = this.machine.parts('accept');
    return this.machine.run(acceptLossWith(parts, simRoot, { session, ...options }));
  }

  /** Segments of all journals, in order. */
  segments(): readonly string[] {
    return this.disk.paths().filter((path) => path.endsWith('.segment'));
  }

  segment(number: number): string {
    const name = `${String(number).padStart(10, '0')}.segment`;
    const path = this.segments().find((one) => one.endsWith(name));
    if (path === undefined) throw new Error(`There is no segment ${number}`);
    return path;
  }

  /** Frames that follow each other in a segment. */
  frames(path: string): readonly PlacedFrame[] {
    const bytes = this.disk.readFile(path);
    const header = decodeSegmentHeader(bytes);
    if ('kind' in header) throw new Error(`The header of ${path} is bad`);
    const frames: PlacedFrame[] = [];
    for (let offset = fileHeaderBytes; ; ) {
      const frame = decodeFrame(bytes, offset, { salt: header.salt, base: 0 });
      if (isFault(frame)) return frames;
      const end = offset + frameBytes(frame.payload.length);
      const { type, journalSeq, streamSeq } = frame;
      const mark = type === frameType.commit ? (decodeCommit(frame.payload)?.durableMark ?? 0) : 0;
      frames.push({ path, type, offset, end, journalSeq, streamSeq, mark });
      offset = end;
    }
  }

  /** Entries in a segment. */
  entries(path: string): readonly PlacedFrame[] {
    return this.frames(path).filter((frame) => isEntryType(frame.type));
  }

  /** The frame of an entry by its place among all entries of the journal, from the end if negative. */
  entry(at: number): PlacedFrame {
    const frame = this.segments()
      .flatMap((path) => this.entries(path))
      .at(at);
    if (frame === undefined) throw new Error(`There is no entry ${at}`);
    return frame;
  }

  commits(path: string): readonly PlacedFrame[] {
    return this.frames(path).filter((frame) => frame.type === frameType.commit);
  }

  /** Where the content of a segment ends. */
  segmentEnd(number: number): number {
    return endOfContent(this.disk.readFile(this.segment(number)), fileHeaderBytes);
  }

  /** No entry of this session reaches its history until `release`: there is no room for it. */
  holdHistory(id: string): void {
    this.disk.beforeOperation = ({ kind, path }) => {
      const held = kind === 'write' && path === `${simRoot}/sessions/${id}/history`;
      return held ? { errno: 'ENOSPC' } : undefined;
    };
  }

  release(): void {
    this.disk.beforeOperation = null;
  }

  /** Changes a file by hand, durably. */
  change(path: string, how: (bytes: Uint8Array) => Uint8Array | undefined): void {
    const bytes = this.disk.readFile(path);
    this.disk.writeFile(path, how(bytes) ?? bytes);
  }

  flip(path: string, offset: number): void {
    this.change(path, (bytes) => {
      bytes[offset] = (bytes[offset] ?? 0) ^ 0x10;
      return bytes;
    });
  }

  zero(path: string, from: number, to?: number): void {
    this.change(path, (bytes) => bytes.fill(0, from, to));
  }

  cut(path: string, size: number): void {
    this.change(path, (bytes) => bytes.slice(0, size));
  }

  /** A newer version wrote both blocks of this header. */
  makeNewer(path: string, major = 2): void {
    this.change(path, (bytes) => {
      for (const block of [0, 1]) {
        const part = bytes.subarray(block * headerBlockBytes, (block + 1) * headerBlockBytes);
        const view = viewOf(part);
        view.setUint16(8, major, true);
        const end = headerBlockBytes - 8;
        view.setBigUint64(end, xxh64(part.subarray(0, end), BigInt(block)), true);
      }
      return bytes;
    });
  }

  /** All files but locks, for comparing. */
  content(): ReadonlyMap<string, string> {
    const paths = this.disk.paths().filter((path) => !/\/(LOCK|GATE)$/.test(path));
    return new Map(
      paths.map((path) => [path, Buffer.from(this.disk.readFile(path)).toString('latin1')]),
    );
  }
}

/** A writing process of the laboratory. */
export class LabWriter {
  readonly lab: RecoveryLab;
  readonly process: string;
  readonly store: Store;
  readonly #sessions: Map<string, Session>;

  constructor(lab: RecoveryLab, process: string, store: Store, sessions: Map<string, Session>) {
    this.lab = lab;
    this.process = process;
    this.store = store;
    this.#sessions = sessions;
  }

  session(id: string): SessionWriter {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new Error(`Session ${id} is not open`);
    return session as SessionWriter;
  }

  /** Appends one message and waits for its answer; remembered once it is answered. */
  async append(id: string, message?: Message | number, options: AppendOptions = {}): Promise<void> {
    const known = this.lab.sent.get(id) ?? [];
    const bytes = typeof message === 'number' ? message : 40;
    const text = `${id} ${known.length + 1} `.padEnd(bytes, 'of the laboratory ');
    const full: Message = typeof message === 'object' ? message : { role: 'user', content: text };
    await this.lab.machine.run(this.session(id).append(full, options));
    this.lab.sent.set(id, [...known, full]);
  }

  async appendAll(id: string, messages: readonly Message[]): Promise<void> {
    await this.lab.machine.run(this.session(id).appendAll(messages));
    this.lab.sent.set(id, [...(this.lab.sent.get(id) ?? []), ...messages]);
  }

  /** Appends until a segment with this number is in use. */
  async fill(id: string, segment: number, bytes = 900): Promise<void> {
    while ((this.session(id).oldestSegment ?? 0) < segment) {
      const used = this.lab.segments().filter((path) => this.lab.frames(path).length > 0);
      if (used.some((path) => Number(path.slice(-18, -8)) >= segment)) return;
      await this.append(id, bytes);
    }
  }

  settle(id: string): Promise<void> {
    return this.lab.machine.run(this.session(id).settle());
  }

  /** Closes a session and opens it again. */
  async reopen(id: string): Promise<void> {
    await this.closeSession(id);
    this.#sessions.set(id, await this.lab.machine.run(this.store.openSession(id)));
  }

  closeSession(id: string): Promise<void> {
    return this.lab.machine.run(this.session(id).close());
  }

  close(): Promise<void> {
    return this.lab.machine.run(this.store.close());
  }

  kill(): void {
    this.lab.machine.kill(this.process);
  }
}

/** The ranges that a DAMAGED error names for a session. */
export function lostOf(reading: Reading | undefined, id: string): readonly SeqRange[] | null {
  const error = reading?.error;
  if (!HoldfastError.is(error, 'DAMAGED')) return null;
  return error.details.sessions.find((one) => one.id === id)?.lost ?? null;
}

/** Where the store stands. */
export const labRoot: string = simRoot;
