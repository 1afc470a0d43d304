/** Recovery where there is little room: what it asks for, and what it leaves when it finds none. */
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { historyOf } from '../helpers/base-lab.ts';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';

/** A killed writer with six long entries of each session. */
async function killed(): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['a', 'b']);
  for (let made = 0; made < 6; made += 1) {
    for (const id of ['a', 'b']) await writer.append(id, 20_000);
  }
  writer.kill();
  return lab.rebooted();
}

/** Lets so many bytes be free. */
async function leave(lab: RecoveryLab, freeBytes: number): Promise<void> {
  const most = 1024 ** 3;
  lab.disk.limitBytes(most);
  const { freeBytes: free } = await lab.disk.fileSystem().space(labRoot);
  lab.disk.limitBytes(most - free + freeBytes);
}

/** Everything that was acknowledged is there. */
async function expectWhole(lab: RecoveryLab): Promise<void> {
  lab.disk.limitBytes(1024 ** 3);
  for (const id of ['a', 'b']) expect(await lab.messages(id)).toEqual(lab.sent.get(id));
}

describe('recoverDead', () => {
  it('takes scratch behind a vouched end for room, and fits into it', async () => {
    const lab = await killed();
    const bare = (await lab.scan()).bytesNeeded;
    for (const id of ['a', 'b']) {
      // An earlier run wrote the entries, and was cut off before it vouched for them.
      const path = historyOf(id);
      const history = lab.disk.readFile(path);
      lab.disk.writeFile(path, Buffer.concat([history, new Uint8Array(100_000)]));
    }
    const { bytesNeeded } = await lab.scan();
    expect(bytesNeeded).toBe(bare - 200_000);
    await leave(lab, Math.ceil(bytesNeeded / 4096) * 4096);
    expect(await lab.recover()).toMatchObject({ verdict: 'healed' });
    await expectWhole(lab);
  });

  it('ends with FULL when room runs out in the middle, and succeeds later', async () => {
    const whole = await killed();
    let refused = 0;
    for (let skip = 0; ; skip += 1) {
      const lab = whole.rebooted();
      let writes = 0;
      lab.disk.beforeOperation = ({ kind }) => {
        if (kind !== 'write') return undefined;
        writes += 1;
        return writes > skip ? { errno: 'ENOSPC' } : undefined;
      };
      const error = await lab.recover().then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (error === null) break;
      refused += 1;
      expect(HoldfastError.is(error, 'FULL'), `write ${skip}`).toBe(true);
      const later = lab.rebooted();
      later.disk.beforeOperation = null;
      const { bytesNeeded } = await later.scan();
      expect(bytesNeeded).toBeLessThanOrEqual((await whole.scan()).bytesNeeded);
      expect(await later.recover()).toMatchObject({ changed: true });
      await expectWhole(later);
    }
    expect(refused).toBeGreaterThan(4);
  });

  it('is refused again and again on a full disk, and asks for no more each time', async () => {
    const lab = await killed();
    const { bytesNeeded } = await lab.scan();
    for (let free = 0; ; free += 4096) {
      await leave(lab, free);
      const error = await lab.recover().then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (error === null) break;
      expect(HoldfastError.is(error, 'FULL'), `${free}`).toBe(true);
      expect((await lab.scan()).bytesNeeded).toBeLessThanOrEqual(bytesNeeded);
      expect(free).toBeLessThan(bytesNeeded);
    }
    await expectWhole(lab);
  });

  it('empties the trash before it is refused for want of room', async () => {
    const lab = await killed();
    const { bytesNeeded } = await lab.scan();
    const grave = `${labRoot}/trash/gone.0011`;
    lab.disk.writeFile(`${grave}/history`, new Uint8Array(bytesNeeded));
    await leave(lab, 4096);
    expect(await lab.recover()).toMatchObject({ verdict: 'healed' });
    await expectWhole(lab);
  });
});
