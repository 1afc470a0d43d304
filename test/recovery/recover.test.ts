/** The steps of recovery: when it looks again, what it does in which order, and what stays. */
import { describe, expect, it } from 'vitest';
import { streamFrameType } from '../../src/session/frame-types.ts';
import { layoutOf } from '../../src/recovery/layout.ts';
import { recoverWith } from '../../src/recovery/recover.ts';
import { decodeWriters, encodeWriters } from '../../src/recovery/store-files.ts';
import { changeHead, headOf, historyOf } from '../helpers/base-lab.ts';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';

const layout = layoutOf(labRoot);
const idIn = (path: string): string => path.split('/').at(-2) ?? '';

/** A killed writer with three entries of each of these. */
async function killed(ids: readonly string[] = ['s']): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ids);
  for (const id of ids) for (let made = 0; made < 3; made += 1) await writer.append(id);
  writer.kill();
  return lab.rebooted();
}

/** Kind and path of all that is done to the disk meanwhile. */
async function done(lab: RecoveryLab, body: () => Promise<unknown>): Promise<readonly string[]> {
  const all: string[] = [];
  lab.disk.beforeOperation = ({ kind, path }) => {
    all.push(`${kind} ${path.slice(labRoot.length)}`);
    return undefined;
  };
  await body();
  lab.disk.beforeOperation = null;
  return all;
}

const looksIn = (all: readonly string[]): number =>
  all.filter((one) => one === 'list /sessions').length;

describe('looking at a store', () => {
  it('is done twice when what looks damaged is in use, and once else', async () => {
    const lab = await killed();
    expect(looksIn(await done(lab, () => lab.scan()))).toBe(1);
    lab.flip(lab.entry(0).path, lab.entry(0).offset + 70);
    expect(looksIn(await done(lab, () => lab.scan()))).toBe(1);
    const writer = await lab.writer('living', ['o']);
    lab.zero(historyOf('o'), 0, 8192);
    expect(looksIn(await done(lab, () => lab.scan()))).toBe(2);
    writer.kill();
    const parts = lab.machine.parts('look');
    const locks = { ...parts.locks, probe: () => 'unknown' as const, owner: () => null };
    const scan = (): Promise<unknown> =>
      lab.machine.run(recoverWith({ ...parts, locks }, labRoot, { mode: 'scan' }));
    expect(looksIn(await done(lab, scan))).toBe(2);
  });

  it('reads a dead journal once before a run settles what is in it', async () => {
    const lab = await killed();
    const all = await done(lab, () => lab.recover());
    const before = all.slice(
      0,
      all.findIndex((one) => /^(write|truncate) \/sessions/u.test(one)),
    );
    expect(before.filter((one) => one.startsWith('list /journals/'))).toHaveLength(1);
  });

  it('is done five times when something is removed under it, and fails then', async () => {
    const lab = await killed();
    const failing = (errno: string, times: number): (() => number) => {
      let count = 0;
      lab.disk.beforeOperation = ({ kind, path }) => {
        if (kind !== 'list' || path !== layout.sessions) return undefined;
        count += 1;
        return count <= times ? { errno } : undefined;
      };
      return () => count;
    };
    const gone = failing('ENOENT', 9);
    await expect(lab.scan()).rejects.toMatchObject({ code: 'IO', details: { errno: 'ENOENT' } });
    expect(gone()).toBe(5);
    const back = failing('ENOENT', 4);
    expect(await lab.scan()).toMatchObject({ verdict: 'healable' });
    expect(back()).toBe(5);
    const refused = failing('EIO', 9);
    await expect(lab.scan()).rejects.toMatchObject({
      code: 'IO',
      message: `Cannot recover the store: the machine answered EIO for "${layout.sessions}"`,
    });
    expect(refused()).toBe(1);
  });

  it('refuses a directory that is not there, and what is no path', async () => {
    const lab = await killed();
    const parts = lab.machine.parts('look');
    await expect(recoverWith(parts, '/none')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'Cannot find a store at "/none": there is no such directory; check the path',
    });
    await expect(recoverWith(parts, '')).rejects.toMatchObject({
      code: 'INVALID',
      message: 'Cannot recover the store: "root" must be the path of a file or directory, not ""',
    });
  });
});

