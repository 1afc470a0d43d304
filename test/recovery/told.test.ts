/** What reports tell of journals and sessions, by their codes, files and reasons. */
import { describe, expect, it } from 'vitest';
import type { HoldfastError } from '../../src/base/errors.ts';
import { HistoryFile } from '../../src/history/history-file.ts';
import { walkHistory } from '../../src/history/history-walk.ts';
import { sessionFindings } from '../../src/recovery/findings.ts';
import { lockedError, takeLock } from '../../src/recovery/gate.ts';
import { layoutOf, sessionPaths } from '../../src/recovery/layout.ts';
import { planStore } from '../../src/recovery/plan.ts';
import { removeTree } from '../../src/recovery/remove-tree.ts';
import { lostSight } from '../../src/recovery/replay.ts';
import { scanStore } from '../../src/recovery/scan.ts';
import { streamFrameType } from '../../src/session/frame-types.ts';
import { headOf, historyOf } from '../helpers/base-lab.ts';
import { atEveryChange } from '../helpers/every-change.ts';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';
import { signLastBatch } from '../helpers/signed-changes.ts';

/** A killed writer with three entries of `s`. */
async function killed(ids: readonly string[] = ['s']): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ids);
  for (const id of ids) for (let made = 0; made < 3; made += 1) await writer.append(id);
  writer.kill();
  return lab.rebooted();
}

/** A store whose writers have left. */
async function closed(): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s']);
  for (let made = 0; made < 3; made += 1) await writer.append('s');
  await writer.close();
  return lab.rebooted();
}

const writerOf = (lab: RecoveryLab): string => lab.segments()[0]?.split('/').at(-2) ?? '';

describe('what is told of a journal', () => {
  it('names one that does not count, and recovery removes it', async () => {
    const lab = await closed();
    const writer = 'ab'.repeat(16);
    lab.disk.writeFile(`${labRoot}/journals/${writer}/LOCK`, new Uint8Array(0));
    const scanned = await lab.scan();
    expect(scanned.verdict).toBe('clean');
    expect(scanned.findings).toMatchObject([
      { code: 'STRAY_FILE', severity: 'info', file: `journals/${writer}`, session: null },
    ]);
    const report = await lab.recover();
    expect(report).toMatchObject({ changed: true, verdict: 'clean' });
    expect(lab.disk.paths().filter((path) => path.includes(writer))).toEqual([]);
    expect(await lab.recover()).toMatchObject({ changed: false, findings: [] });
  });

  it('names the file that the machine refuses', async () => {
    const lab = await killed();
    const writer = writerOf(lab);
    lab.disk.beforeOperation = ({ kind, path }) =>
      kind === 'read' && path.endsWith('.segment') ? { errno: 'EIO' } : undefined;
    const report = await lab.scan();
    expect(report.verdict).toBe('unreadable');
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        code: 'UNREADABLE',
        severity: 'error',
        file: `journals/${writer}`,
        message: expect.stringContaining('EIO'),
      }),
    );
  });

  it('tells of a mark that says more than is there', async () => {
    const lab = await killed();
    signLastBatch(lab, (frame) => frame, { durableMark: 900 });
    const { findings } = await lab.scan();
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'DAMAGED_FRAME',
        severity: 'error',
        file: `journals/${writerOf(lab)}`,
        message: expect.stringMatching(/^Entries up to 900 were durable, and only \d+ are there$/),
      }),
    );
  });
});

