/** What `salvage` refuses, and that nothing is left behind when it refuses or fails. */
import { describe, expect, it } from 'vitest';
import { salvageWith } from '../../src/recovery/salvage.ts';
import { eventFrameType } from '../../src/session/frame-types.ts';
import { framesOf, historyOf } from '../helpers/base-lab.ts';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';

async function labWith(...ids: readonly string[]): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ids);
  for (const id of ids) await writer.append(id);
  await writer.close();
  return lab;
}

function below(lab: RecoveryLab, directory: string): readonly string[] {
  return lab.disk.paths().filter((path) => `${path}/`.startsWith(`${directory}/`));
}

describe('salvage', () => {
  it('salvage makes no target for a session that is not there', async () => {
    const lab = await labWith('s');
    const refused = lab.salvage('/rescued', 'nosuch');
    await expect(refused).rejects.toMatchObject({
      code: 'NOT_FOUND',
      details: { what: 'nosuch' },
      message: expect.stringContaining('recover scan'),
    });
    expect(below(lab, '/rescued')).toEqual([]);
    expect((await lab.salvage('/rescued', 's')).sessions).toMatchObject([{ id: 's', lost: [] }]);
  });

  it('salvage makes no target when there is no store', async () => {
    const lab = await labWith('s');
    const parts = lab.machine.parts('salvage');
    await parts.fileSystem.createDirectory('/other');
    for (const root of ['/other', '/nowhere']) {
      const refused = lab.machine.run(salvageWith(parts, root, { to: '/rescued' }));
      await expect(refused).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(below(lab, '/rescued')).toEqual([]);
  });

  it('salvage takes away what it made when it fails in the middle, and can be run again', async () => {
    const lab = await labWith('a', 'b');
    const parts = lab.machine.parts('salvage');
    const stop = new AbortController();
    const options = {
      to: '/rescued',
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    };
    const aborted = lab.machine.run(salvageWith(parts, labRoot, options));
    await expect(aborted).rejects.toThrow('enough');
    expect(below(lab, '/rescued')).toEqual([]);
    // A directory that was there before stays, empty.
    await parts.fileSystem.createDirectory('/given');
    const again = lab.machine.run(salvageWith(parts, labRoot, { ...options, to: '/given' }));
    await expect(again).rejects.toThrow('enough');
    expect(await parts.fileSystem.list('/given')).toEqual([]);
    expect((await lab.salvage('/given')).sessions).toHaveLength(2);
  });

  it('salvage lists a restore point whose bytes are damaged, as verify of the target does', async () => {
    const lab = await labWith('s');
    const writer = await lab.writer('again', ['s']);
    const { id } = await lab.machine.run(writer.session('s').snapshots.take({ action: 'x' }));
    await writer.append('s');
    await writer.close();
    const frames = framesOf(lab.disk).filter(({ type }) => type === eventFrameType.snapshot);
    lab.flip(historyOf('s'), (frames[0]?.offset ?? 0) + 70);
    const { sessions } = await lab.salvage('/rescued');
    expect(sessions).toMatchObject([{ id: 's', messages: 2, lost: [{ from: id, to: id }] }]);
    const verified = await lab.machine.recover({ mode: 'verify' });
    const told = verified.findings.filter(({ severity }) => severity === 'warning');
    expect(told.map(({ message }) => message).join()).not.toContain('older one serves');
  });
});
