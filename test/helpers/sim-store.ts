/**
 * A store on a simulated machine, for tests that need no disk and no waiting: time passes only while a
 * test waits for something, and the same seed gives the same run.
 */
import { initChecksum } from '../../src/format/checksum.ts';
import { Prng, simRandom } from '../../src/platform/sim/prng.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import type { Parts } from '../../src/recovery/parts.ts';
import { recoverWith } from '../../src/recovery/recover.ts';
import type { RecoverOptions } from '../../src/recovery/options.ts';
import type { RecoveryReport } from '../../src/recovery/report.ts';
import type { StoreOptions } from '../../src/store/api.ts';
import { Store } from '../../src/store/store.ts';

/** Where the store of a simulated machine stands. */
export const simRoot = '/store';

/** Rounds of 10 ms after which something that is waited for has hung: a simulated quarter hour. */
const roundsMax = 90_000;

/** From where a machine takes the chance of its processes: each of them gets the next seed. */
export interface Seeds {
  last: number;
}

const sharedSeeds: Seeds = { last: 0 };

/** One machine. A crash gives another one with the disk that is left. */
export class SimMachine {
  readonly disk: SimDisk;
  readonly seeds: Seeds | Prng;

  /** Ids and salts come from `seeds`; without it, from a count that all machines share. */
  constructor(disk: SimDisk, seeds: Seeds | Prng = sharedSeeds) {
    this.disk = disk;
    this.seeds = seeds;
  }

  /** With seeds of its own, a machine does the same whatever was run before it. */
  static async start(seed = 1, seeds: Seeds = sharedSeeds): Promise<SimMachine> {
    await initChecksum();
    return new SimMachine(SimDisk.create(seed), seeds);
  }

  #draw(): number {
    if (this.seeds instanceof Prng) return this.seeds.uint32();
    this.seeds.last += 1;
    return this.seeds.last;
  }

  /** What a process of this name works with. */
  parts(processName = 'main'): Parts {
    return {
      fileSystem: this.disk.fileSystem(processName),
      locks: this.disk.locks(processName),
      clock: this.disk.clock,
      random: simRandom(this.#draw()),
    };
  }

  /**
   * A store as a process of this name has it. Small segments, and `pool`: there are no threads here.
   * Restore points do not take themselves, so that sequences are those that a test appends.
   */
  open(options: StoreOptions = {}, processName = 'main'): Promise<Store> {
    return this.openWith(this.parts(processName), options);
  }

  /** The same on parts that a test has changed. */
  openWith(parts: Parts, options: StoreOptions = {}): Promise<Store> {
    const settings = { segmentBytes: 16384, checkpoints: false, ...options, io: 'pool' } as const;
    return this.run(Store.openWith(parts, simRoot, settings));
  }

  recover(options: RecoverOptions = {}): Promise<RecoveryReport> {
    return this.run(recoverWith(this.parts('recover'), simRoot, options));
  }

  /** Lets time pass until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const end = (): void => {
      done = true;
    };
    work.then(end, end);
    for (let round = 0; !done; round += 1) {
      if (round > roundsMax) throw new Error('The work never ends on the simulated machine');
      await this.disk.clock.advanceThrough(round === 0 ? 0 : 10);
    }
    return work;
  }

  /** Lets time pass for things in the background. */
  pass(ms: number): Promise<void> {
    return this.disk.clock.advanceThrough(ms);
  }

  /** SIGKILL of one process, all its locks at once. */
  kill(processName = 'main'): void {
    this.disk.killProcess(processName);
  }

  /** Power loss: what nobody synced may be gone. */
  crash(seed: number): SimMachine {
    const { seeds } = this;
    const after = seeds instanceof Prng ? Prng.fromSeed(~seed) : seeds;
    return new SimMachine(this.disk.crash({ seed }), after);
  }
}

/** Everything that an async iterable gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Paths of the segments on the disk of a machine, in order. */
export function segmentsOf(machine: SimMachine): string[] {
  return machine.disk.paths().filter((path) => path.endsWith('.segment'));
}
