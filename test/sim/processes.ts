/** The processes of a simulated world: they start, hold sessions, and are killed. */
import type { Prng } from '../../src/platform/sim/prng.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import type { SimMachine } from '../helpers/sim-store.ts';
import { slowDisk } from './slow-disk.ts';

/** One process. */
export interface Process {
  readonly name: string;
  readonly store: Store;
  readonly sessions: Map<string, Session>;
  /** Ends when what the process is doing with a session has ended. */
  readonly busy: Map<string, Promise<unknown>>;
  /** A call of it failed: it may be poisoned. */
  isIll: boolean;
  /** It was killed: nobody hears what it would have answered. */
  isDead: boolean;
}

/** A process and one of its sessions that is not just being closed or deleted. */
export interface Place {
  readonly process: Process;
  readonly id: string;
  readonly session: Session;
}

/** Longest time within which the locks of a killed process fall, one by one. */
const dyingMsMax = 30;

/** All processes of one machine that live. */
export class Processes {
  /** Thrown when a process is asked for next: what nobody waited for went wrong. */
  violation: Error | null = null;
  #all: Process[] = [];
  #names = 0;
  readonly #machine: SimMachine;
  readonly #dice: () => Prng;

  constructor(machine: SimMachine, dice: () => Prng) {
    this.#machine = machine;
    this.#dice = dice;
  }

  get all(): readonly Process[] {
    this.#throwViolation();
    return this.#all;
  }

  async join(): Promise<Process> {
    this.#throwViolation();
    this.#names += 1;
    const name = `p${this.#names}`;
    const dice = this.#dice();
    const options = { syncEntriesMax: 1 + dice.below(10), checkpoints: {} };
    const parts = this.#machine.parts(name);
    const fileSystem = slowDisk(parts.fileSystem, parts.clock, this.#dice);
    const isSlow = dice.below(3) > 0;
    try {
      const store = await this.#machine.openWith(
        isSlow ? { ...parts, fileSystem } : parts,
        options,
      );
      const process: Process = {
        name,
        store,
        sessions: new Map(),
        busy: new Map(),
        isIll: false,
        isDead: false,
      };
      this.#all.push(process);
      return process;
    } catch (error) {
      this.#machine.kill(name);
      throw error;
    }
  }

  /** Any process. */
  some(): Process {
    this.#throwViolation();
    const process = this.#all[this.#dice().below(Math.max(1, this.#all.length))];
    if (process === undefined) throw new Error('There is always a process');
    return process;
  }

  /** A process of which no call failed; a new one if need be. */
  async healthy(): Promise<Process> {
    return this.#all.find((one) => !one.isIll) ?? (await this.join());
  }

  somewhere(): Place | null {
    const places: Place[] = [];
    for (const process of this.all) {
      for (const [id, session] of process.sessions) {
        if (!process.busy.has(id)) places.push({ process, id, session });
      }
    }
    return places[this.#dice().below(Math.max(1, places.length))] ?? null;
  }

  isOpen(id: string): boolean {
    return this.#all.some((one) => one.sessions.has(id));
  }

  /** SIGKILL. Its locks fall at once, or one by one in any order. Somebody lives afterwards. */
  async kill(process: Process): Promise<void> {
    const { disk } = this.#machine;
    const dice = this.#dice();
    disk.stopProcess(process.name);
    process.isDead = true;
    this.#all = this.#all.filter((one) => one !== process);
    if (dice.below(2) === 0) {
      disk.releaseLocks(process.name);
    } else {
      for (const path of disk.paths().filter((one) => /\/(LOCK|GATE)$/.test(one))) {
        const ms = dice.below(dyingMsMax);
        disk.clock.after(ms, () => disk.releaseLocks(process.name, path));
      }
      disk.clock.after(dyingMsMax, () => disk.releaseLocks(process.name));
    }
    if (this.#all.length === 0) await this.join();
  }

  #throwViolation(): void {
    if (this.violation !== null) throw this.violation;
  }
}
