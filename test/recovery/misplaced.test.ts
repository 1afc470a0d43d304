/** Lock files and directories of which something else stands in their place: a look names them. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitOfVerdict } from '../../src/cli/exit-codes.ts';
import { reportText } from '../../src/cli/report-text.ts';
import { storeSteps } from '../../src/cli/reports/store-steps.ts';
import { styleFor } from '../../src/cli/talk.ts';
import { HoldfastError } from '../../src/base/errors.ts';
import { sha256Hex } from '../../src/format/checksum.ts';
import { recover } from '../../src/recovery/recover.ts';
import { Store } from '../../src/store/store.ts';

let root = '';
beforeEach(async () => {
  root = join(fs.mkdtempSync(join(tmpdir(), 'holdfast-misplaced-')), 'store');
  const store = await Store.open(root, { io: 'pool' });
  const session = await store.createSession({ id: 'a' });
  await session.append({ role: 'user', content: 'hello' });
  await store.close();
});
afterEach(() => fs.rmSync(join(root, '..'), { recursive: true, force: true }));

/** The name of a journal that no writer has. */
const strange = 'ab'.repeat(16);

/** Puts another kind of thing at a path; a link leads to what stood there. */
function put(kind: string, path: string): void {
  const away = join(root, '..', 'away');
  fs.mkdirSync(join(path, '..'), { recursive: true });
  if (fs.existsSync(path)) fs.renameSync(path, away);
  if (kind === 'link') fs.symlinkSync(away, path);
  if (kind === 'directory') fs.mkdirSync(path);
  if (kind === 'fifo') execFileSync('mkfifo', [path]);
  if (kind === 'file') fs.writeFileSync(path, 'x');
  if (kind === 'nowhere') fs.symlinkSync('/nowhere/at/all', path);
}

/** Names and digests of all plain files but the gate, in which its last holder stands. */
function everything(directory: string): Readonly<Record<string, string>> {
  const names = fs.readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  const plain = names.filter((name) => {
    return name !== 'GATE' && fs.lstatSync(join(directory, name)).isFile();
  });
  return Object.fromEntries(
    plain.map((name) => [name, sha256Hex(fs.readFileSync(join(directory, name)))]),
  );
}

