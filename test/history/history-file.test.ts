/**
 * The head of a history under the worst that processes and disks do one after the other: it is the
 * only thing that is written in place, so one of its two blocks has to be durable at every moment.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum, xxh64 } from '../../src/format/checksum.ts';
import { emptyVouched } from '../../src/format/head.ts';
import type { Head } from '../../src/format/head.ts';
import { HistoryFile, readHead } from '../../src/history/history-file.ts';
import { SimCrash } from '../../src/platform/sim/faults.ts';
import type { Fault, Operation } from '../../src/platform/sim/faults.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';

const directory = '/sessions/s';
const path = `${directory}/history`;
const seeds = 200;

const firstHead: Head = {
  number: 1,
  salt: 7n,
  generation: 1,
  incarnation: new Uint8Array(16).fill(1),
  attached: null,
  vouched: emptyVouched,
  baseOffset: 0,
  damage: null,
  isNameUnproven: false,
  sessionId: 's',
  title: '',
  messages: 0,
  createdMs: 1,
  updatedMs: 1,
};

beforeAll(() => initChecksum());

async function diskWithHistory(): Promise<SimDisk> {
  const disk = SimDisk.create(1);
  disk.makeDirectory(directory);
  const parts = { fileSystem: disk.fileSystem('maker'), clock: disk.clock };
  const history = await HistoryFile.create(parts, path, firstHead);
  await history.close();
  return disk;
}

/** What a process of this name does as soon as it has the session: it writes so many heads. */
async function writesHeads(disk: SimDisk, name: string, count: number): Promise<void> {
  const parts = { fileSystem: disk.fileSystem(name), clock: disk.clock };
  const { head } = await readHead(parts.fileSystem, path);
  if ('kind' in head) throw new Error('The head is lost');
  const history = await HistoryFile.open(parts, path, head, 'write');
  for (let made = 1; made <= count; made += 1) {
    await history.writeHead({ messages: head.messages + made });
  }
  await history.close();
}

/** A process that ends, as `end` says, at the first sync behind its write of this block of a head. */
async function endsAtSyncOf(
  disk: SimDisk,
  name: string,
  [block, heads]: readonly [block: 0 | 1, heads: number],
  end: () => Fault,
): Promise<void> {
  let written = 0;
  disk.beforeOperation = ({ kind, at }: Operation) => {
    if (kind === 'write' && at === block * 4096) written += 1;
    return written === heads && kind === 'sync' ? end() : undefined;
  };
  await expect(writesHeads(disk, name, heads)).rejects.toThrow();
  disk.beforeOperation = null;
  disk.killProcess(name);
}

/**
 * The power fails in the middle of the write of block 0 of the last of so many heads, in every way
 * that the seeds give.
 */
async function headsLost(disk: SimDisk, heads = 1): Promise<number[]> {
  await endsAtSyncOf(disk, 'cut', [0, heads], () => {
    throw new SimCrash('The power fails');
  });
  const lost: number[] = [];
  for (let seed = 0; seed < seeds; seed += 1) {
    const { head } = await readHead(disk.crash({ seed }).fileSystem('after'), path);
    if ('kind' in head) lost.push(seed);
  }
  return lost;
}

describe('HistoryFile', () => {
  it.each([1, 2, 3])('writeHead loses no head of %i in a row', async (heads) => {
    expect(await headsLost(await diskWithHistory(), heads)).toEqual([]);
  });

  it('writeHead loses no head when a killed process left block 1 unsynced', async () => {
    const disk = await diskWithHistory();
    await endsAtSyncOf(disk, 'killed', [1, 1], () => {
      throw new SimCrash('SIGKILL');
    });
    expect(await headsLost(disk)).toEqual([]);
  });

  it.each([0, 1] as const)(
    'writeHead loses no head when the sync of block %i failed in the process before',
    async (block) => {
      const disk = await diskWithHistory();
      await endsAtSyncOf(disk, 'failed', [block, 1], () => ({ errno: 'EIO' }));
      expect(await headsLost(disk)).toEqual([]);
    },
  );

  it('writeHead keeps a head that two processes in a row could not sync', async () => {
    const disk = await diskWithHistory();
    for (const block of [1, 0, 1] as const) {
      await endsAtSyncOf(disk, `failed ${block}`, [block, 1], () => ({ errno: 'EIO' }));
    }
    expect(await headsLost(disk)).toEqual([]);
  });

  it.each([
    ['a message', 32],
    ['a restore point', 166],
  ])('append vouches for no %s that the disk wrote otherwise, in silence', async (_what, type) => {
    const disk = await diskWithHistory();
    const parts = { fileSystem: disk.fileSystem('settles'), clock: disk.clock };
    const history = await HistoryFile.open(parts, path, firstHead, 'write');
    const payload = new Uint8Array(64).fill(9);
    const frame = { type, key: firstHead.incarnation, streamSeq: 1, journalSeq: 1, timeMs: 1 };
    const frames = [{ ...frame, payload, payloadHash: xxh64(payload) }];
    const writer = new Uint8Array(16).fill(2);
    const isFrames = ({ kind, at }: Operation): boolean => kind === 'write' && (at ?? 0) >= 8192;
    // The first byte of the payload, behind a header of 64 bytes.
    const flip = { flipBit: 64 * 8 };
    disk.beforeOperation = (operation) => (isFrames(operation) ? flip : undefined);
    await expect(history.append(frames, writer)).rejects.toMatchObject({ code: 'IO' });
    disk.beforeOperation = null;
    expect(history.head.vouched.seq).toBe(0);
    await history.append(frames, writer);
    expect(history.head.vouched.seq).toBe(1);
  });
});