describe('what is told of a session', () => {
  it('is a fork when journal and history disagree, and a report lists a thousand alike', async () => {
    const lab = await killed();
    const parts = lab.machine.parts('look');
    const plan = planStore(await scanStore(parts, layoutOf(labRoot)), {});
    const [session] = plan.sessions;
    const replay = session?.replay ?? null;
    if (session === undefined || replay === null) throw new Error('There is nothing to replay');
    const forked = { ...session, replay: { ...replay, forked: true } };
    expect(sessionFindings(plan, forked, null)).toEqual([
      {
        code: 'FORKED',
        severity: 'error',
        session: 's',
        file: 'sessions/s/history',
        offset: null,
        message: 'Journal and history disagree',
      },
    ]);
    const lost = Array.from({ length: 1000 }, (_, at) => ({ from: 10 * at, to: 10 * at }));
    expect(sessionFindings(plan, { ...session, lost }, null)).toHaveLength(1000);
  });

  it('is that something else stands in its place', async () => {
    const lab = await closed();
    await lab.disk.fileSystem().createDirectory(`${labRoot}/sessions/u`);
    await lab.disk.fileSystem().createDirectory(`${labRoot}/sessions/u/history`);
    const report = await lab.scan();
    expect(report.sessions.find((one) => one.id === 'u')).toMatchObject({ verdict: 'damaged' });
    expect(report.findings).toContainEqual(
      expect.objectContaining({ code: 'STRAY_FILE', severity: 'error', session: 'u' }),
    );
  });

  it('is the damage of its history also when its store could be healed', async () => {
    const lab = await killed(['s', 'o']);
    await lab.recover();
    const writer = await lab.writer('again', ['o']);
    await writer.append('o');
    writer.kill();
    const after = lab.rebooted();
    after.flip(historyOf('s'), 8192 + 70);
    // It is attached to a writer that is gone, so that a scan reads it too.
    expect(await after.scan()).toMatchObject({ verdict: 'damaged' });
    expect(await after.machine.recover({ mode: 'verify' })).toMatchObject({ verdict: 'damaged' });
  });

  it('is told with progress, session by session', async () => {
    const lab = await killed(['a', 'b']);
    const told: object[] = [];
    await lab.scan({ onProgress: (progress) => void told.push(progress) });
    expect(told.filter((one) => 'what' in one && one.what === 'sessions read')).toEqual([
      { what: 'sessions read', done: 1, total: 2 },
      { what: 'sessions read', done: 2, total: 2 },
    ]);
  });

  it('has one note of a recovery, wherever that was cut off', async () => {
    const base = await killed();
    const check = async (lab: RecoveryLab): Promise<void> => {
      const after = lab.rebooted();
      await after.recover();
      const head = headOf(after.disk);
      const path = historyOf('s');
      const history = await HistoryFile.open(after.machine.parts('look'), path, head, 'read');
      const notes: number[] = [];
      const start = { seq: 0, offset: 8192, chain: 0n, batchChecksum: 0n };
      await walkHistory(history.file, head, start, (frame) => {
        if (frame.type === streamFrameType.recovered) notes.push(frame.offset);
      });
      await history.close();
      expect(notes).toHaveLength(1);
      expect(await after.messages('s')).toEqual(after.sent.get('s'));
    };
    expect(await atEveryChange(base, (lab) => lab.recover(), check)).toBeGreaterThan(10);
  });
});

describe('what is told of a session that should be there', () => {
  it('is its name and the entry that its owner knows of', async () => {
    const lab = await closed();
    const report = await lab.scan({ expectAtLeast: { ghost: 3, s: 9, none: 0 } });
    expect(report.verdict).toBe('damaged');
    expect(report.findings).toContainEqual({
      code: 'BELOW_EXPECTED',
      severity: 'error',
      file: null,
      offset: null,
      session: 'ghost',
      message: 'Session ghost should hold at least entry 3 and is not there',
    });
    expect(report.sessions).toMatchObject([{ id: 's', lost: [{ from: 4, to: 9 }] }]);
  });
});

describe('recovery', () => {
  it('empties the trash, and keeps the directory', async () => {
    const lab = await closed();
    const grave = `${labRoot}/trash/s.0011`;
    await lab.disk
      .fileSystem()
      .createDirectory(`${labRoot}/trash`)
      .catch(() => undefined);
    await lab.disk.fileSystem().createDirectory(grave);
    lab.disk.writeFile(`${grave}/history`, new Uint8Array(10));
    await lab.recover();
    expect(await lab.disk.fileSystem().list(`${labRoot}/trash`)).toEqual([]);
  });

  it('leaves a session that is being made, and takes away one whose maker died', async () => {
    const lab = await closed();
    const path = `${labRoot}/sessions/.new-0011`;
    await lab.disk.fileSystem().createDirectory(path);
    const lock = lab.disk.locks('maker').tryLock(`${path}/LOCK`);
    await lab.recover();
    expect((await lab.disk.fileSystem().stat(path))?.kind).toBe('directory');
    lock?.release();
    await lab.recover();
    expect(await lab.disk.fileSystem().stat(path)).toBeNull();
  });

  it('says before it changes anything how much room it lacks, and where', async () => {
    const lab = await killed();
    const { bytesNeeded } = await lab.scan();
    lab.disk.limitBytes(1);
    const refusal = lab.recover();
    const details = { path: labRoot, bytesNeeded, errno: 'ENOSPC' };
    await expect(refusal).rejects.toMatchObject({ code: 'FULL', details });
  });

  it('needs room for a whole journal when it keeps it', async () => {
    const lab = await killed();
    const sizes = lab.segments().map((path) => lab.disk.readFile(path).length);
    await removeTree(lab.disk.fileSystem(), `${labRoot}/sessions/s`);
    const { findings, bytesNeeded } = await lab.scan();
    expect(findings.map(({ code }) => code)).toContain('SET_ASIDE');
    expect(bytesNeeded).toBe(sizes.reduce((sum, size) => sum + size, 16 * 1024));
  });

  it('tells why it lost sight of a session', async () => {
    const lab = await killed();
    const parts = lab.machine.parts('look');
    const layout = layoutOf(labRoot);
    const [scan] = (await scanStore(parts, layout)).sessions;
    if (scan === undefined) throw new Error('The session is not there');
    const changed = lostSight(layout, scan);
    const details = { sessions: [{ id: 's', lost: [] }], file: 'sessions/s/history', offset: 0 };
    expect(changed).toMatchObject({ code: 'DAMAGED', details });
    expect(changed.message).toContain('try again');
    const refused = Object.assign(new Error('EIO: read'), { code: 'EIO', syscall: 'read' });
    expect(lostSight(layout, { ...scan, error: refused })).toMatchObject({ code: 'IO' });
  });
});

