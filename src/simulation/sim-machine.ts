/**
 * A computer that exists in memory, on which stores and logs run unchanged: its disk forgets what
 * was not synced when the power is cut, its processes can be killed between any two operations, and
 * its clock is moved by whoever waits. Nothing of it touches the real disk, clock or chance, and
 * the same seed with the same calls gives the same bytes.
 */
import { HoldfastError } from '../base/errors.ts';
import { requireKnown } from '../base/known-options.ts';
import { segmentBytesMin } from '../base/quantities.ts';
import { shown } from '../base/shown.ts';
import { initChecksum } from '../format/checksum.ts';
import { openWal } from '../log/open-wal.ts';
import type { Wal } from '../log/wal-log.ts';
import type { WalOptions } from '../log/wal-options.ts';
import type { CrashOptions } from '../platform/sim/crash.ts';
import type { BeforeOperation } from '../platform/sim/faults.ts';
import { simRandom } from '../platform/sim/prng.ts';
import { SimDisk } from '../platform/sim/sim-disk.ts';
import { acceptLossWith } from '../recovery/accept-loss.ts';
import type { AcceptLossOptions, RecoverOptions, SalvageOptions } from '../recovery/options.ts';
import type { Parts } from '../recovery/parts.ts';
import { recoverWith } from '../recovery/recover.ts';
import type { AcceptLossReport, RecoveryReport, SalvageReport } from '../recovery/report.ts';
import { salvageWith } from '../recovery/salvage.ts';
import type { StoreOptions } from '../store/api.ts';
import { Store } from '../store/store.ts';
import { requireCrashOptions } from './crash-options.ts';
import { FaultPlan } from './planned-faults.ts';
import type { PlannedFault } from './planned-faults.ts';
import { Time } from './time.ts';

/** Settings of a machine. */
export interface SimMachineOptions {
  /** Decides ids, salts, and what power cuts leave: an integer of any size. Default 1. */
  readonly seed?: number;
  /** Room of the disk in bytes, counted in pages of 4 KiB. Default 2^40. */
  readonly diskBytesMax?: number;
  /**
   * What a sync that is made to fail does to the bytes: they stay in the cache, marked as if they
   * were on the disk, as ext4 and xfs have it (`clean`, the default), or they are gone, as btrfs
   * has it (`revert`).
   */
  readonly failedSync?: 'clean' | 'revert';
}

/** Which process of the machine does it. Processes are told apart by name; default `main`. */
export interface InProcess {
  readonly process?: string;
}

/** What a machine and those that come out of it draw from, each number once. */
interface Chance {
  readonly seed: number;
  processes: number;
}

/**
 * One machine. Paths on it are absolute and begin with `/`. Methods that give a promise let time
 * pass while they run; whatever else waits for time (`store.close()`, `session.append()`) is to be
 * called inside of `run`.
 */
export class SimMachine {
  readonly seed: number;
  readonly #disk: SimDisk;
  readonly #time: Time;
  readonly #chance: Chance;
  readonly #faults = new FaultPlan();
  /** Names of processes that ran on it, living or not. */
  readonly #processes = new Set<string>();

  /** `create` makes a machine; this is for what it and power cuts hand over. */
  constructor(disk: SimDisk, chance: Chance) {
    this.seed = chance.seed;
    this.#disk = disk;
    this.#chance = chance;
    this.#time = new Time(disk);
    disk.beforeOperation = (operation) => this.#faults.next(operation);
  }

  /** A machine with an empty disk. INVALID for a setting that is out of its bounds. */
  static async create(options: SimMachineOptions = {}): Promise<SimMachine> {
    requireKnown(options, ['seed', 'diskBytesMax', 'failedSync'], 'make the machine');
    const { seed = 1, diskBytesMax, failedSync = 'clean' } = options;
    if (!['clean', 'revert'].includes(failedSync)) {
      throw invalid('failedSync', 'must be clean or revert');
    }
    if (!Number.isSafeInteger(seed)) throw invalid('seed', 'must be an integer');
    await initChecksum();
    const disk = SimDisk.create(seed);
    disk.syncFailure = failedSync;
    const machine = new SimMachine(disk, { seed, processes: 0 });
    if (diskBytesMax !== undefined) machine.limitDisk(diskBytesMax);
    return machine;
  }

  /**
   * Waits for the work while time passes on this machine, as much as it needs. The work may wait
   * only for what this machine does. Rejects as the work does; INVALID when it has not ended after
   * a simulated quarter of an hour, and for what `onOperation` may not answer; SimCrash when the
   * power is gone and it does not notice.
   */
  async run<T>(work: () => T | PromiseLike<T>): Promise<T> {
    if (typeof work !== 'function') {
      throw invalid(
        'work',
        `must be a function, as in run(() => store.close()), not ${shown(work)}`,
      );
    }
    try {
      return await this.#time.run(work);
    } finally {
      this.#faults.requireSound();
    }
  }

