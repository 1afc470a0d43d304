/**
 * F31: the machine refuses for a reason that has nothing to do with the bytes (no descriptors, no
 * permission, a read-only disk, a path that somebody removed). It is told as such, nothing is changed
 * by it, and once the reason is gone everything goes on.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import type { OperationKind } from '../../src/platform/sim/faults.ts';
import { systemError } from '../../src/platform/system-error.ts';
import type { Message } from '../../src/session/message.ts';
import { Store } from '../../src/store/store.ts';
import { expectWhole } from '../helpers/every-change.ts';
import { RecoveryLab } from '../helpers/recovery-lab.ts';
import { collect, SimMachine, simRoot } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });

const changing: readonly OperationKind[] = [
  'create-directory',
  'create',
  'rename',
  'remove',
  'remove-directory',
  'write',
  'truncate',
];

/** What a dead writer left: one session to recover, one that is closed. */
async function left(): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s', 'closed']);
  await writer.append('closed');
  await writer.closeSession('closed');
  await writer.append('s');
  await writer.append('s');
  writer.kill();
  return lab.rebooted();
}

describe('F31 a machine that refuses', () => {
  it.each<[string, readonly OperationKind[]]>([
    ['EMFILE', ['open', 'create', 'lock', 'list']],
    ['EACCES', ['create', 'create-directory', 'rename']],
    ['EAGAIN', ['read']],
  ])(
    'F31 %s at any operation of opening: told as it is, and opened once it is gone',
    async (errno, kinds) => {
      const base = await left();
      for (const kind of kinds) {
        for (let number = 0; ; number += 1) {
          const lab = base.rebooted();
          const before = lab.content();
          let [seen, changes] = [0, 0];
          lab.disk.beforeOperation = (operation) => {
            if (operation.kind === kind) seen += 1;
            if (operation.kind === kind && seen === number + 1) return { errno };
            if (changing.includes(operation.kind)) changes += 1;
            return undefined;
          };
          const where = `${errno} at ${kind} ${number}`;
          try {
            const store = await lab.machine.open({}, 'opens');
            await lab.machine.run(store.openSession('s'));
          } catch (error) {
            expect(HoldfastError.is(error, 'IO'), `${where}: ${String(error)}`).toBe(true);
            expect((error as HoldfastError<'IO'>).details.errno, where).toBe(errno);
            if (changes === 0) expect(lab.content(), where).toEqual(before);
          }
          lab.release();
          lab.machine.kill('opens');
          await expectWhole(lab, where);
          if (seen <= number) break;
        }
      }
    },
  );

  it('F31 EROFS: writing refuses and changes nothing, reading a store at rest works', async () => {
    const lab = await left();
    const readOnly = (rested: RecoveryLab): void => {
      const denied: readonly OperationKind[] = [...changing, 'lock', 'sync-directory', 'sync'];
      rested.disk.beforeOperation = ({ kind }) =>
        denied.includes(kind) ? { errno: 'EROFS' } : undefined;
    };
    readOnly(lab);
    const before = lab.content();
    const opening = lab.machine.open({}, 'opens');
    await expect(opening).rejects.toMatchObject({ code: 'IO', details: { errno: 'EROFS' } });
    await expect(lab.recover()).rejects.toMatchObject({ code: 'IO' });
    expect((await lab.scan()).verdict).toBe('healable');
    expect(lab.content()).toEqual(before);
    lab.release();
    await lab.recover();
    readOnly(lab);
    const store = await lab.machine.open({ mode: 'read' }, 'reads');
    for (const [id, sent] of lab.sent) {
      const session = await lab.machine.run(store.openSession(id));
      const found = await lab.machine.run(collect(session.messages()));
      expect(found.map(({ message }) => message)).toEqual(sent);
    }
    await lab.machine.run(store.close());
  });

  it('F31 EMFILE while appends need a next segment: told, not poisoned, and gone on with', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    for (let made = 0; made < 2; made += 1) await writer.append('s', 3000);
    lab.disk.beforeOperation = ({ kind }) =>
      kind === 'create' || kind === 'open' ? { errno: 'EMFILE' } : undefined;
    let refused = 0;
    for (let made = 0; made < 6; made += 1) {
      const answer = await writer.append('s', 3000).catch((error: unknown) => error);
      if (answer === undefined) continue;
      refused += 1;
      expect(answer).toMatchObject({ code: 'IO', details: { errno: 'EMFILE' } });
    }
    expect(refused).toBeGreaterThan(3);
    lab.release();
    for (let made = 0; made < 4; made += 1) await writer.append('s', 3000);
    writer.kill();
    await expectWhole(lab.on(lab.disk.crash({ keep: 'none' })), 'after power loss');
  });

  // No sync was tried: the one of the next session writes all that this one should have.
  it('F31 EMFILE while the name of a session is to be synced: told, and gone on with', async () => {
    const machine = await SimMachine.start();
    const parts = machine.parts();
    let isFull = false;
    const fileSystem = new Proxy(parts.fileSystem, {
      get: (inner, name) => {
        const value: unknown = Reflect.get(inner, name);
        if (name !== 'syncDirectory') {
          return typeof value === 'function' ? (value.bind(inner) as unknown) : value;
        }
        return (path: string): Promise<void> => {
          const error = systemError('EMFILE', 'open', path);
          return isFull && path.endsWith('/sessions')
            ? Promise.reject(error)
            : inner.syncDirectory(path);
        };
      },
    });
    const store = await machine.openWith({ ...parts, fileSystem });
    isFull = true;
    const refused = machine.run(store.createSession({ id: 's' }));
    await expect(refused).rejects.toMatchObject({ code: 'IO', details: { errno: 'EMFILE' } });
    isFull = false;
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('kept')));
    const after = machine.crash(1);
    const again = await after.open({}, 'after');
    const reopened = await after.run(again.openSession('s'));
    expect(reopened.state.messages).toBe(1);
  });

  it.each([
    ['the segment in use', (lab: RecoveryLab) => lab.segment(1)],
    ['the journal', (lab: RecoveryLab) => dirname(lab.segment(1))],
    ['the whole store', () => simRoot],
  ])('F31 %s is removed underneath: nothing is acknowledged any more', async (_what, pathOf) => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    await writer.append('s');
    lab.disk.removePath(pathOf(lab));
    for (const text of ['one', 'two']) {
      const append = lab.machine.run(writer.session('s').append(say(text)));
      await expect(append).rejects.toMatchObject({ code: 'POISONED' });
    }
    const flush = lab.machine.run(writer.session('s').flush());
    await expect(flush).rejects.toMatchObject({ code: 'POISONED' });
  });

  it('F31 a session removed underneath: what is acknowledged meanwhile is kept aside', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    await writer.append('s');
    lab.disk.removePath(`${simRoot}/sessions/s`);
    await lab.machine.run(writer.session('s').append(say('kept somewhere')));
    await expect(writer.settle('s')).rejects.toMatchObject({ code: 'IO' });
    writer.kill();
    const { findings } = await lab.recover();
    expect(findings.map(({ code }) => code)).toContain('SET_ASIDE');
    const kept = lab.disk.paths().filter((path) => path.includes('/quarantine/'));
    const bytes = kept.map((path) => Buffer.from(lab.disk.readFile(path)).toString('latin1'));
    expect(bytes.join()).toContain('kept somewhere');
  });
});

