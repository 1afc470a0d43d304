/** What `salvage` tells and writes, session by session, and the words in which it refuses. */
import { describe, expect, it } from 'vitest';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { fromHex } from '../../src/format/bytes.ts';
import { decodeHead } from '../../src/format/head.ts';
import { salvageWith } from '../../src/recovery/salvage.ts';
import { basesOf, changeHead, framesOf, headOf, historyOf } from '../helpers/base-lab.ts';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';
import { signLastBatch } from '../helpers/signed-changes.ts';

/** Three entries of each of these; what becomes of their writer is said. */
async function made(
  end: 'closed' | 'killed',
  ids: readonly string[] = ['s'],
): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ids);
  for (const id of ids) for (let count = 0; count < 3; count += 1) await writer.append(id);
  if (end === 'closed') await writer.close();
  else writer.kill();
  return lab.rebooted();
}

const targetHead = (lab: RecoveryLab, id = 's') =>
  decodeHead(lab.disk.readFile(`/rescued/sessions/${id}/history`));

describe('salvage refuses', () => {
  it.each([labRoot, `${labRoot}/inside`])('to write to %s, which it reads', async (to) => {
    const lab = await made('closed');
    const before = lab.content();
    await expect(lab.salvage(to)).rejects.toMatchObject({
      code: 'INVALID',
      message: 'Cannot salvage into the damaged store itself; name a directory outside of it',
      details: { path: 'to' },
    });
    expect(lab.content()).toEqual(before);
  });

  it('a target that holds something, and takes one that only looks like the store', async () => {
    const lab = await made('closed');
    lab.disk.writeFile('/full/notes', new Uint8Array(1));
    await expect(lab.salvage('/full')).rejects.toMatchObject({
      code: 'INVALID',
      message: 'Cannot salvage into "/full": it is not empty; name a new directory',
      details: { path: 'to' },
    });
    expect(await lab.disk.fileSystem().list('/full')).toEqual(['notes']);
    const report = await lab.salvage(`${labRoot}-rescued`);
    expect(report).toMatchObject({
      schema: 'holdfast.salvage/1',
      root: labRoot,
      to: `${labRoot}-rescued`,
    });
  });

  it('a session that is not there, or was deleted, and a directory without a store', async () => {
    const lab = await made('closed');
    await expect(lab.salvage('/rescued', 'none')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message:
        `Cannot find session "none" to salvage in "${labRoot}"; ` +
        '`recover scan` lists those that are there',
    });
    const parts = lab.machine.parts('salvage');
    const from = (root: string): Promise<unknown> =>
      lab.machine.run(salvageWith(parts, root, { to: '/rescued' }));
    await expect(from('/none')).rejects.toMatchObject({
      message: 'Cannot find a store at "/none": there is no such directory; check the path',
    });
    lab.disk.makeDirectory('/empty');
    await expect(from('/empty')).rejects.toMatchObject({
      message: 'Cannot find a store at "/empty": there is no store.json; check the path',
    });
    // Any part of a store is worth a try.
    for (const name of ['sessions', 'journals']) {
      lab.disk.makeDirectory(`/half/${name}`);
      const to = `/from-${name}`;
      const report = await lab.machine.run(salvageWith(parts, '/half', { to }));
      expect(report.sessions).toEqual([]);
      lab.disk.removePath('/half');
    }
  });

  it('and takes away a directory that it made, but none that was there', async () => {
    const lab = await made('closed');
    lab.disk.makeDirectory('/given');
    for (const to of ['/new', '/given']) {
      lab.disk.failNext('rename', 'ENOSPC');
      await expect(lab.salvage(to)).rejects.toMatchObject({
        code: 'FULL',
        message: 'Cannot salvage the store: no room (ENOSPC); free some space and try again',
      });
    }
    expect(await lab.disk.fileSystem().stat('/new')).toBeNull();
    expect(await lab.disk.fileSystem().list('/given')).toEqual([]);
  });
});