  /**
   * The same for work that is to be cut off (see `cutPowerAfter`): false when the power went before
   * it was done, whatever the work made of that. Rejects as the work does when the power is on.
   */
  async runUntilOff(work: () => unknown): Promise<boolean> {
    try {
      await this.run(work);
    } catch (error) {
      if (!this.isOff) throw error;
    }
    return !this.isOff;
  }

  /** Lets time pass, in ms: for what happens in the background. */
  pass(ms: number): Promise<void> {
    if (!(ms >= 0 && ms < Infinity)) {
      return Promise.reject(invalid('ms', `must be a number from 0, not ${shown(ms)}`));
    }
    return this.run(() => this.#disk.clock.sleep(ms));
  }

  /** The wall clock: ms since 1970. A new machine starts with 2026. */
  get nowMs(): number {
    return this.#disk.clock.nowMs();
  }

  /** Moves the wall clock alone, in ms, back or forth, as a time server does. */
  jumpClock(ms: number): void {
    if (!Number.isFinite(ms)) throw invalid('ms', `must be a number, not ${shown(ms)}`);
    this.#disk.clock.jumpWall(ms);
  }

  /**
   * `Store.open` on this machine, with its options and errors. `io` is always `pool`, as there are
   * no threads; segments have 16 KiB unless `segmentBytes` says otherwise: they rotate soon.
   */
  async openStore(directory: string, options: StoreOptions & InProcess = {}): Promise<Store> {
    requireAbsolute(directory, 'directory');
    const { process: name, ...told } = processOf(options, 'open the store');
    const settings = { segmentBytes: segmentBytesMin, ...told, io: 'pool' } as const;
    return this.run(() => Store.openWith(this.#parts(name), directory, settings));
  }

  /** `Wal.open` on this machine, in the same way. */
  async openWal(directory: string, options: WalOptions & InProcess = {}): Promise<Wal> {
    requireAbsolute(directory, 'directory');
    const { process: name, ...told } = processOf(options, 'open the log');
    const settings = { segmentBytes: segmentBytesMin, ...told, io: 'pool' } as const;
    return this.run(() => openWal(this.#parts(name), directory, settings));
  }

  /** `recover` of `holdfast` on this machine. */
  async recover(directory: string, options: RecoverOptions = {}): Promise<RecoveryReport> {
    requireAbsolute(directory, 'directory');
    return this.run(() => recoverWith(this.#parts('recover'), directory, options));
  }

  /** `salvage` of `holdfast` on this machine. */
  async salvage(directory: string, options: SalvageOptions): Promise<SalvageReport> {
    requireAbsolute(directory, 'directory');
    // A caller in JavaScript may leave them out, which is told further down.
    const given = options as SalvageOptions | undefined;
    if (typeof given?.to === 'string') requireAbsolute(given.to, 'to');
    return this.run(() => salvageWith(this.#parts('salvage'), directory, options));
  }

  /** `acceptLoss` of `holdfast` on this machine. */
  async acceptLoss(directory: string, options: AcceptLossOptions): Promise<AcceptLossReport> {
    requireAbsolute(directory, 'directory');
    return this.run(() => acceptLossWith(this.#parts('accept-loss'), directory, options));
  }

  /**
   * Ends a process as SIGKILL does: at once, with all its locks; what it wrote stays, synced or
   * not. Its handles then fail with SimCrash, and the next use of its name is a new process.
   * INVALID for a name that no process has had.
   */
  kill(name = 'main'): void {
    if (!this.#processes.has(name)) {
      const names = [...this.#processes].map((one) => JSON.stringify(one)).join(', ');
      throw invalid('name', `must be one of the processes: ${names === '' ? 'none' : names}`);
    }
    this.#disk.killProcess(name);
  }

  /**
   * Turns the power off, and gives the machine as it is when it is on again: what was synced is
   * there; of the rest, each sector of 512 bytes and each name is kept, dropped, zeroed or garbage,
   * as `options` or chance decide. Whatever still runs on this machine fails with SimCrash.
   * INVALID, with the power still on, for an option that is not known or out of its bounds.
   */
  cutPower(options: CrashOptions = {}): SimMachine {
    requireCrashOptions(options);
    this.cutPowerAfter(0);
    return this.afterPowerCut(options);
  }

  /** One machine that a power cut might leave now; this one goes on, and others can be drawn. */
  afterPowerCut(options: CrashOptions = {}): SimMachine {
    requireCrashOptions(options);
    return new SimMachine(this.#disk.crash(options), this.#chance);
  }

  /** The machine after a reboot: no process runs, no fault is planned, no byte is lost. */
  rebooted(): SimMachine {
    return new SimMachine(this.#disk.clone(), this.#chance);
  }

  /** Lets the power go after that many more changes of the disk; see `changes`. 0 is at once. */
  cutPowerAfter(changes: number): void {
    if (!Number.isSafeInteger(changes) || changes < 0) {
      throw invalid('changes', 'must be a whole number from 0');
    }
    this.#disk.crashAfter(changes);
  }

  /** True once the power is gone. */
  get isOff(): boolean {
    return this.#disk.isOff;
  }

  /**
   * Changes of the disk so far, of all processes: writes, syncs, new names, removals. Between two
   * of them it makes no difference when the power goes, so these are the points worth trying.
   */
  get changes(): number {
    return this.#disk.changes;
  }

  /** Plans a fault. INVALID when there is no such operation, or a number is out of its bounds. */
  fail(fault: PlannedFault): void {
    this.#faults.add(fault);
  }

  /**
   * Asked before every operation, it may fail it with an error (`{ errno: 'EIO' }`), let a write
   * take only its first bytes (`{ shortWrite: 60 }`), or harm one of its bits (`{ flipBit: 0 }`);
   * null takes it away. For what `fail` cannot say.
   */
  onOperation(hook: BeforeOperation | null): void {
    this.#faults.hookBy(hook);
  }

  /** Forgets all faults that were planned. */
  clearFaults(): void {
    this.#faults.clear();
  }

  /** Room for all files together, in bytes, counted in pages of 4 KiB. */
  limitDisk(bytes: number): void {
    if (!(bytes >= 0)) throw invalid('bytes', 'must be a number from 0');
    this.#disk.limitBytes(bytes);
  }

  /**
   * What a power cut may keep or drop each on its own now, by the names that `keepPart` gets:
   * `name N`, the change N of names, from 0; `size I`, the size of file I; `sector I N`, its bytes
   * from 512 N on. I is a number of the file. Of contents, only those of files whose path contains
   * this text.
   */
  unsyncedParts(path = ''): readonly string[] {
    return this.#disk.unsyncedParts((file) => file.includes(path));
  }

  /** Paths of all files, sorted. */
  files(): readonly string[] {
    return this.#disk.paths();
  }

  /** A copy of a file as processes see it, synced or not. Throws ENOENT when it is not there. */
  readFile(path: string): Uint8Array {
    requireAbsolute(path, 'path');
    return this.#disk.readFile(path);
  }

  /** Puts a file there, durably, with missing directories, as rot or a hand would. */
  writeFile(path: string, bytes: Uint8Array): void {
    requireAbsolute(path, 'path');
    if (!(bytes instanceof Uint8Array)) {
      const text = 'new TextEncoder().encode(text)';
      throw invalid('bytes', `must be a Uint8Array, such as ${text}, not ${shown(bytes)}`);
    }
    this.#disk.writeFile(path, bytes);
  }

  /** Takes a file away, or a directory with all below it, durably. */
  remove(path: string): void {
    requireAbsolute(path, 'path');
    this.#disk.removePath(path);
  }

  /** Turns the lowest bit of the byte at `offset`, durably. INVALID when the file ends before. */
  flipBit(path: string, offset: number): void {
    const bytes = this.readFile(path);
    const byte = bytes[offset];
    if (byte === undefined) throw invalid('offset', `must lie in the ${bytes.length} bytes of it`);
    bytes[offset] = byte ^ 1;
    this.writeFile(path, bytes);
  }

  /** Every opening draws its own ids and salts. */
  #parts(name = 'main'): Parts {
    this.#processes.add(name);
    this.#chance.processes += 1;
    return {
      fileSystem: this.#disk.fileSystem(name),
      locks: this.#disk.locks(name),
      clock: this.#disk.clock,
      ended: this.#disk.endOf(name),
      random: simRandom(this.#chance.seed * 1_000_003 + this.#chance.processes),
    };
  }
}

/** The disk has no current directory, and that of the real machine is none of its business. */
function requireAbsolute(path: unknown, name: string): void {
  if (typeof path === 'string' && path.startsWith('/') && !path.includes('\0')) return;
  throw invalid(name, `must be an absolute path, such as "/agent", not ${shown(path)}`);
}

/** INVALID for what are no options, before anything is taken out of them. */
function processOf<T extends InProcess>(options: T, action: string): T {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const message = `Cannot ${action}: options are an object, or left out, not ${shown(options)}`;
    throw new HoldfastError('INVALID', message, { path: 'options' });
  }
  const name: unknown = options.process;
  if (name === undefined || typeof name === 'string') return options;
  throw invalid('process', `must be the name of a process, not ${shown(name)}`);
}

function invalid(path: string, why: string): HoldfastError<'INVALID'> {
  return new HoldfastError('INVALID', `Cannot simulate this: "${path}" ${why}`, { path });
}