describe('recovery', () => {
  it('says how much room it lacks, and changes nothing', async () => {
    const lab = await killed();
    const before = lab.content();
    const { bytesNeeded } = await lab.scan();
    lab.disk.limitBytes(1);
    const { freeBytes } = await lab.disk.fileSystem().space(labRoot);
    await expect(lab.recover()).rejects.toMatchObject({
      code: 'FULL',
      message:
        `Cannot recover: it needs ${bytesNeeded} bytes and ${freeBytes} are free; ` +
        'no session was changed, free some space and run it again',
    });
    expect(lab.content()).toEqual(before);
  });

  it('stops in front of a journal that cannot be read, and says which', async () => {
    const lab = await killed();
    const before = lab.content();
    const [path = ''] = lab.segments();
    lab.disk.beforeOperation = ({ kind, path: at }) =>
      kind === 'open' && at === path ? { errno: 'EIO' } : undefined;
    await expect(lab.recover()).rejects.toMatchObject({
      code: 'IO',
      message: `Cannot read a journal: the machine answered EIO for "${path}"`,
      details: { errno: 'EIO', path },
    });
    lab.disk.beforeOperation = null;
    expect(lab.content()).toEqual(before);
  });

  it('relies on names only once they are durable, and lets the writer leave then', async () => {
    const lab = await killed();
    const id = idIn(lab.segments()[0] ?? '');
    lab.disk.makeDirectory(layout.trash);
    const all = await done(lab, () => lab.recover());
    const leaves = all.indexOf('rename /writers.new');
    const settled = all.lastIndexOf('write /sessions/s/history');
    const durable = all.indexOf('sync-directory /sessions', settled);
    const buried = all.indexOf('sync-directory /trash', settled);
    const removed = all.indexOf(`remove /journals/${id}/0000000001.segment`);
    expect(settled).toBeGreaterThan(0);
    expect(durable).toBeGreaterThan(settled);
    expect(buried).toBeGreaterThan(durable);
    expect(leaves).toBeGreaterThan(buried);
    expect(removed).toBeGreaterThan(leaves);
    expect(decodeWriters(lab.disk.readFile(layout.writersFile))).toEqual([]);
  });

  it('does nothing to a store without work, not even to its small files', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    await writer.append('s');
    await writer.close();
    const all = await done(lab, () => lab.recover());
    expect(all.filter((one) => /^(write|rename|remove|create) /.test(one))).toEqual([]);
  });

  it('writes the list of writers again before it removes what that does not name', async () => {
    const lab = await killed([]);
    await lab.recover();
    const leftover = `${layout.journals}/${'ab'.repeat(16)}`;
    lab.disk.writeFile(`${leftover}/LOCK`, new Uint8Array(0));
    const all = await done(lab, () => lab.recover());
    const written = all.indexOf('rename /writers.new');
    expect(written).toBeGreaterThan(0);
    expect(all.indexOf(`remove ${leftover.slice(labRoot.length)}/LOCK`)).toBeGreaterThan(written);
    expect(await lab.disk.fileSystem().stat(leftover)).toBeNull();
  });

  it('leaves a living writer in the list, with its journal and the sessions that it makes', async () => {
    const lab = await killed(['s']);
    const dead = idIn(lab.segments()[0] ?? '');
    const alive = new RecoveryLab(lab.machine, lab.sent);
    const writers = decodeWriters(lab.disk.readFile(layout.writersFile)) ?? [];
    expect(writers).toEqual([dead]);
    const other = '01'.repeat(16);
    const lock = `${layout.journals}/${other}/LOCK`;
    lab.disk.writeFile(lock, new Uint8Array(0));
    lab.disk.locks('other').tryLock(lock);
    lab.disk.writeFile(layout.writersFile, encodeWriters([dead, other]));
    const report = await alive.recover();
    expect(report.writers).toMatchObject([
      { writer: other, state: 'live', verdict: 'live' },
      { writer: dead, state: 'dead', verdict: 'unclean' },
    ]);
    expect(decodeWriters(lab.disk.readFile(layout.writersFile))).toEqual([other]);
    expect(await lab.disk.fileSystem().stat(lock)).not.toBeNull();
    expect(await lab.disk.fileSystem().stat(`${layout.journals}/${dead}`)).toBeNull();
  });

  it('reads no journal of a living writer, which a look does', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('living', ['s']);
    await writer.append('s');
    const segment = `open ${(lab.segments()[0] ?? '').slice(labRoot.length)}`;
    expect(await done(lab, () => lab.recover())).not.toContain(segment);
    expect(await done(lab, () => lab.scan())).toContain(segment);
    await writer.close();
  });

  it('tells of each session that it has settled', async () => {
    const lab = await killed(['a', 'b']);
    const told: object[] = [];
    await lab.recover({ onProgress: (progress) => void told.push(progress) });
    const settled = told.filter((one) => (one as { what: string }).what.startsWith('session '));
    expect(settled).toEqual(
      ['a', 'b'].map((id) => ({ what: `session ${id}`, done: 1, total: null })),
    );
    expect(told).toContainEqual({ what: 'sessions', done: 2, total: 2 });
  });

  it('keeps of a torn journal the tail, and of a forked one every segment', async () => {
    const lab = await killed();
    const last = lab.entry(-1);
    const end = lab.segmentEnd(1);
    lab.flip(last.path, last.offset + 70);
    const tail = lab.disk.readFile(last.path).subarray(last.offset, end);
    const forked = lab.rebooted();
    await lab.recover();
    const kept = (one: RecoveryLab): readonly string[] =>
      one.disk.paths().filter((path) => path.startsWith(`${layout.quarantine}/`));
    expect(kept(lab)).toHaveLength(1);
    expect(lab.disk.readFile(kept(lab)[0] ?? '')).toEqual(tail);

    const { vouched } = headOf(forked.disk);
    changeHead(forked.disk, { vouched: { ...vouched, chain: 99n } });
    const whole = forked.disk.readFile(last.path);
    await forked.recover();
    const name = `${layout.quarantine}/${idIn(last.path)}/0000000001.segment`;
    expect(kept(forked)).toEqual([name]);
    expect(forked.disk.readFile(name)).toEqual(whole);
  });

  it('marks the sessions of a journal that is gone, and no others', async () => {
    const lab = await killed(['a', 'b']);
    const id = idIn(lab.segments()[0] ?? '');
    changeHead(lab.disk, { attached: null }, 'b');
    lab.disk.removePath(`${layout.journals}/${id}`);
    const report = await lab.recover();
    expect(report.writers).toMatchObject([{ writer: id, state: 'missing', segments: 0 }]);
    expect(headOf(lab.disk, 'a').damage).toMatchObject({ from: 1, to: null });
    expect(headOf(lab.disk, 'b').damage).toBeNull();
    expect(decodeWriters(lab.disk.readFile(layout.writersFile))).toEqual([]);
  });

  it('leaves what is half-made while its maker lives, in either directory', async () => {
    const lab = await killed();
    const paths = [layout.journals, layout.sessions].map((parent) => `${parent}/.new-ab`);
    for (const path of paths) lab.disk.makeDirectory(path);
    const locks = paths.map((path) => lab.disk.locks('maker').tryLock(`${path}/LOCK`));
    lab.disk.writeFile(`${layout.sessions}/.newer/notes`, new Uint8Array(1));
    await lab.recover();
    for (const path of paths) expect(await lab.disk.fileSystem().stat(path)).not.toBeNull();
    for (const lock of locks) lock?.release();
    await lab.recover();
    for (const path of paths) expect(await lab.disk.fileSystem().stat(path)).toBeNull();
    expect(lab.disk.paths()).toContain(`${layout.sessions}/.newer/notes`);
  });

  it('writes a loss into the head that came between two runs of it', async () => {
    const lab = await killed();
    // The first run settles everything and fails in front of the one write that counts.
    lab.disk.beforeOperation = ({ kind, path }) =>
      kind === 'create' && path === `${layout.writersFile}.new` ? { errno: 'EIO' } : undefined;
    await expect(lab.recover()).rejects.toMatchObject({ code: 'IO' });
    lab.disk.beforeOperation = null;
    const before = headOf(lab.disk);
    expect(before).toMatchObject({ damage: null, vouched: { seq: 3 } });
    lab.zero(lab.segment(1), 0, 8192);
    const report = await lab.recover();
    expect(report.sessions).toMatchObject([{ id: 's', lost: [{ from: 4, to: null }] }]);
    const after = headOf(lab.disk);
    expect(after.damage).toMatchObject({ from: 4, to: null });
    expect(after.vouched).toEqual(before.vouched);
  });

  it('moves a deleted session out of sight under the name of its life', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o']);
    await writer.append('s');
    await writer.append('o');
    await writer.closeSession('s');
    lab.disk.beforeOperation = ({ kind, path }) => {
      if (kind === 'stat' && path === layout.trash) writer.kill();
    };
    const deleting = writer.store.deleteSession('s').catch(() => undefined);
    await lab.machine.pass(200);
    lab.release();
    await deleting;
    const after = lab.rebooted();
    const types = after.segments().flatMap((path) => after.frames(path).map(({ type }) => type));
    expect(types).toContain(streamFrameType.delete);
    const { incarnation } = headOf(after.disk);
    const all = await done(after, () => after.recover());
    const name = `/trash/s.${Buffer.from(incarnation).toString('hex')}`;
    const moved = all.indexOf('rename /sessions/s');
    expect(moved).toBeGreaterThan(0);
    expect(all.indexOf('sync-directory /sessions', moved)).toBeGreaterThan(moved);
    expect(all.indexOf('sync-directory /trash', moved)).toBeGreaterThan(moved);
    expect(all).toContain(`rename ${name}`);
    expect(after.disk.paths().some((path) => path.includes('/s/'))).toBe(false);
    expect((await after.scan()).sessions.map(({ id }) => id)).toEqual(['o']);
  });
});
