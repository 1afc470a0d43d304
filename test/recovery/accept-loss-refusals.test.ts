/** What `acceptLoss` refuses, in which words, and what it does when only the head tells of a loss. */
import { beforeEach, describe, expect, it } from 'vitest';
import { fromHex } from '../../src/format/bytes.ts';
import { acceptLossWith } from '../../src/recovery/accept-loss.ts';
import { changeHead, framesOf, headOf, historyOf } from '../helpers/base-lab.ts';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';

const history = historyOf('s');
let lab: RecoveryLab;

/** A closed store with three entries of `s`. */
beforeEach(async () => {
  lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s']);
  for (let made = 0; made < 3; made += 1) await writer.append('s');
  await writer.close();
});

describe('acceptLoss', () => {
  it.each([{ dryRun: true }, {}])(
    'acceptLoss names a session that is not there (%j)',
    async (how) => {
      const before = lab.content();
      await expect(lab.acceptLoss('nosuch', how)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'Cannot find session "nosuch"; `holdfast list` lists those that are there',
        details: { what: 'nosuch' },
      });
      expect(lab.content()).toEqual(before);
    },
  );

  it('acceptLoss refuses a name that no session has', async () => {
    await expect(lab.acceptLoss('../s')).rejects.toMatchObject({
      code: 'INVALID',
      message:
        'Cannot use the session id "../s": a session id has 1 to 128 letters, digits, "_" or "-"',
      details: { path: 'session' },
    });
    lab.disk.writeFile(`${labRoot}/sessions/file`, new Uint8Array(1));
    await expect(lab.acceptLoss('file')).rejects.toMatchObject({
      code: 'INVALID',
      message:
        `Cannot use session "file": "${labRoot}/sessions/file" is a file and no directory, so it ` +
        'is no session; move it out of the store, or choose another id',
      details: { path: `${labRoot}/sessions/file` },
    });
  });

  it('acceptLoss refuses a directory that is not there, and one that is no store', async () => {
    const at = (root: string): Promise<unknown> =>
      lab.machine.run(acceptLossWith(lab.machine.parts('accept'), root, { session: 's' }));
    await expect(at('/none')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'Cannot find a store at "/none": there is no such directory; check the path',
      details: { what: '/none' },
    });
    lab.disk.makeDirectory('/empty');
    await expect(at('/empty')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'Cannot find a store at "/empty": there is no store.json; check the path',
      details: { what: '/empty' },
    });
    expect(await lab.disk.fileSystem().list('/empty')).toEqual([]);
    await expect(at('')).rejects.toMatchObject({ code: 'INVALID', details: { path: 'root' } });
    lab.disk.removePath(`${labRoot}/store.json`);
    await expect(at(labRoot)).rejects.toMatchObject({
      code: 'DAMAGED',
      message:
        `Cannot use the store: "${labRoot}/store.json" is missing beside data; ` +
        'put it back, or get the sessions out with `recover salvage`',
      details: { sessions: [], file: `${labRoot}/store.json`, offset: null },
    });
  });

  it.each([{ dryRun: true }, {}])(
    'acceptLoss leaves what a newer version wrote (%j)',
    async (how) => {
      lab.makeNewer(history);
      const before = lab.content();
      await expect(lab.acceptLoss('s', how)).rejects.toMatchObject({
        code: 'NEWER_FORMAT',
        message: 'Cannot accept a loss of session "s": a newer version wrote it; upgrade Holdfast',
        details: { found: 'newer', supported: '1.x' },
      });
      expect(lab.content()).toEqual(before);
    },
  );

  it('acceptLoss tells what the machine refuses', async () => {
    lab.disk.beforeOperation = ({ kind, path }) =>
      kind === 'open' && path === history ? { errno: 'EIO' } : undefined;
    await expect(lab.acceptLoss('s')).rejects.toMatchObject({
      code: 'IO',
      message: `Cannot read the session: the machine answered EIO for "${history}"`,
      details: { errno: 'EIO', path: history },
    });
  });

  it('acceptLoss waits for the lock of the session no longer than it is told', async () => {
    const lock = lab.disk.locks('other').tryLock(`${labRoot}/sessions/s/LOCK`);
    await expect(lab.acceptLoss('s', { lockWaitMs: 0 })).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringMatching(/^Cannot lock session s: /),
    });
    // A look needs no lock.
    const dry = await lab.acceptLoss('s', { dryRun: true, lockWaitMs: 0 });
    expect(dry).toMatchObject({ changed: false, accepted: { lost: [] } });
    lock?.release();
    expect(await lab.acceptLoss('s', { lockWaitMs: 0 })).toMatchObject({ changed: false });
  });

  it('acceptLoss gives up nothing that the journal of a living writer may hold', async () => {
    const writer = await lab.writer('living', ['o']);
    await writer.append('o');
    const id = lab.segments()[0]?.split('/').at(-2) ?? '';
    changeHead(lab.disk, { attached: fromHex(id), damage: damageAt(2, 2) });
    await expect(lab.acceptLoss('s')).rejects.toMatchObject({
      code: 'NEEDS_RECOVERY',
      message:
        `Cannot accept a loss of session "s": the journal of writer ${id} holds its newest ` +
        'entries and was not recovered; run `recover scan`',
      details: { writer: id },
    });
    // A writer that no longer counts has left nothing behind.
    changeHead(lab.disk, { attached: fromHex('ab'.repeat(16)) });
    expect(await lab.acceptLoss('s')).toMatchObject({ changed: true });
    await writer.close();
  });
});

