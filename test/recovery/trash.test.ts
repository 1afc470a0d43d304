/** Garbage that the machine refuses to remove: the store opens, and the report says what stays. */
import { describe, expect, it } from 'vitest';
import { historyOf } from '../helpers/base-lab.ts';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';

const trash = `${labRoot}/trash`;
const sessions = `${labRoot}/sessions`;

/** A store with a killed writer of `a`, whose three entries are to be settled. */
async function killed(): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['a']);
  for (let made = 0; made < 3; made += 1) await writer.append('a');
  writer.kill();
  return lab.rebooted();
}

/** What goes or moves at such a path is refused, as of an immutable file. */
function keep(lab: RecoveryLab, isKept: (path: string) => boolean, verbs: string): void {
  lab.disk.beforeOperation = ({ kind, path }) =>
    verbs.split(' ').includes(kind) && isKept(path) ? { errno: 'EPERM' } : undefined;
}

const garbage = (file: unknown): object => ({
  code: 'STRAY_FILE',
  severity: 'warning',
  file,
  message: expect.stringContaining('could not be removed, and stays: ') as unknown,
});

async function expectOpen(lab: RecoveryLab, file: unknown): Promise<void> {
  const { findings } = await lab.recover();
  expect(findings).toContainEqual(expect.objectContaining(garbage(file)));
  expect(await lab.messages('a')).toEqual(lab.sent.get('a'));
}

describe('sweep', () => {
  it('leaves a file in the trash that cannot be removed, and says so', async () => {
    const lab = await killed();
    lab.disk.writeFile(`${trash}/s.0011/f`, new Uint8Array(3));
    keep(lab, (path) => path.startsWith(`${trash}/`) && path.endsWith('/f'), 'remove');
    await expectOpen(lab, expect.stringMatching(/^trash\/\.gone-/));
    await expectOpen(lab, expect.stringMatching(/^trash\/\.gone-/));
    lab.disk.beforeOperation = null;
    expect((await lab.recover()).findings).toEqual([]);
    expect(await lab.disk.fileSystem().list(trash)).toEqual([]);
  });

  it.each([trash, sessions])('removes nothing in %s that it could not move', async (at) => {
    // Its own move may not be durable: without its content, power loss would bring it back empty.
    const lab = await killed();
    const grave = at === trash ? `${at}/.gone-0011` : `${at}/.new-gone-0011`;
    lab.disk.writeFile(`${grave}/history`, new Uint8Array(3));
    keep(lab, (path) => path === grave, 'rename');
    await expectOpen(lab, grave.slice(labRoot.length + 1));
    expect(lab.disk.paths()).toContain(`${grave}/history`);
  });

  it('leaves a half-made session that cannot be removed', async () => {
    const lab = await killed();
    lab.disk.writeFile(`${sessions}/.new-aa/f`, new Uint8Array(3));
    keep(lab, (path) => path === `${sessions}/.new-aa/f`, 'remove');
    await expectOpen(lab, 'sessions/.new-aa');
    lab.disk.beforeOperation = ({ kind, path }) =>
      kind === 'lock' && path.startsWith(`${sessions}/.new-aa`) ? { errno: 'EPERM' } : undefined;
    await expectOpen(lab, 'sessions/.new-aa');
  });

  it('leaves the journal of a dead writer, which does not count any more', async () => {
    const lab = await killed();
    const [segment = ''] = lab.segments();
    keep(lab, (path) => path === segment, 'remove');
    const directory = segment.slice(labRoot.length + 1, segment.lastIndexOf('/'));
    await expectOpen(lab, directory);
    await expectOpen(lab, directory);
  });

  it('goes on beside a plain file in place of the trash, and sessions can be deleted', async () => {
    const lab = await killed();
    lab.disk.removePath(trash);
    lab.disk.writeFile(trash, new Uint8Array(3));
    await expectOpen(lab, 'trash');
    const store = await lab.machine.open({}, 'deleter');
    await lab.machine.run(store.deleteSession('a'));
    await lab.machine.run(store.close());
    expect(lab.disk.paths()).not.toContain(historyOf('a'));
    expect((await lab.recover()).sessions).toEqual([]);
  });

  it('fails where a sync fails, which a removal relies on', async () => {
    const lab = await killed();
    lab.disk.writeFile(`${trash}/s.0011/f`, new Uint8Array(3));
    lab.disk.beforeOperation = ({ kind, path }) =>
      kind === 'sync-directory' && path === trash ? { errno: 'EIO' } : undefined;
    await expect(lab.recover()).rejects.toMatchObject({ code: 'IO' });
    expect(lab.disk.paths().some((path) => path.endsWith('/f'))).toBe(true);
  });
});
