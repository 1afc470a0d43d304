/**
 * Faults of power loss that meet names, manifests and the order of writes, by the names of the fault
 * list. Where the list says MANIFEST, the `writers` file and the seal of a segment are meant.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { segmentName } from '../../src/journal/segment-maker.ts';
import type { CrashOptions } from '../../src/platform/sim/crash.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import type { Message } from '../../src/session/message.ts';
import { atEveryChange, expectWhole } from '../helpers/every-change.ts';
import { directory, entrySeqs, JournalLab, turn } from '../helpers/journal-lab.ts';
import { labRoot, lostOf, RecoveryLab } from '../helpers/recovery-lab.ts';
import { collect } from '../helpers/sim-store.ts';

const sectorBytes = 512;
const say = (text: string): Message => ({ role: 'user', content: text });

describe('sectors that were being written', () => {
  /** A writer with durable entries, and batched ones behind them that nobody synced. */
  async function unsynced(): Promise<{ readonly lab: RecoveryLab; readonly durable: number }> {
    const lab = await RecoveryLab.start();
    const settings = { syncDelayMsMax: 60_000, syncEntriesMax: 1000, segmentBytes: 65_536 };
    const writer = await lab.writer('w', ['s', 'o'], settings);
    await writer.append('o');
    for (let made = 0; made < 4; made += 1) await writer.append('s', 300);
    const durable = lab.sent.get('s')?.length ?? 0;
    for (let made = 0; made < 6; made += 1) {
      await writer.append('s', 500 + made * 90, { durability: 'batched' });
    }
    return { lab, durable };
  }

  it('F06 hold garbage, zeros, old or new bytes in any mixture: nothing durable goes', async () => {
    const { lab, durable } = await unsynced();
    const path = lab.segment(1);
    const synced = lab.disk.crash({ keep: 'none' }).readFile(path);
    const written = lab.disk.readFile(path);
    const dirty: number[] = [];
    for (let at = 0; at < written.length; at += sectorBytes) {
      const [old, fresh] = [synced, written].map((all) => all.subarray(at, at + sectorBytes));
      if (old !== undefined && fresh !== undefined && Buffer.compare(old, fresh) !== 0) {
        dirty.push(at);
      }
    }
    expect(dirty.length).toBeGreaterThan(7);
    const prng = Prng.fromSeed(6);
    const sector = { old: 0, fresh: 1, zeros: 2, garbage: 3 } as const;
    const seen = new Set<number>();
    /** The disk whose dirty sectors fared like this; a disk harms no byte that was not written. */
    const judge = async (fates: readonly number[], when: string): Promise<void> => {
      const one = lab.on(lab.disk.crash({ keep: 'none' }));
      one.change(path, (bytes) => {
        for (const [index, at] of dirty.entries()) {
          const fate = fates[index] ?? sector.old;
          const noise = new Uint8Array(sectorBytes);
          if (fate === sector.garbage) prng.fill(noise);
          for (let byte = at; byte < at + sectorBytes && fate !== sector.old; byte += 1) {
            if (synced[byte] === written[byte]) continue;
            bytes[byte] = fate === sector.fresh ? (written[byte] ?? 0) : (noise[byte - at] ?? 0);
          }
        }
        return bytes;
      });
      const report = await one.recover();
      expect(report.verdict, when).toBe('healed');
      expect(report.writers[0]?.verdict, when).toMatch(/^(torn|unclean)$/);
      const { messages } = (await one.read(['s'])).get('s') ?? {};
      expect(messages, when).toEqual(lab.sent.get('s')?.slice(0, messages?.length));
      expect(messages?.length, when).toBeGreaterThanOrEqual(durable);
      expect(await one.messages('o'), when).toEqual(lab.sent.get('o'));
      seen.add(messages?.length ?? 0);
    };
    for (const [index] of dirty.entries()) {
      for (const fate of [sector.old, sector.zeros, sector.garbage]) {
        const fates = dirty.map((_, at) => (at === index ? fate : sector.fresh));
        await judge(fates, `sector ${index} alone is ${fate}`);
      }
      const fates = dirty.map((_, at) => (at === index ? sector.fresh : sector.garbage));
      await judge(fates, `sector ${index} alone is written`);
    }
    for (let draw = 0; draw < 40; draw += 1) {
      const fates = dirty.map(() => prng.below(4));
      await judge(fates, `fates ${fates.join('')}`);
    }
    // Any number of the batched ones may have survived.
    expect([...seen].sort((a, b) => a - b)).toEqual([4, 5, 6, 7, 8, 9]);
  });
});

