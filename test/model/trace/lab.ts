/**
 * A store on a simulated machine whose processes are recorded, and which can kill them, let their
 * locks fall one by one, and lose power.
 */
import { simRoot, SimMachine } from '../../helpers/sim-store.ts';
import { headerBlockBytes } from '../../../src/base/quantities.ts';
import { headNumbers } from '../../../src/format/head.ts';
import { recoverWith } from '../../../src/recovery/recover.ts';
import type { Session } from '../../../src/store/api.ts';
import { Store } from '../../../src/store/store.ts';
import { Recorder } from './recorder.ts';
import type { Step } from './recorder.ts';

/** The one session that is followed. */
export const sessionId = 's';

/** Waiting for locks is bounded, in simulated ms. */
const lockWaitMs = 200;

/** Several processes over one store, and the record of what they do. */
export class TraceLab {
  readonly recorder = new Recorder(simRoot, sessionId);
  #machine: SimMachine;
  readonly #running = new Set<string>();
  #isDriven = false;

  constructor(machine: SimMachine) {
    this.#machine = machine;
  }

  /** An empty store, made before recording begins. */
  static async start(): Promise<TraceLab> {
    const machine = await SimMachine.start();
    await machine.run((await machine.open()).close());
    return new TraceLab(machine);
  }

  /** The name of the session on the disk. */
  get isNamed(): boolean {
    return this.#machine.disk.paths('directory').includes(`${simRoot}/sessions/${sessionId}`);
  }

  async open(process: string): Promise<Store> {
    this.#running.add(process);
    const parts = this.recorder.watch(this.#machine.parts(process), process);
    const settings = { segmentBytes: 16384, checkpoints: false, lockWaitMs, io: 'pool' } as const;
    return this.run(Store.openWith(parts, simRoot, settings));
  }

  /** A process that only recovers. */
  async recover(process: string): Promise<void> {
    const parts = this.recorder.watch(this.#machine.parts(process), process);
    await this.run(recoverWith(parts, simRoot, { mode: 'run', lockWaitMs }));
    this.recorder.forget(process);
  }

  async create(process: string, store: Store): Promise<Session> {
    const session = await this.run(store.createSession({ id: sessionId }));
    this.recorder.sees(process, 0);
    return session;
  }

  async openSession(process: string, store: Store): Promise<Session> {
    const session = await this.run(store.openSession(sessionId));
    this.recorder.sees(process, session.durableUpTo);
    return session;
  }

  async append(process: string, session: Session, text = 'x'): Promise<void> {
    await this.run(session.append({ role: 'user', content: text }));
    this.recorder.told('acknowledged', process);
  }

  async remove(process: string, store: Store): Promise<void> {
    await this.run(store.deleteSession(sessionId));
    this.recorder.told('deletionTold', process);
  }

  /** Ends a store in the clean way; the process may start another one. */
  async close(process: string, store: Store): Promise<void> {
    await this.run(store.close());
    this.#running.delete(process);
  }

  /** Paths of the locks that a process holds, alive or dead. */
  locksOf(process: string): readonly string[] {
    return this.recorder.locksOf(process);
  }

  /** SIGKILL: its locks have not fallen yet. */
  kill(process: string): void {
    this.#machine.disk.stopProcess(process);
    this.#running.delete(process);
    this.recorder.killed(process);
  }

  /** One lock of a killed process falls. */
  fall(process: string, path: string): void {
    this.#machine.disk.releaseLocks(process, path);
    this.recorder.fell(process, path);
  }

  /** A process of this name that starts later is a new one. */
  forget(process: string): void {
    this.#machine.disk.releaseLocks(process);
    this.recorder.forget(process);
  }

  losePower(seed: number): void {
    for (const process of this.#running) this.#machine.disk.stopProcess(process);
    this.#running.clear();
    this.#machine = this.#machine.crash(seed);
    this.recorder.powerLost(this.#head());
  }

  /** Block 0 may have been torn by the crash; then block 1 tells. */
  #head(): Uint8Array | null {
    if (!this.isNamed) return null;
    const bytes = this.#machine.disk.readFile(`${simRoot}/sessions/${sessionId}/history`);
    const isTorn = headNumbers(bytes)[0] === null;
    return isTorn ? bytes.subarray(headerBlockBytes) : bytes;
  }

  /** Lets simulated time pass until the work is done. */
  run<T>(work: Promise<T>): Promise<T> {
    return this.#isDriven ? work : this.#machine.run(work);
  }

  /** Several processes at once: what they run by themselves does not move the clock. */
  async together<T>(start: () => Promise<T>): Promise<T> {
    this.#isDriven = true;
    try {
      return await this.#machine.run(start());
    } finally {
      this.#isDriven = false;
    }
  }

  /** Simulated time in which a process does nothing. */
  pause(ms: number): Promise<void> {
    return this.run(this.#machine.disk.clock.sleep(ms));
  }

  /** Something that happens later by the simulated clock. */
  later(ms: number, call: () => void): void {
    this.#machine.disk.clock.after(ms, call);
  }

  /** The record so far. */
  get steps(): readonly Step[] {
    return this.recorder.end();
  }
}
