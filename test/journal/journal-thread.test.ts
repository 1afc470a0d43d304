/** The journal's own thread, from the built files, over the real disk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { Journal } from '../../src/journal/journal.ts';
import type { JournalPort } from '../../src/journal/journal-port.ts';
import { hireJournalThread } from '../../src/journal/journal-ports.ts';
import { readJournal } from '../../src/journal/journal-reader.ts';
import { nodeFileSystem } from '../../src/platform/node-file-system.ts';
import { entry, entrySeqs, journalSettings, journalStart } from '../helpers/journal-lab.ts';
import { streamKey } from '../helpers/segment-image.ts';

interface Opened {
  readonly directory: string;
  readonly port: JournalPort;
  readonly journal: Journal;
  readonly stream: number;
}

const directories: string[] = [];

async function open(): Promise<Opened> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-thread-'));
  directories.push(directory);
  const port = await hireJournalThread().begin(journalSettings({ directory }), journalStart);
  const journal = new Journal(port);
  const opening = { key: streamKey, lastSeq: 0, chain: 0n, introduction: new Uint8Array(0) };
  const stream = journal.openStream(opening, { durable: () => undefined });
  return { directory, port, journal, stream };
}

describe('hireJournalThread', () => {
  beforeAll(initChecksum);

  afterEach(() => {
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
  });

  it('hireJournalThread answers appends in order, and what it answered is there', async () => {
    const { directory, journal, stream } = await open();
    const answers = Array.from({ length: 50 }, (_, index) => {
      const durability = index % 2 === 0 ? 'durable' : 'batched';
      return journal.submit(stream, [entry(`entry ${index}`)], durability).answered;
    });
    const seqs = (await Promise.all(answers)).map((placement) => placement.firstSeq);
    expect(seqs).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    await journal.flush();
    expect(journal.counters.syncs).toBeLessThan(50);
    await journal.close();
    const facts = await readJournal(nodeFileSystem('pool'), directory);
    expect(entrySeqs(facts)).toEqual(seqs);
    expect(facts.closed).toBe(true);
  });

  it('hireJournalThread takes over payloads of 32 KiB and more, and copies smaller ones', async () => {
    const { directory, journal, stream } = await open();
    const small = new Uint8Array(32 * 1024 - 1).fill(1);
    const large = new Uint8Array(32 * 1024).fill(2);
    const part = new Uint8Array(64 * 1024).fill(3).subarray(0, 40 * 1024);
    const frames = [entry(small), entry(large), entry(part)];
    const { answered } = journal.submit(stream, frames, 'durable');
    expect((await answered).firstSeq).toBe(1);
    expect(large.byteLength).toBe(0);
    expect(small.byteLength).toBe(32 * 1024 - 1);
    // A part of a buffer is copied: the rest belongs to somebody else.
    expect(part.byteLength).toBe(40 * 1024);
    await journal.close();
    const facts = await readJournal(nodeFileSystem('pool'), directory);
    const sizes = [...facts.frames]
      .filter((frame) => frame.type === 32)
      .map((one) => one.payloadBytes);
    expect(sizes).toEqual([32 * 1024 - 1, 32 * 1024, 40 * 1024]);
  });

  it('hireJournalThread takes the death of the thread for poison, for everybody and for ever', async () => {
    const { port, journal, stream } = await open();
    const first = await journal.submit(stream, [entry('one')], 'durable').answered;
    expect(first.firstSeq).toBe(1);
    const opening = { stream, key: streamKey, lastSeq: 0, chain: 0n, introduction: streamKey };
    // A stream that is opened twice breaks an assertion, and that ends the thread.
    port.post({ kind: 'open-stream', opening });
    const waiting = [
      journal.submit(stream, [entry('two')], 'durable').answered,
      journal.submit(stream, [entry('three')], 'batched').answered,
      journal.flush(),
    ];
    for (const one of waiting) await expect(one).rejects.toMatchObject({ code: 'POISONED' });
    const late = journal.submit(stream, [entry('four')], 'durable').answered;
    await expect(late).rejects.toMatchObject({ code: 'POISONED' });
    await expect(journal.retire(1)).rejects.toMatchObject({ code: 'POISONED' });
    await expect(journal.close()).rejects.toMatchObject({ code: 'POISONED' });
  });

  it('hireJournalThread fails to open as the machine fails', async () => {
    const settings = journalSettings({ directory: join(tmpdir(), 'holdfast-is', 'not-there') });
    await expect(hireJournalThread().begin(settings, journalStart)).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});