describe('what names a journal or a segment', () => {
  it('F19 a missing last segment refuses who was attached, names the loss, and spares others', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o', 'closed']);
    await writer.append('closed');
    await writer.closeSession('closed');
    await writer.append('o');
    await writer.settle('o');
    lab.holdHistory('s');
    await writer.fill('s', 2);
    await writer.append('s');
    writer.kill();
    lab.release();
    const first = lab.entries(lab.segment(1)).filter(({ streamSeq }) => streamSeq > 0);
    const inFirst = (lab.sent.get('s')?.length ?? 0) - lab.entries(lab.segment(2)).length;
    expect(first.length).toBeGreaterThan(inFirst);
    const last = lab.segment(2);
    lab.disk.removePath(last);
    const report = await lab.scan();
    expect(report.verdict).toBe('damaged');
    expect(report.findings.map(({ code }) => code)).toContain('MISSING_SEGMENT');
    const readings = await lab.read();
    expect(lostOf(readings.get('s'), 's')).toEqual([{ from: inFirst + 1, to: null }]);
    // Nothing tells whether the segment held something of `o`.
    expect(lostOf(readings.get('o'), 'o')).toEqual([{ from: 2, to: null }]);
    expect(readings.get('closed')?.messages).toEqual(lab.sent.get('closed'));
    expect((await lab.salvage('/salvaged', 's')).sessions).toMatchObject([{ entries: inFirst }]);
  });

  it.each(['writers', 'store.json'])(
    'F19 a %s that is missing beside data refuses the store and changes nothing',
    async (name) => {
      const lab = await RecoveryLab.start();
      const writer = await lab.writer('w', ['s']);
      await writer.append('s');
      writer.kill();
      lab.disk.removePath(`${labRoot}/${name}`);
      const before = lab.content();
      await expect(lab.machine.open()).rejects.toMatchObject({ code: 'DAMAGED' });
      await expect(lab.recover()).rejects.toMatchObject({ code: 'DAMAGED' });
      expect(lab.content()).toEqual(before);
      expect((await lab.salvage('/salvaged')).sessions).toMatchObject([{ entries: 1, lost: [] }]);
    },
  );

  it('F19 a writers file older than the journals loses nothing that was acknowledged', async () => {
    for (const older of ['of nobody', 'of another one'] as const) {
      const lab = await RecoveryLab.start();
      const first = await lab.writer('first', ['s']);
      await first.append('s');
      const early = lab.disk.readFile(`${labRoot}/writers`);
      await first.close();
      const empty = lab.disk.readFile(`${labRoot}/writers`);
      const second = await lab.writer('second', ['s', 'o']);
      await second.append('s');
      await second.append('o');
      await second.settle('o');
      await second.append('s');
      second.kill();
      lab.disk.writeFile(`${labRoot}/writers`, older === 'of nobody' ? empty : early);
      expect((await lab.scan()).verdict, older).not.toBe('clean');
      await lab.recover();
      await expectWhole(lab, older);
      expect(lab.segments()).toEqual([]);
    }
  });
});

describe('a rotation', () => {
  beforeAll(initChecksum);

  it('F34 syncs what nobody asked to sync before the next segment answers anybody', async () => {
    for (let filled = 1; filled <= 6; filled += 1) {
      const lab = await JournalLab.open({ syncDelayMsMax: 60_000, syncEntriesMax: 1000 });
      const batched = new Uint8Array(900).fill(7);
      for (let made = 0; made < filled; made += 1) await lab.append(batched, 'batched');
      expect(entrySeqs(await lab.afterCrash())).toEqual([]);
      const name = segmentName(2);
      let durable = 0;
      while (!lab.disk.paths().some((path) => path.endsWith(name)) || durable < 2) {
        await lab.append('x'.repeat(2000));
        durable += 1;
      }
      const facts = await lab.afterCrash();
      const all = Array.from({ length: filled + durable }, (_, index) => index + 1);
      expect(entrySeqs(facts), `${filled} batched`).toEqual(all);
      expect(facts.firstProblem).toBe(null);
    }
  });

  it('F34 answers nobody when the sync of the old segment fails', async () => {
    const lab = await JournalLab.open({ syncDelayMsMax: 60_000, syncEntriesMax: 1000 });
    for (let made = 0; made < 4; made += 1) await lab.append(new Uint8Array(900), 'batched');
    const old = `${directory}/${segmentName(1)}`;
    lab.disk.beforeOperation = ({ kind, path }) =>
      kind === 'sync' && path.includes(segmentName(1)) ? { errno: 'EIO' } : undefined;
    const answers: string[] = [];
    for (let made = 0; made < 6; made += 1) {
      await lab.append(new Uint8Array(3900), made < 5 ? 'batched' : 'durable').then(
        () => answers.push('done'),
        (error: unknown) => answers.push(HoldfastError.is(error) ? error.code : String(error)),
      );
      await turn();
    }
    expect(answers.at(-1)).toBe('POISONED');
    expect(lab.durable).toEqual([]);
    expect(lab.disk.paths()).toContain(old);
    expect(entrySeqs(await lab.afterCrash())).toEqual([]);
  });
});