describe('removeTree', () => {
  it('does not mind that somebody else was faster, and minds everything else', async () => {
    const lab = await closed();
    const { history } = sessionPaths(layoutOf(labRoot), 's');
    for (const [errno, outcome] of [
      ['ENOENT', 'fulfilled'],
      ['EIO', 'rejected'],
    ] as const) {
      lab.disk.beforeOperation = ({ kind }) => (kind === 'remove' ? { errno } : undefined);
      const [done] = await Promise.allSettled([removeTree(lab.disk.fileSystem(), history)]);
      expect(done.status).toBe(outcome);
    }
  });
});

describe('locks of a store', () => {
  it('are refused with the reason where there are none', async () => {
    const lab = await RecoveryLab.start();
    const parts = lab.machine.parts('w');
    const locks = { ...parts.locks, unavailable: () => 'no addon' };
    const refused = takeLock({ ...parts, locks }, '/LOCK', 'the store', { lockWaitMs: 0 });
    await expect(refused).rejects.toMatchObject({
      code: 'LOCK_UNAVAILABLE',
      message: 'Cannot lock the store: no addon',
      details: { reason: 'no addon' },
    });
  });

  it('name their holder as far as it is known', () => {
    const message = (owner: Parameters<typeof lockedError>[2]): string =>
      lockedError('the store', '/LOCK', owner).message;
    const end = 'holds it; close it there; reading works meanwhile';
    expect(message(null)).toBe(`Cannot lock the store: another owner ${end}`);
    expect(message({ pid: 7, host: 'h', since: 'noon' })).toBe(
      `Cannot lock the store: process 7 on h since noon ${end}`,
    );
    expect(message({ pid: 7, host: null, since: null })).toBe(
      `Cannot lock the store: process 7 ${end}`,
    );
  });

  it('say that it is the store that is locked', async () => {
    const lab = await closed();
    const gate = lab.disk.locks('other').tryLock(`${labRoot}/GATE`);
    const refusal = await lab.recover({ lockWaitMs: 0 }).catch((error: unknown) => error);
    gate?.release();
    expect((refusal as HoldfastError).message).toMatch(/^Cannot lock the store: /);
  });
});

describe('salvage', () => {
  it('knows journals by their names where the writers file is gone', async () => {
    const lab = await killed();
    for (const name of ['writers', 'store.json']) {
      await lab.disk.fileSystem().remove(`${labRoot}/${name}`);
    }
    const { sessions } = await lab.salvage('/rescued');
    expect(sessions).toMatchObject([{ id: 's', entries: 3, messages: 3, lost: [] }]);
  });

  it('tells that all of a session may be lost whose head and journal are gone', async () => {
    const lab = await closed();
    lab.zero(historyOf('s'), 0, 8192);
    const { sessions } = await lab.salvage('/rescued');
    expect(sessions).toMatchObject([{ id: 's', entries: 0, lost: [{ from: 1, to: null }] }]);
  });

  it('does not take the history of another session for its own', async () => {
    const lab = await closed();
    await lab.disk.fileSystem().rename(`${labRoot}/sessions/s`, `${labRoot}/sessions/t`);
    const { sessions } = await lab.salvage('/rescued');
    expect(sessions).toMatchObject([{ id: 't', entries: 0, lost: [{ from: 1, to: null }] }]);
  });
});
