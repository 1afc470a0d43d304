/** What a journal writer counts and measures, and that it measures only when it is asked to. */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { noMeasures } from '../../src/journal/journal-protocol.ts';
import type { JournalEvent, Measures } from '../../src/journal/journal-protocol.ts';
import { localPort } from '../../src/journal/journal-ports.ts';
import type { JournalObserver } from '../../src/journal/journal-watch.ts';
import { Journal } from '../../src/journal/journal.ts';
import { simRandom } from '../../src/platform/sim/prng.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { directory, entry, journalSettings, journalStart } from '../helpers/journal-lab.ts';
import { streamKey, text } from '../helpers/segment-image.ts';

/** A journal whose events are kept, with an observer that may want measures. */
async function watched(observer: Partial<JournalObserver> | null) {
  const disk = SimDisk.create(1);
  disk.makeDirectory(directory);
  let clockReads = 0;
  const clock = {
    nowMs: () => disk.clock.nowMs(),
    monotonicMs: () => {
      clockReads += 1;
      return disk.clock.monotonicMs();
    },
    after: (delayMs: number, call: () => void) => disk.clock.after(delayMs, call),
    sleep: (delayMs: number) => disk.clock.sleep(delayMs),
    idle: (delayMs: number) => disk.clock.idle(delayMs),
  };
  const parts = { fileSystem: disk.fileSystem(), clock, random: simRandom(1) };
  const settings = journalSettings();
  const port = await localPort(parts, settings, journalStart);
  const events: JournalEvent[] = [];
  const listening = {
    ...port,
    onEvent: (listener: (event: JournalEvent) => void) =>
      port.onEvent((event) => {
        events.push(event);
        listener(event);
      }),
  };
  const whole = observer === null ? null : { ...silent, ...observer };
  const about = { observer: whole, segmentBytes: settings.segmentBytes };
  const journal = new Journal(listening, about);
  const opening = { key: streamKey, lastSeq: 0, chain: 0n, introduction: text('session') };
  const stream = journal.openStream(opening, { durable: () => undefined });
  const append = (...sizes: readonly number[]) => {
    const frames = sizes.map((size) => entry('x'.repeat(size)));
    return journal.submit(stream, frames, 'durable').answered;
  };
  return { disk, journal, events, append, reads: () => clockReads };
}

beforeAll(() => initChecksum());

const silent: JournalObserver = {
  isMeasuring: false,
  measured: () => undefined,
  retired: () => undefined,
  retireFailed: () => undefined,
  poisoned: () => undefined,
};

const measuresOf = (event: JournalEvent): Measures | null =>
  'measures' in event ? event.measures : null;

describe('Tally', () => {
  it('makes no measure and reads no clock for it while nobody wants one', async () => {
    const unwatched = await watched(null);
    const idle = await watched({ measured: () => expect.unreachable('nobody asked') });
    const busy = await watched({ isMeasuring: true });
    for (const { journal, append } of [unwatched, idle, busy]) {
      for (let index = 0; index < 10; index += 1) await append(100);
      await journal.close();
    }
    for (const { events } of [unwatched, idle]) {
      expect(events.length).toBeGreaterThan(10);
      // The very same object each time: none was made.
      for (const event of events) expect(measuresOf(event) ?? noMeasures).toBe(noMeasures);
    }
    expect(idle.reads()).toBe(unwatched.reads());
    // A begin and an end of each of ten writes, and of twelve syncs with the two of the close.
    expect(busy.reads() - idle.reads()).toBe(2 * (10 + 12));
  });

  it('tells every commit and sync once, with the answers that are sent anyway', async () => {
    const told: Measures[] = [];
    const watching = { isMeasuring: true, measured: (one: Measures) => told.push(one) };
    const [silence, measured] = [await watched(null), await watched(watching)];
    for (const { journal, append } of [silence, measured]) {
      await Promise.all([append(10), append(20, 30)]);
      await append(40);
      await journal.close();
    }
    const kinds = ({ events }: typeof measured): string[] => events.map(({ kind }) => kind);
    expect(kinds(measured)).toEqual(kinds(silence));
    const commits = told.flatMap((one) => one.commits);
    const syncs = told.flatMap((one) => one.syncs);
    const { counters } = measured.journal;
    expect(commits.map(({ entries }) => entries)).toEqual([3, 1]);
    expect(commits.map(({ segment }) => segment)).toEqual([1, 1]);
    expect(commits.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(counters.bytes);
    expect(syncs.map(({ entries }) => entries)).toEqual([3, 1, 0, 0]);
    expect(counters).toMatchObject({ commits: 2, syncs: 4, rotations: 0, segments: 1 });
    expect(measured.journal.totals).toEqual({ appends: 3, entries: 4, appendsFailed: 0 });
  });

  it('counts what failed, and entries of a failed batch in no sync', async () => {
    const told: Measures[] = [];
    const watching = { isMeasuring: true, measured: (one: Measures) => told.push(one) };
    const { disk, journal, append } = await watched(watching);
    disk.failNext('write', 'ENOSPC');
    await expect(append(10, 20)).rejects.toMatchObject({ code: 'FULL' });
    await append(30);
    expect(journal.totals).toEqual({ appends: 1, entries: 1, appendsFailed: 1 });
    const syncs = told.flatMap((one) => one.syncs);
    expect(syncs.reduce((sum, { entries }) => sum + entries, 0)).toBe(1);
    expect(told.flatMap((one) => one.commits)).toMatchObject([{ entries: 1, segment: 2 }]);
    expect(journal.counters).toMatchObject({ commits: 1, rotations: 1, segments: 2 });
  });
});