describe('on a real machine', () => {
  let root = '';

  beforeEach(async () => {
    root = fs.mkdtempSync(join(tmpdir(), 'holdfast-refusals-'));
    const store = await Store.open(join(root, 'store'), { io: 'pool' });
    const session = await store.createSession({ id: 's' });
    await session.append(say('one'));
    await store.close();
  });

  afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

  /** Names and contents of all files; locks tell who held them last, and are left out. */
  const contents = (): unknown =>
    fs
      .readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => !/(LOCK|GATE)$/.test(name) && fs.statSync(join(root, name)).isFile())
      .sort()
      .map((name) => [name, fs.readFileSync(join(root, name), 'latin1')]);

  it.each([
    ['pool', 12],
    ['worker', 40],
  ])(
    'F31 EMFILE: a process without descriptors is refused, and opens once it has some (%s)',
    (io, tries) => {
      const before = contents();
      const program = `
      const fs = require('node:fs');
      (async () => {
        const { Store } = await import(process.argv[1]);
        const [root, io, tries] = process.argv.slice(2);
        // One life before, so that everything that is loaded late is there.
        await (await Store.open(root, { io })).close();
        const taken = [];
        try { for (;;) taken.push(fs.openSync('/dev/null')); } catch {}
        const told = [];
        for (let spare = 0; spare < Number(tries); spare += 1) {
          const error = await Store.open(root, { io }).then((store) => store.close(), (e) => e);
          told.push(error === undefined ? 'opened' : error.code + ' ' + error.details.errno);
          for (let count = 0; count < 2; count += 1) fs.closeSync(taken.pop());
        }
        process.stdout.write(JSON.stringify(told));
      })();`;
      const built = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
      const script = 'ulimit -n 256 && exec "$0" -e "$1" "$2" "$3" "$4" "$5"';
      const given = [process.execPath, program, built, join(root, 'store'), io, String(tries)];
      const output = execFileSync('sh', ['-c', script, ...given], { encoding: 'utf8' });
      const told = JSON.parse(output) as string[];
      expect(told[0]).toBe('IO EMFILE');
      expect(told.at(-1)).toBe('opened');
      expect(new Set(told)).toEqual(new Set(['IO EMFILE', 'opened']));
      // The journals of those that were refused half-way were removed by those that came later.
      expect(contents()).toEqual(before);
    },
  );

  it.skipIf(process.getuid?.() === 0)(
    'F31 EACCES: no permission is told, nothing changes',
    async () => {
      const sessions = join(root, 'store', 'sessions');
      const before = contents();
      fs.chmodSync(sessions, 0o000);
      try {
        const error = await Store.open(join(root, 'store'), { io: 'pool' }).catch(
          (e: unknown) => e,
        );
        expect(error).toMatchObject({ code: 'IO', details: { errno: 'EACCES' } });
      } finally {
        fs.chmodSync(sessions, 0o700);
      }
      expect(contents()).toEqual(before);
    },
  );

  it('F31 EROFS: a store on a read-only mount is read, and refused to writers', async (context) => {
    const mount = join(root, 'mount');
    fs.mkdirSync(mount);
    const bind = spawnSync('mount', ['--bind', join(root, 'store'), mount]);
    if (bind.status !== 0) return context.skip('mounting is not allowed here');
    try {
      const remount = spawnSync('mount', ['-o', 'remount,ro,bind', mount]);
      if (remount.status !== 0) return context.skip('mounting is not allowed here');
      const before = contents();
      const opening = Store.open(mount, { io: 'pool' });
      await expect(opening).rejects.toMatchObject({ code: 'IO', details: { errno: 'EROFS' } });
      const store = await Store.open(mount, { mode: 'read', io: 'pool' });
      const found = await collect((await store.openSession('s')).messages());
      expect(found.map(({ message }) => message.content)).toEqual(['one']);
      await store.close();
      expect(contents()).toEqual(before);
    } finally {
      spawnSync('umount', [mount]);
    }
  });
});
