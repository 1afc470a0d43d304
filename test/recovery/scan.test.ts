/** What a look at a store sees: names, states and faults, each as a fact, and when it looks again. */
import { beforeEach, describe, expect, it } from 'vitest';
import { fromHex } from '../../src/format/bytes.ts';
import { layoutOf, sessionPaths } from '../../src/recovery/layout.ts';
import type { Parts } from '../../src/recovery/parts.ts';
import { isCut, requireNoStray, scanSession, scanStore } from '../../src/recovery/scan.ts';
import type { ScanOptions, SessionScan, StoreFacts } from '../../src/recovery/scan.ts';
import { encodeWriters } from '../../src/recovery/store-files.ts';
import { headOf, historyOf } from '../helpers/base-lab.ts';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';
import type { LabWriter } from '../helpers/recovery-lab.ts';

const layout = layoutOf(labRoot);
let lab: RecoveryLab;
let writer: LabWriter;

/** A living writer with two entries of `s`. */
beforeEach(async () => {
  lab = await RecoveryLab.start();
  writer = await lab.writer('w', ['s']);
  for (let made = 0; made < 2; made += 1) await writer.append('s');
});

const look = (options: ScanOptions = {}, parts: Parts = lab.machine.parts('look')) =>
  lab.machine.run(scanStore(parts, layout, options));
const session = (id = 's'): Promise<SessionScan> =>
  lab.machine.run(scanSession(lab.machine.parts('look'), layout, id));
const writerId = (): string => lab.segments()[0]?.split('/').at(-2) ?? '';

/** How often this is done to the path, while `body` runs. */
async function counted(kind: string, path: string, body: () => Promise<unknown>): Promise<number> {
  let count = 0;
  lab.disk.beforeOperation = (one) => {
    if (one.kind === kind && one.path === path) count += 1;
    return undefined;
  };
  await body();
  lab.disk.beforeOperation = null;
  return count;
}

describe('the journals that scanStore sees', () => {
  const journalsOf = ({ journals }: StoreFacts): readonly object[] =>
    journals.map(({ writer: id, listed, state, facts, error }) => {
      return { writer: id, listed, state, isRead: facts !== null, error };
    });

  it('are live while their lock is held, and read only if that is wanted', async () => {
    const told = { writer: writerId(), listed: true, state: 'live', error: null };
    expect(journalsOf(await look())).toEqual([{ ...told, isRead: true }]);
    expect(journalsOf(await look({ liveJournals: 'read' }))).toEqual([{ ...told, isRead: true }]);
    const skipped = await look({ liveJournals: 'skip' });
    expect(journalsOf(skipped)).toEqual([{ ...told, isRead: false }]);
    expect(skipped.journals[0]?.owner).not.toBeNull();
    writer.kill();
    const dead = { ...told, state: 'dead', isRead: true };
    expect(journalsOf(await look({ liveJournals: 'skip' }))).toEqual([dead]);
  });

  it('are unknown where locks are, and are read all the same', async () => {
    const parts = lab.machine.parts('look');
    const locks = { ...parts.locks, probe: () => 'unknown' as const, owner: () => null };
    const found = await look({ liveJournals: 'skip' }, { ...parts, locks });
    expect(journalsOf(found)).toMatchObject([{ state: 'unknown', isRead: true }]);
  });

  it('are missing when only the writers file tells of them, and not listed when it does not', async () => {
    const other = 'ff'.repeat(16);
    lab.disk.writeFile(`${labRoot}/writers`, encodeWriters([other]));
    expect(journalsOf(await look())).toEqual([
      { writer: writerId(), listed: false, state: 'live', isRead: true, error: null },
      { writer: other, listed: true, state: 'missing', isRead: false, error: null },
    ]);
  });

  it('have the error with which the machine refuses them', async () => {
    writer.kill();
    lab.disk.beforeOperation = ({ kind, path }) =>
      kind === 'read' && path.endsWith('.segment') ? { errno: 'EIO' } : undefined;
    expect(journalsOf(await look())).toMatchObject([
      { state: 'dead', isRead: false, error: { code: 'EIO' } },
    ]);
  });

  it('are directories with the name of a writer; others are strays, but for half-made ones', async () => {
    const strays = ['notes', 'A'.repeat(32), `x${'a'.repeat(32)}`, 'a'.repeat(33)];
    for (const name of [...strays, '.new-1234'])
      lab.disk.makeDirectory(`${layout.journals}/${name}`);
    lab.disk.makeDirectory(`${layout.journals}/old.new-`);
    const found = await look();
    expect(found.journals).toHaveLength(1);
    const expected = [...strays, 'old.new-'].map((name) => `journals/${name}`);
    expect(found.strays.toSorted()).toEqual(expected.toSorted());
  });

  it('all count for salvage when the writers file is gone, and nothing else does', async () => {
    lab.disk.makeDirectory(`${layout.journals}/notes`);
    lab.disk.removePath(layout.writersFile);
    await expect(look()).rejects.toMatchObject({ code: 'DAMAGED' });
    const found = await look({ tolerant: true });
    expect(journalsOf(found)).toMatchObject([{ writer: writerId(), listed: true }]);
    expect(found).toMatchObject({ writers: [writerId()], strays: ['journals/notes'] });
    lab.disk.removePath(layout.storeFile);
    expect((await look({ tolerant: true })).store).toBeNull();
    lab.disk.beforeOperation = ({ kind }) => (kind === 'list' ? { errno: 'EIO' } : undefined);
    await expect(look({ tolerant: true })).rejects.toMatchObject({ code: 'EIO' });
  });
});

