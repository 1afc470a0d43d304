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

/** Puts another kind of thing at a path; a link leads to what stood there. */
function put(kind: string, path: string): void {
  const away = join(root, '..', 'away');
  fs.renameSync(path, away);
  if (kind === 'link') fs.symlinkSync(away, path);
  if (kind === 'directory') fs.mkdirSync(path);
  if (kind === 'fifo') execFileSync('mkfifo', [path]);
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
    ['journals', 'link', 'a link'],
  ])(
    'recover calls no store clean in which %s is a %s, and says what it shuts',
    async (file, kind, text) => {
      put(kind, join(root, file));
      const session = file.startsWith('sessions/') ? 'a' : null;
      for (const mode of ['scan', 'verify'] as const) {
        const report = await recover(root, { mode });
        expect(report.findings).toMatchObject([
          { code: 'STRAY_FILE', severity: 'error', file, session, message: expect.any(String) },
        ]);
        const whom = session === null ? 'store' : 'session';
        expect(report.findings[0]?.message).toContain(`${text} stands in its place`);
        expect(report.findings[0]?.message).toContain(`nobody can open this ${whom} for writing`);
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
      await expect(opening).rejects.toBeInstanceOf(HoldfastError);
    },
  );

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
    if (kind === 'file') fs.writeFileSync(path, 'x');
    await expect(Store.open(root, { mode: 'read' })).rejects.toMatchObject({
      code: 'IO',
      details: { errno: 'ENOTDIR' },
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
