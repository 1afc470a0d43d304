/** What a report says of one session adds up: kept, lost, and nothing that is both. */
import { describe, expect, it } from 'vitest';
import { RecoveryLab } from '../helpers/recovery-lab.ts';

/** A killed writer with ten entries of `s`, of which these rotted. */
async function rotten(...seqs: readonly number[]): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s']);
  for (let made = 0; made < 10; made += 1) await writer.append('s');
  writer.kill();
  const after = lab.rebooted();
  // Before any of them rots: reading the frames ends at the first bad one.
  const places = seqs.map((seq) => after.entry(seq - 1));
  for (const { path, offset } of places) after.flip(path, offset + 70);
  return after;
}

describe('buildReport', () => {
  it('buildReport says whether histories were read, where unknown outcomes of old crashes stand', async () => {
    const lab = await RecoveryLab.start();
    const store = await lab.machine.open();
    const session = await lab.machine.run(store.openSession('s', { create: true }));
    await lab.machine.run(session.intend({ id: 'c', name: 'pay' }));
    lab.machine.kill();
    const after = lab.rebooted();
    const unknown = [{ callId: 'c', name: 'pay' }];
    const told = { historiesRead: false, sessions: [{ id: 's', unknownOutcomes: unknown }] };
    expect(await after.scan()).toMatchObject(told);
    expect(await after.recover()).toMatchObject(told);
    // It is healed; what the call did is still for somebody to see.
    expect(await after.scan()).toMatchObject({ ...told, verdict: 'clean' });
    expect(await after.recover()).toMatchObject({ ...told, changed: false });
    // Somebody opens it, who sees it as well, and does nothing: only the history tells from here on.
    const next = await after.machine.open();
    await after.machine.run(next.openSession('s'));
    await after.machine.run(next.close());
    expect(await after.scan()).toMatchObject({ historiesRead: false, verdict: 'clean' });
    const verified = await after.machine.recover({ mode: 'verify' });
    expect(verified).toMatchObject({ ...told, historiesRead: true });
  });

  it('buildReport tells kept entries in runs around the lost ones, looking and healing', async () => {
    const lab = await rotten(4, 5, 8);
    const told = {
      id: 's',
      kept: [
        { from: 1, to: 3 },
        { from: 6, to: 7 },
        { from: 9, to: 10 },
      ],
      lost: [
        { from: 4, to: 5 },
        { from: 8, to: 8 },
      ],
    };
    expect((await lab.scan()).sessions).toMatchObject([told]);
    expect((await lab.recover()).sessions).toMatchObject([told]);
    expect((await (await rotten()).scan()).sessions).toMatchObject([
      { kept: [{ from: 1, to: 10 }], lost: [] },
    ]);
  });
});
