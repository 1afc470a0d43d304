/** What recovery and stores work with: the machine's parts, or simulated ones. */
import { initChecksum } from '../format/checksum.ts';
import type { Clock, Random } from '../platform/clock.ts';
import type { FileSystem } from '../platform/file-system.ts';
import type { Locks } from '../platform/locks.ts';
import { nodeClock, nodeRandom } from '../platform/node-clock.ts';
import { nodeFileSystem } from '../platform/node-file-system.ts';
import { nodeLocks } from '../platform/node-locks.ts';
import { readAheadInThreads } from './reading-threads.ts';
import type { ReadAhead } from './reading-threads.ts';

/** Files, locks, time and chance. */
export interface Parts {
  readonly fileSystem: FileSystem;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly random: Random;
  /**
   * Why nothing of this works any more, or null while it does: a simulated machine is off, or its
   * process was killed. Nobody can ask that of a real one, and there it is left out.
   */
  readonly ended?: () => Error | null;
  /** How many sessions are read at the same time; left out, they are read one by one. */
  readonly readAhead?: ReadAhead;
}

/** One for the whole thread: it stands for the machine where stores are told apart. */
const locks = nodeLocks();

/** The real machine. Also makes the checksums ready. */
export async function nodeParts(): Promise<Parts> {
  await initChecksum();
  return {
    fileSystem: nodeFileSystem('pool'),
    locks,
    clock: nodeClock(),
    random: nodeRandom(),
    readAhead: readAheadInThreads(),
  };
}