describe('salvage tells', () => {
  it('what it got out of each session, settled or not, and what scan tells of the store', async () => {
    const lab = await made('killed', ['a', 'b']);
    lab.disk.writeFile(`${labRoot}/sessions/file`, new Uint8Array(1));
    const scanned = await lab.scan();
    const { sessions, findings } = await lab.salvage('/rescued');
    const whole = { entries: 3, messages: 3, lost: [], accepted: [] };
    expect(sessions).toEqual([
      { id: 'a', ...whole },
      { id: 'b', ...whole },
    ]);
    expect(findings).toEqual(scanned.findings);
    expect(findings.map(({ code }) => code)).toEqual(['STRAY_FILE', 'UNCLEAN_STOP']);
    const other = new RecoveryLab(lab.machine);
    const names = other.disk.paths().filter((path) => path.startsWith('/rescued/'));
    expect(names).toEqual([
      '/rescued/sessions/a/history',
      '/rescued/sessions/b/history',
      '/rescued/store.json',
      '/rescued/writers',
    ]);
  });

  it('its progress, and of one session only what was asked for', async () => {
    const lab = await made('closed', ['a', 'b']);
    const told: object[] = [];
    const options = { to: '/rescued', onProgress: (one: object) => void told.push(one) };
    await lab.machine.run(salvageWith(lab.machine.parts('salvage'), labRoot, options));
    expect(told).toEqual([1, 2].map((done) => ({ what: 'sessions', done, total: 2 })));
    const { sessions } = await lab.salvage('/one', 'b');
    expect(sessions.map(({ id }) => id)).toEqual(['b']);
    expect(lab.disk.paths().some((path) => path.startsWith('/one/sessions/a/'))).toBe(false);
  });

  it('of a new life of the same session: its identity, another salt, nothing vouched in advance', async () => {
    const lab = await made('closed');
    const before = headOf(lab.disk);
    await lab.salvage('/rescued');
    const after = targetHead(lab);
    if ('kind' in after) throw new Error('The head is bad');
    const { incarnation, sessionId, title, createdMs } = before;
    expect(after).toMatchObject({ incarnation, sessionId, title, createdMs, messages: 3 });
    expect(after).toMatchObject({ generation: 2, attached: null, damage: null, baseOffset: 0 });
    expect(after.salt).not.toBe(before.salt);
    expect(after.vouched.seq).toBe(3);
    expect(after.updatedMs).toBe(before.updatedMs);
  });

  it('nothing of bases, which say where things stand in the old file', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    for (let count = 0; count < 40; count += 1) await writer.append('s');
    await writer.close();
    expect(basesOf(lab.disk)).toHaveLength(1);
    const { sessions } = await lab.salvage('/rescued');
    expect(sessions).toMatchObject([{ entries: 40, messages: 40, lost: [] }]);
    lab.disk.writeFile(historyOf('s'), lab.disk.readFile('/rescued/sessions/s/history'));
    expect(headOf(lab.disk).baseOffset).toBe(0);
    expect(basesOf(lab.disk)).toEqual([]);
    expect(await lab.messages('s')).toEqual(lab.sent.get('s'));
  });

  it('that a session may have more when its journal cannot be read, or judged', async () => {
    const start = await made('killed');
    const refusing = start.rebooted();
    refusing.disk.beforeOperation = ({ kind, path }) =>
      kind === 'read' && path.endsWith('.segment') ? { errno: 'EIO' } : undefined;
    const unseen = { id: 's', entries: 0, lost: [{ from: 1, to: null }] };
    expect((await refusing.salvage('/rescued')).sessions).toMatchObject([unseen]);
    const newer = start.rebooted();
    signLastBatch(newer, (frame) => ({ ...frame, type: 90 }));
    expect((await newer.salvage('/rescued')).sessions).toMatchObject([unseen]);
    const writer = start.segments()[0]?.split('/').at(-2) ?? '';
    start.disk.removePath(`${labRoot}/journals/${writer}`);
    expect((await start.salvage('/rescued')).sessions).toMatchObject([unseen]);
  });

  it('of a living writer what is durable, which needs none of its locks', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    await writer.append('s');
    await writer.append('s', 40, { durability: 'batched' });
    const { sessions } = await lab.salvage('/rescued');
    expect(sessions).toMatchObject([{ id: 's', entries: 1, lost: [] }]);
    await writer.append('s');
    // A quiet journal says how far it is durable.
    await lab.machine.pass(1000);
    expect((await lab.salvage('/later')).sessions).toMatchObject([{ id: 's', entries: 3 }]);
    await writer.close();
  });

  it('of a session that the medium does not give up, and gets the others out', async () => {
    const lab = await made('closed', ['a', 'b']);
    const path = historyOf('a');
    let reads = 0;
    lab.disk.beforeOperation = ({ kind, path: read, at }) => {
      if (kind !== 'read' || read !== path || (at ?? 0) < fileHeaderBytes) return undefined;
      reads += 1;
      return { errno: 'EIO' };
    };
    const { sessions, findings } = await lab.salvage('/rescued');
    expect(reads).toBeGreaterThan(0);
    expect(sessions).toMatchObject([
      { id: 'a', entries: 0, lost: [{ from: 1, to: null }] },
      { id: 'b', entries: 3, lost: [] },
    ]);
    expect(findings).toEqual([
      {
        code: 'UNREADABLE',
        severity: 'error',
        file: 'sessions/a/history',
        offset: null,
        session: 'a',
        message: expect.stringMatching(/^The machine refused: .*EIO/) as string,
      },
    ]);
    lab.disk.beforeOperation = ({ kind, path: read }) =>
      kind === 'open' && read === path ? { errno: 'EACCES' } : undefined;
    const other = await lab.salvage('/other').catch((error: unknown) => error);
    expect(other).toMatchObject({ sessions: [{ id: 'a' }, { id: 'b' }] });
  });

  it('of a session without a directory, whose entries only a journal holds', async () => {
    const lab = await made('killed', ['s', 'o']);
    const { incarnation } = headOf(lab.disk);
    lab.disk.removePath(`${labRoot}/sessions/s`);
    const { sessions } = await lab.salvage('/rescued');
    expect(sessions.map(({ id, entries, lost }) => ({ id, entries, lost }))).toEqual([
      { id: 'o', entries: 3, lost: [] },
      { id: 's', entries: 3, lost: [] },
    ]);
    const head = targetHead(lab);
    expect(head).toMatchObject({ incarnation, sessionId: 's', attached: null });
    // When it was made is not known; its first entry is what tells the most.
    const first = 'kind' in head ? 0 : head.createdMs;
    expect(first).toBeGreaterThan(0);
    expect((await lab.salvage('/one', 's')).sessions).toMatchObject([{ id: 's' }]);
    expect((await lab.salvage('/two', 'o')).sessions).toMatchObject([{ id: 'o' }]);
  });

  it('nothing of a session that was deleted', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o']);
    await writer.append('s');
    await writer.append('o');
    await writer.closeSession('s');
    lab.disk.beforeOperation = ({ kind, path }) => {
      if (kind === 'stat' && path === `${labRoot}/trash`) writer.kill();
    };
    const deleting = writer.store.deleteSession('s').catch(() => undefined);
    await lab.machine.pass(200);
    lab.release();
    await deleting;
    const after = lab.rebooted();
    expect((await after.salvage('/rescued')).sessions.map(({ id }) => id)).toEqual(['o']);
    await expect(after.salvage('/one', 's')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('what was accepted as lost apart from what is lost', async () => {
    const lab = await made('closed');
    const second = framesOf(lab.disk).filter(({ streamSeq }) => streamSeq === 2)[0];
    lab.flip(historyOf('s'), (second?.offset ?? 0) + 70);
    expect((await lab.salvage('/before')).sessions).toMatchObject([
      { entries: 2, messages: 2, lost: [{ from: 2, to: 2 }], accepted: [] },
    ]);
    await lab.acceptLoss('s');
    expect((await lab.salvage('/rescued')).sessions).toMatchObject([
      { entries: 2, messages: 2, lost: [], accepted: [{ from: 2, to: 2 }] },
    ]);
    changeHead(lab.disk, { attached: fromHex('ab'.repeat(16)) });
    expect((await lab.salvage('/again')).sessions).toMatchObject([{ entries: 2, lost: [] }]);
  });
});