const damageAt = (from: number, to: number | null) => ({
  from,
  to,
  writer: new Uint8Array(16).fill(7),
});

describe('a loss of which only the head tells', () => {
  it('is accepted in the head of the same file, with a frame for what lies behind the end', async () => {
    const before = headOf(lab.disk);
    const bytes = lab.disk.readFile(history);
    changeHead(lab.disk, { damage: damageAt(4, 6) });
    const damaged = lab.disk.readFile(history);
    const { accepted, changed } = await lab.acceptLoss('s');
    expect(changed).toBe(true);
    expect(accepted).toMatchObject({
      lost: [{ from: 4, to: 6 }],
      kept: [{ from: 1, to: 3 }],
      badBytes: [],
      done: true,
      setAside: 'quarantine/sessions/s.history.1',
    });
    expect(lab.disk.readFile(`${labRoot}/quarantine/sessions/s.history.1`)).toEqual(damaged);
    const after = headOf(lab.disk);
    expect(after).toMatchObject({ damage: null, salt: before.salt, generation: 1 });
    expect(after.vouched.seq).toBe(6);
    const { endOffset } = before.vouched;
    const now = lab.disk.readFile(history);
    expect(now.subarray(8192, endOffset)).toEqual(bytes.subarray(8192, endOffset));
    expect(framesOf(lab.disk).some(({ offset }) => offset >= endOffset)).toBe(true);
    expect(await lab.messages('s')).toEqual(lab.sent.get('s'));
  });

  it.each([
    ['whose end nobody knows', null],
    ['within the history', 3],
  ])('adds no frame for one %s', async (_what, to) => {
    const { vouched } = headOf(lab.disk);
    changeHead(lab.disk, { damage: damageAt(3, to) });
    const { accepted } = await lab.acceptLoss('s');
    expect(accepted.done).toBe(true);
    expect(headOf(lab.disk)).toMatchObject({ damage: null, vouched });
  });

  it('is nothing to accept when there is none', async () => {
    const before = lab.content();
    const { accepted, changed } = await lab.acceptLoss('s');
    expect({ changed, ...accepted }).toMatchObject({ changed: false, done: false, setAside: null });
    expect(lab.content()).toEqual(before);
  });
});

describe('a history that is not there', () => {
  it('is told so, has nothing to set aside, and leaves its id free', async () => {
    lab.disk.removePath(history);
    const reason = 'the history is not there';
    const told = {
      session: 's',
      lost: [{ from: 1, to: null }],
      kept: [],
      entries: 0,
      messages: 0,
      badBytes: [{ file: 'sessions/s/history', offset: 0, bytes: null, reason }],
      deleted: true,
      setAside: null,
    };
    const planned = await lab.acceptLoss('s', { dryRun: true });
    expect(planned.accepted).toEqual({ ...told, done: false });
    expect((await lab.acceptLoss('s')).accepted).toEqual({ ...told, done: true });
    expect(lab.disk.paths('directory')).not.toContain(`${labRoot}/sessions/s`);
    expect(lab.disk.paths('directory')).not.toContain(`${labRoot}/quarantine/sessions`);
  });
});

describe('a history that is written anew', () => {
  it('is the next generation under a new salt, over what a crash left aside', async () => {
    const before = headOf(lab.disk);
    const second = framesOf(lab.disk).filter(({ streamSeq }) => streamSeq === 2)[0];
    lab.flip(history, (second?.offset ?? 0) + 70);
    lab.disk.writeFile(`${history}.new`, new Uint8Array(100_000).fill(7));
    changeHead(lab.disk, { damage: damageAt(5, 7) });
    const { accepted } = await lab.acceptLoss('s');
    expect(accepted).toMatchObject({ done: true, setAside: 'quarantine/sessions/s.history.1' });
    const after = headOf(lab.disk);
    expect(after).toMatchObject({ generation: 2, number: 3, messages: 2, damage: null });
    expect(after.incarnation).toEqual(before.incarnation);
    expect(after.salt).not.toBe(before.salt);
    expect(after.vouched.seq).toBe(7);
    expect(lab.disk.paths().filter((path) => path.endsWith('.new'))).toEqual([]);
    const [first, , third] = lab.sent.get('s') ?? [];
    expect(await lab.messages('s')).toEqual([first, third]);
  });
});
