/** What is believed of a directory that stands still, and what is not. */
import { describe, expect, it } from 'vitest';
import { Ownership } from '../../src/journal/ownership.ts';
import type { File, FileStat, FileSystem } from '../../src/platform/file-system.ts';
import { SimClock } from '../../src/platform/sim/sim-clock.ts';

const directory = '/store/journals/w';
const lock = `${directory}/LOCK`;
const segment = `${directory}/1.segment`;
const plain = { kind: 'file', size: 0, device: 1n, links: 1, modifiedMs: 0 } as const;

/** A directory with a segment and a lock file, whose clock ticks as the test says. */
class Place {
  readonly clock = new SimClock(0);
  changedNs = 1_700_000_000_123_456_789n;
  lockInode: bigint | null = 7n;
  /** Of the file at the path of the segment; null when there is none. */
  segmentInode: bigint | null = 5n;
  directoryInode = 3n;
  fullLooks = 0;
  readonly ownership: Ownership;

  constructor(guardPath = lock) {
    const fileSystem = {
      stat: (path: string): Promise<FileStat | null> => {
        const { changedNs } = this;
        if (path === directory) {
          return Promise.resolve({
            ...plain,
            kind: 'directory',
            inode: this.directoryInode,
            changedNs,
          });
        }
        if (path === segment) {
          return Promise.resolve(this.segmentInode === null ? null : this.#segmentStat());
        }
        if (this.lockInode === null) return Promise.resolve(null);
        return Promise.resolve({ ...plain, inode: this.lockInode, changedNs });
      },
    };
    const parts = { fileSystem: fileSystem as FileSystem, clock: this.clock };
    this.ownership = new Ownership(parts, directory, { path: guardPath, device: 1n, inode: 7n });
  }

  check(): Promise<void> {
    const file = {
      hasName: () => {
        this.fullLooks += 1;
        return Promise.resolve(this.segmentInode !== null);
      },
      stat: () => {
        this.fullLooks += 1;
        return Promise.resolve({ ...this.#segmentStat(), inode: 5n });
      },
    };
    return this.ownership.check({ file: file as unknown as File, path: segment });
  }

  #segmentStat(): FileStat {
    return { ...plain, inode: this.segmentInode ?? 0n, changedNs: this.changedNs };
  }

  /** Until the directory is believed. */
  async believed(afterMs: number): Promise<void> {
    await this.check();
    this.clock.advance(afterMs);
    await this.check();
    this.fullLooks = 0;
    await this.check();
    expect(this.fullLooks, 'the directory is believed').toBe(0);
  }
}

const gone = { code: 'ESTALE' };

describe('Ownership', () => {
  it('takes one look while the directory stands still', async () => {
    const place = new Place();
    await place.believed(101);
    for (let count = 0; count < 10; count += 1) await place.check();
    expect(place.fullLooks).toBe(0);
  });

  it('looks at both files again when a name has changed, whatever it was', async () => {
    const place = new Place();
    await place.believed(101);
    place.changedNs += 1n;
    await place.check();
    expect(place.fullLooks).toBe(1);
  });

  it.each(['segment', 'replaced segment', 'lock', 'other lock', 'directory'] as const)(
    'ends when somebody takes away: %s',
    async (what) => {
      const place = new Place();
      await place.believed(101);
      if (what === 'directory') place.directoryInode = 4n;
      else place.changedNs += 4_000_000n;
      if (what === 'replaced segment') place.segmentInode = 6n;
      else if (what === 'segment' || what === 'directory') place.segmentInode = null;
      else place.lockInode = what === 'lock' ? null : 8n;
      await expect(place.check()).rejects.toMatchObject(gone);
    },
  );

  it('does not believe a time that is as young as the tick of its clock', async () => {
    // Removed within the tick in which the segment was made: the time of the directory is the same.
    const place = new Place();
    await place.check();
    place.clock.advance(99);
    await place.check();
    place.segmentInode = null;
    await expect(place.check()).rejects.toMatchObject(gone);
  });

  it.each([1_700_000_000_000_000_000n, 0n])(
    'never believes a time of whole seconds: %d',
    async (ns) => {
      const place = new Place();
      place.changedNs = ns;
      for (let look = 0; look < 3; look += 1) {
        await place.check();
        place.clock.advance(10_000);
      }
      expect(place.fullLooks).toBe(3);
      place.lockInode = null;
      await expect(place.check()).rejects.toMatchObject(gone);
    },
  );

  it('looks at a lock file that stands elsewhere every time', async () => {
    const place = new Place('/elsewhere/LOCK');
    await place.check();
    place.clock.advance(101);
    await place.check();
    await place.check();
    place.lockInode = 8n;
    await expect(place.check()).rejects.toMatchObject(gone);
  });
});
