/** Bare logs on a simulated disk, and what a test may expect of them. */
import { openWal } from '../../src/log/open-wal.ts';
import type { Wal } from '../../src/log/wal-log.ts';
import type { WalOptions } from '../../src/log/wal-options.ts';
import { simRandom } from '../../src/platform/sim/prng.ts';
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import type { Parts } from '../../src/recovery/parts.ts';

export const logDirectory = '/log';

/** The machine as one process sees it. Its name seeds what it draws at random. */
export function partsOf(disk: SimDisk, name = 'main'): Parts {
  const letters = Buffer.from(name);
  const seed = letters.reduce((sum, letter) => sum * 31 + letter, disk.operations);
  return {
    fileSystem: disk.fileSystem(name),
    locks: disk.locks(name),
    clock: disk.clock,
    random: simRandom(seed),
  };
}

/** Opens the log on a simulated disk with the smallest segments. */
export async function openLog(disk: SimDisk, told: WalOptions = {}, name = 'main'): Promise<Wal> {
  const options = { io: 'pool', segmentBytes: 16_384, lockWaitMs: 0, ...told } as const;
  return openWal(partsOf(disk, name), logDirectory, options);
}

/** The payload that every entry with this seq has: different in size and content. */
export function payloadOf(seq: number, bytes: number = (seq * 37) % 200): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, at) => (seq * 7 + at * 13) & 0xff);
}

/** All entries that can be read, as sequences; fails when one is not what was appended. */
export async function readAll(
  wal: Wal,
  expected: (seq: number) => Uint8Array = payloadOf,
): Promise<number[]> {
  const seqs: number[] = [];
  for await (const { seq, bytes } of wal.read()) {
    if (Buffer.compare(bytes, expected(seq)) !== 0) throw new Error(`entry ${seq} has changed`);
    seqs.push(seq);
  }
  return seqs;
}

/** 1 to the given number. */
export function upTo(last: number, first = 1): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