describe('the sessions that scanStore sees', () => {
  it('are told one after the other, without half-made ones and without strays', async () => {
    lab.disk.makeDirectory(`${layout.sessions}/.new-12`);
    lab.disk.makeDirectory(`${layout.sessions}/a b`);
    lab.disk.writeFile(`${layout.sessions}/file`, new Uint8Array(1));
    const told: object[] = [];
    const { sessions, strays } = await look({ onProgress: (progress) => void told.push(progress) });
    expect(sessions.map(({ id }) => id)).toEqual(['s']);
    expect(strays).toEqual(['sessions/a b', 'sessions/file']);
    expect(told).toEqual([0, 0, 1].map((done) => ({ what: 'sessions', done, total: 4 })));
  });

  it('are looked at once more when writers came or went meanwhile, unless it is for salvage', async () => {
    const ids = [writerId(), 'ff'.repeat(16)];
    // Somebody comes between the first and the second time that the file is read.
    const come = (): void => {
      let reads = 0;
      lab.disk.writeFile(layout.writersFile, encodeWriters(ids.slice(0, 1)));
      lab.disk.beforeOperation = ({ kind, path }) => {
        if (kind === 'open' && path === layout.writersFile) reads += 1;
        if (reads === 2) lab.disk.writeFile(layout.writersFile, encodeWriters(ids));
        return undefined;
      };
    };
    come();
    expect((await look()).writers).toEqual(ids);
    come();
    expect((await look({ tolerant: true })).writers).toEqual(ids.slice(0, 1));
  });

  it('are looked at twenty times at most, however often writers change', async () => {
    let reads = 0;
    lab.disk.beforeOperation = ({ kind, path }) => {
      if (kind === 'open' && path === layout.writersFile) {
        reads += 1;
        const id = reads.toString(16).padStart(32, '0');
        lab.disk.writeFile(path, encodeWriters([id]));
      }
      return undefined;
    };
    await look({ liveJournals: 'skip' });
    expect(reads).toBe(40);
  });
});

