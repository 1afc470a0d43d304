/**
 * Two harms to one journal: a bit of an early segment, and a whole segment behind it. The first must
 * not hide the second: what the second one held was acknowledged.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { frameType } from '../../src/format/control.ts';
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { SimMachine } from '../helpers/sim-store.ts';
import { sweepStore } from '../helpers/sweep-store.ts';
import type { KnownFrame, SweepStore } from '../helpers/sweep-store.ts';

let store: SweepStore;
beforeAll(async () => {
  store = await sweepStore();
});

/** Harms of the second segment. */
const harms: Readonly<Record<string, (disk: SimDisk, path: string) => void>> = {
  'is gone': (disk, path) => disk.removePath(path),
  'has lost its header': (disk, path) => {
    disk.writeFile(path, disk.readFile(path).fill(0, 0, 8192));
  },
  'was cut short': (disk, path) => disk.writeFile(path, disk.readFile(path).slice(0, 8300)),
};

/** One bit of the frame's header, or of its payload. */
function flip(disk: SimDisk, { path, offset }: KnownFrame, at: number): void {
  const bytes = disk.readFile(path);
  bytes[offset + at] = (bytes[offset + at] ?? 0) ^ 4;
  disk.writeFile(path, bytes);
}

describe.each(Object.keys(harms))('R8 a journal whose second segment %s', (harm) => {
  it.each([9, 66])('is damaged whatever frame of the first is, at its byte %i', async (at) => {
    const [first = '', second = ''] = store.segments;
    // The seal alone says that there was a second one; without it nothing does.
    const frames = store.frames.filter(({ path, type }) => {
      return path === first && type !== frameType.seal;
    });
    expect(frames.length).toBeGreaterThan(8);
    for (const frame of frames) {
      const disk = store.disk.clone();
      flip(disk, frame, at);
      harms[harm]?.(disk, second);
      const report = await new SimMachine(disk).recover({ mode: 'run' });
      const lost = store.frames.filter(({ path, session, streamSeq }) => {
        return path === second && streamSeq > (store.vouched.get(session ?? '')?.seq ?? streamSeq);
      });
      expect(lost.length).toBeGreaterThan(4);
      for (const { session, streamSeq } of lost) {
        const told = report.sessions.find(({ id }) => id === session);
        const where = `${session} ${streamSeq}, with the frame at ${frame.offset}`;
        expect(told?.verdict, where).toBe('damaged');
        const isNamed = told?.lost.some(({ from, to }) => {
          return from <= streamSeq && (to === null || to >= streamSeq);
        });
        expect(isNamed, where).toBe(true);
      }
    }
  });
});