describe('recover', () => {
  it.each([
    ['sessions/a/LOCK', 'link', 'a link'],
    ['sessions/a/LOCK', 'fifo', 'a fifo, socket or device'],
    ['sessions/a/LOCK', 'directory', 'a directory'],
    ['GATE', 'link', 'a link'],
    ['GATE', 'fifo', 'a fifo, socket or device'],
    ['GATE', 'directory', 'a directory'],
    ['sessions', 'link', 'a link'],
    ['sessions', 'fifo', 'a fifo, socket or device'],
    ['sessions', 'file', 'a file'],
    ['journals', 'link', 'a link'],
    ['journals', 'nowhere', 'a link'],
    ['journals', 'fifo', 'a fifo, socket or device'],
    ['journals', 'file', 'a file'],
    [`journals/${strange}`, 'fifo', 'a fifo, socket or device'],
    [`journals/${strange}`, 'file', 'a file'],
    [`journals/${strange}/LOCK`, 'fifo', 'a fifo, socket or device'],
    [`journals/${strange}/LOCK`, 'nowhere', 'a link'],
    [`journals/${strange}/LOCK`, 'directory', 'a directory'],
  ])(
    'recover calls no store clean in which %s is a %s, and says what it shuts',
    async (file, kind, text) => {
      put(kind, join(root, file));
      const session = file.startsWith('sessions/') ? 'a' : null;
      for (const mode of ['scan', 'verify', 'run'] as const) {
        const report = await recover(root, { mode });
        expect(report.findings).toMatchObject([
          { code: 'STRAY_FILE', severity: 'error', file, session, message: expect.any(String) },
        ]);
        const whom = session === null ? 'store' : 'session';
        expect(report.findings[0]?.message).toContain(`${text} stands in its place`);
        expect(report.findings[0]?.message).toContain(`nobody can open this ${whom} for writing`);
        expect(report.changed).toBe(false);
        expect(exitOfVerdict(report.verdict)).toBe(20);
        const told = reportText(report, styleFor('plain'));
        expect(told).toContain('Next: put right what stands in the wrong place');
        expect(told).not.toMatch(/salvage|accept-loss/);
        expect(storeSteps(report)).toMatchObject([{ line: null }]);
      }
      const opening = (async () => {
        const store = await Store.open(root, { io: 'pool', lockWaitMs: 0 });
        try {
          await store.openSession('a');
        } finally {
          await store.close();
        }
      })();
      await expect(opening).rejects.toMatchObject({
        code: 'DAMAGED',
        message: expect.stringContaining(`${text} stands in its place`),
        details: { file: join(fs.realpathSync(root), file) },
      });
      expect(HoldfastError.is(await opening.catch((error: unknown) => error))).toBe(true);
    },
  );

  it.each(['fifo', 'file', 'nowhere'])(
    'recover says of a quarantine that is a %s what it costs, and the store opens',
    async (kind) => {
      put(kind, join(root, 'quarantine'));
      for (const mode of ['scan', 'verify', 'run'] as const) {
        const report = await recover(root, { mode });
        expect(report.findings).toMatchObject([
          { code: 'STRAY_FILE', severity: 'error', file: 'quarantine' },
        ]);
        expect(report.findings[0]?.message).toContain('no place for what it has to set aside');
        expect(exitOfVerdict(report.verdict)).toBe(20);
      }
      const store = await Store.open(root, { io: 'pool' });
      expect(store.recovery?.findings).toMatchObject([{ code: 'STRAY_FILE', file: 'quarantine' }]);
      await (await store.openSession('a')).append({ role: 'user', content: 'more' });
      await store.close();
    },
  );

  it('recover takes a quarantine that is a link to a directory', async () => {
    fs.mkdirSync(join(root, 'quarantine'));
    put('link', join(root, 'quarantine'));
    expect(await recover(root, { mode: 'run' })).toMatchObject({ verdict: 'clean', findings: [] });
  });

  it('recover leaves a journal as it is whose session cannot be locked', async () => {
    const store = await Store.open(root, { io: 'pool' });
    await (await store.openSession('a')).append({ role: 'user', content: 'more' });
    // Nobody holds the locks of a copy.
    const dead = join(root, '..', 'dead');
    fs.cpSync(root, dead, { recursive: true });
    await store.close();
    root = dead;
    put('fifo', join(root, 'sessions/a/LOCK'));
    const before = everything(root);
    const report = await recover(root, { mode: 'run' });
    expect(report).toMatchObject({ verdict: 'damaged', changed: false });
    expect(report.findings.map(({ code }) => code)).toContain('STRAY_FILE');
    expect(everything(root)).toEqual(before);
    fs.rmSync(join(root, 'sessions/a/LOCK'));
    expect((await recover(root, { mode: 'run' })).verdict).toBe('healed');
  });

  it('recover tells of half-made things with a lock file that is none, and goes on', async () => {
    const half = join(root, 'journals', `.new-${strange}`);
    fs.mkdirSync(join(half, 'LOCK'), { recursive: true });
    const report = await recover(root, { mode: 'run' });
    expect(report).toMatchObject({ verdict: 'clean' });
    expect(report.findings).toMatchObject([{ code: 'STRAY_FILE', severity: 'warning' }]);
  });

  it.each([
    ['fifo', 'a fifo, socket or device stands in its place'],
    ['link', 'a link stands in its place'],
  ])('recover says of a writers file that is a %s what it is', async (kind, words) => {
    put(kind, join(root, 'writers'));
    await expect(recover(root)).rejects.toThrow(words);
  });

  it('recover passes over a lock file that is not there, which is made again', async () => {
    fs.rmSync(join(root, 'GATE'));
    fs.rmSync(join(root, 'sessions', 'a', 'LOCK'));
    expect(await recover(root)).toMatchObject({ verdict: 'clean', findings: [] });
    await (await Store.open(root, { io: 'pool' })).close();
  });
});

describe('Store.open for reading', () => {
  it.each(['fifo', 'file'])('open refuses a store whose sessions are a %s', async (kind) => {
    const path = join(root, 'sessions');
    put(kind, path);
    await expect(Store.open(root, { mode: 'read' })).rejects.toMatchObject({
      code: 'DAMAGED',
      details: { file: join(fs.realpathSync(root), 'sessions') },
      cause: { code: 'ENOTDIR' },
    });
  });

  it('open takes a link to the directory of the sessions, and one that is not there yet', async () => {
    const path = join(root, 'sessions');
    put('link', path);
    const store = await Store.open(root, { mode: 'read' });
    expect((await store.openSession('a')).state.messages).toBe(1);
    await store.close();
    fs.rmSync(path);
    await (await Store.open(root, { mode: 'read' })).close();
  });
});