/** A life with everything that gets a name: a store, sessions, segments, a new file for a history. */
async function namesLife(lab: RecoveryLab): Promise<void> {
  const writer = await lab.writer('w', ['s']);
  await writer.append('s', 6000);
  await writer.settle('s');
  await writer.append('s', 6000);
  await writer.append('s', 6000);
  // Settling whose sync fails: the history is built anew beside the old one, and renamed.
  let isArmed = true;
  const cut = lab.disk.beforeOperation;
  lab.disk.beforeOperation = ({ kind, path }) => {
    if (!isArmed || kind !== 'sync' || !path.endsWith('/s/history')) return undefined;
    isArmed = false;
    return { errno: 'EIO' };
  };
  await writer.settle('s').catch(() => undefined);
  lab.disk.beforeOperation = cut;
  await writer.settle('s');
  await writer.append('s');
  await writer.close();
}

describe('names and contents that reach the disk one without the other', () => {
  it.each<[string, readonly CrashOptions[]]>([
    [
      'F36 names that nobody synced are gone, contents are there',
      [
        { keep: 'all', names: 'none' },
        { keep: 'all', names: 'random', seed: 1 },
      ],
    ],
    [
      'F37 names are there, contents that nobody synced are missing or zeros',
      [
        { keep: 'none', names: 'all' },
        { keepPage: () => false, names: 'all' },
      ],
    ],
  ])('%s: after every change the store opens with what was answered', async (_title, crashes) => {
    const base = await RecoveryLab.start();
    let [changes, answered] = [0, new Map<string, Message[]>()];
    const look = async (lab: RecoveryLab, disk: SimDisk, when: string): Promise<void> => {
      const after = new RecoveryLab(lab.machine, answered).on(disk);
      const { store } = await after.writer('next', []);
      const session = await after.machine.run(
        store.openSession('s', { create: !answered.has('s') }),
      );
      const found = await after.machine.run(collect(session.messages()));
      const known = answered.get('s') ?? [];
      const messages = found.map(({ message }) => message);
      expect(messages.slice(0, known.length), when).toEqual(known);
    };
    changes = await atEveryChange(base, namesLife, async (lab, count) => {
      answered = new Map(lab.sent);
      for (const options of crashes) {
        const when = `after ${count} changes, ${JSON.stringify(options)}`;
        await look(lab, lab.disk.crash(options), when);
      }
    });
    expect(changes).toBeGreaterThan(60);
    expect(answered.get('s')).toHaveLength(4);
  });

  it('F36 a new session without its directory entry was promised to nobody', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['old']);
    await writer.append('old');
    let promised = false;
    lab.disk.beforeOperation = () => {
      const left = lab.disk.crash({ keep: 'all', names: 'none' });
      const isThere = left.paths().includes(`${labRoot}/sessions/fresh/history`);
      if (promised) expect(isThere).toBe(true);
    };
    const session = await lab.machine.run(writer.store.createSession({ id: 'fresh' }));
    await lab.machine.run(session.append(say('first')));
    promised = true;
    await lab.machine.run(session.append(say('second')));
    lab.release();
    const after = lab.on(lab.disk.crash({ keep: 'none' }));
    const texts = (await after.messages('fresh')).map(({ content }) => content);
    expect(texts).toEqual(['first', 'second']);
  });
});