describe('scanSession', () => {
  it('scanSession gives the head of one that is sound', async () => {
    const found = await session();
    expect(found).toMatchObject({ id: 's', fault: null, stray: null, soundBlocks: 2, error: null });
    expect(found.head).toEqual(headOf(lab.disk));
    expect(found.fileBytes).toBe(lab.disk.readFile(historyOf('s')).length);
    expect(found.paths).toEqual(sessionPaths(layout, 's'));
  });

  it('scanSession tells a session that is gone from one that has lost its history', async () => {
    expect(await session('none')).toMatchObject({ fault: 'gone', head: null, fileBytes: 0 });
    lab.disk.makeDirectory(`${layout.sessions}/m`);
    const path = historyOf('m');
    const looks = await counted('stat', path, async () => {
      expect(await session('m')).toMatchObject({ fault: 'missing', head: null, stray: null });
    });
    // Somebody may be making it again just now.
    expect(looks).toBe(20);
    let stats = 0;
    lab.disk.beforeOperation = (one) => {
      if (one.kind === 'stat' && one.path === path) stats += 1;
      if (stats === 3) lab.disk.writeFile(path, lab.disk.readFile(historyOf('s')));
      return undefined;
    };
    expect(await session('m')).toMatchObject({ fault: 'foreign', head: { sessionId: 's' } });
    expect(stats).toBe(3);
    const once = await counted('open', path, () => session('m'));
    expect(once).toBe(1);
  });

  it('scanSession takes what is removed while it is read for gone, and a refusal for none', async () => {
    lab.disk.beforeOperation = ({ kind, path }) => {
      if (kind === 'open' && path === historyOf('s')) lab.disk.removePath(`${layout.sessions}/s`);
      return undefined;
    };
    expect(await session()).toMatchObject({ fault: 'gone', error: null });
    lab.disk.writeFile(historyOf('s'), new Uint8Array(10));
    lab.disk.beforeOperation = ({ kind }) => (kind === 'open' ? { errno: 'EIO' } : undefined);
    expect(await session()).toMatchObject({ fault: 'unreadable', error: { code: 'EIO' } });
    lab.disk.beforeOperation = null;
    expect(await session()).toMatchObject({ fault: 'damaged', head: null, fileBytes: 10 });
  });

  it('scanSession knows a newer head, and the head of another session', async () => {
    lab.disk.writeFile(historyOf('t'), lab.disk.readFile(historyOf('s')));
    expect(await session('t')).toMatchObject({
      fault: 'foreign',
      stray: null,
      head: { sessionId: 's' },
    });
    lab.makeNewer(historyOf('t'));
    expect(await session('t')).toMatchObject({ fault: 'newer', head: null });
    lab.disk.removePath(historyOf('t'));
    lab.disk.makeDirectory(historyOf('t'));
    expect(await session('t')).toMatchObject({ fault: 'foreign', stray: null, head: null });
  });

  it('scanSession takes what is no directory for a stray, but a link to one', async () => {
    const at = (name: string): string => `${layout.sessions}/${name}`;
    lab.disk.writeFile(at('file'), new Uint8Array(1));
    lab.disk.makeLink(at('there'), at('s'));
    lab.disk.makeLink(at('nowhere'), at('none'));
    lab.disk.makeLink(at('tofile'), at('file'));
    lab.disk.makeLink(at('circle'), at('circle'));
    const strays = new Map<string, unknown>();
    for (const id of ['file', 'there', 'nowhere', 'tofile', 'circle']) {
      const found = await session(id);
      expect(found.fault).toBe('foreign');
      strays.set(id, found.stray);
    }
    expect(Object.fromEntries(strays)).toEqual({
      file: 'file',
      there: null,
      nowhere: 'link',
      tofile: 'link',
      circle: 'link',
    });
    lab.disk.failNext('real-path', 'EIO');
    expect(await session('there')).toMatchObject({ fault: 'unreadable', error: { code: 'EIO' } });
  });

  it('requireNoStray says what stands in the place of a session', async () => {
    requireNoStray(await session());
    lab.disk.makeLink(`${layout.sessions}/l`, '/none');
    const scan = await session('l');
    const path = `${layout.sessions}/l`;
    expect(() => requireNoStray(scan)).toThrow(
      expect.objectContaining({
        code: 'INVALID',
        message:
          `Cannot use session "l": "${path}" is a link to no directory, so it is no session; ` +
          'move it out of the store, or choose another id',
        details: { path },
      }) as Error,
    );
  });

  it('isCut is true in front of the vouched end, and only of a history that is one', async () => {
    const scan = await session();
    const end = scan.head?.vouched.endOffset ?? 0;
    expect(isCut({ ...scan, fileBytes: end - 1 })).toBe(true);
    expect(isCut({ ...scan, fileBytes: end })).toBe(false);
    expect(isCut({ ...scan, fileBytes: 0, fault: 'foreign' })).toBe(false);
    expect(isCut({ ...scan, fileBytes: 0, head: null })).toBe(false);
    expect(fromHex(writerId())).toEqual(scan.head?.attached);
  });
});
