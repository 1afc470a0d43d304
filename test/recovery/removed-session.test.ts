/**
 * Somebody takes the directory of a session away while a journal holds acknowledged entries of it.
 * They go to quarantine, and whoever looks, or lets recovery run, hears that this is damage.
 */
import { describe, expect, it } from 'vitest';
import { exitOfVerdict } from '../../src/cli/exit-codes.ts';
import { reportText } from '../../src/cli/report-text.ts';
import { storeSteps } from '../../src/cli/reports/store-steps.ts';
import { styleFor } from '../../src/cli/talk.ts';
import { historyOf } from '../helpers/base-lab.ts';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';

const plain = styleFor('plain');

/** A killed writer with entries of `s` and `o` in its journal. */
async function killed(): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s', 'o']);
  for (const id of ['s', 'o', 's']) await writer.append(id);
  writer.kill();
  return lab.rebooted();
}

describe('a session whose directory somebody removed', () => {
  it('makes the store damaged, in a scan and in the run that sets its entries aside', async () => {
    const lab = await killed();
    lab.disk.removePath(`${labRoot}/sessions/s`);
    const scan = await lab.scan();
    expect(exitOfVerdict(scan.verdict)).toBe(20);
    const looked = reportText(scan, plain);
    expect(looked).toContain('some entries are in no session any more');
    expect(looked).toContain('`recover salvage /store --to NEWDIR` gets out the entries');
    expect(looked).not.toContain('accept-loss');
    expect(storeSteps(scan).map(({ line }) => line)).toEqual([
      'recover salvage /store --to NEWDIR',
      'recover run /store',
    ]);
    const run = await lab.recover();
    expect(exitOfVerdict(run.verdict)).toBe(20);
    expect(run).toMatchObject({ changed: true, sessions: [{ id: 'o', verdict: 'healed' }] });
    expect(reportText(run, plain)).toContain('stand in quarantine/ now');
    expect(reportText(run, plain)).not.toContain('nothing has to be done');
    expect(await lab.messages('o')).toEqual(lab.sent.get('o'));
    // Told once: nothing of it is left to do in the store.
    expect((await lab.scan()).verdict).toBe('clean');
  });

  it('is told by opening the store, which opens', async () => {
    const lab = await killed();
    lab.disk.removePath(`${labRoot}/sessions/s`);
    const store = await lab.machine.open({}, 'next');
    expect(store.recovery?.verdict).toBe('damaged');
    await lab.machine.run(store.openSession('o'));
  });

  it('is told by accepting the loss of another one, which recovers first', async () => {
    const lab = await killed();
    lab.disk.removePath(`${labRoot}/sessions/s`);
    lab.zero(historyOf('o'), 0, 8192);
    const report = await lab.acceptLoss('o');
    expect(report).toMatchObject({ verdict: 'damaged', accepted: { session: 'o', done: true } });
    expect(report.findings).toMatchObject([{ code: 'SET_ASIDE', session: 's' }]);
    expect((await lab.scan()).verdict).toBe('clean');
  });

  it('is no damage when it was deleted, or closed, before', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o', 'closed']);
    for (const id of ['s', 'o', 's', 'closed']) await writer.append(id);
    await writer.closeSession('s');
    await lab.machine.run(writer.store.deleteSession('s'));
    await writer.closeSession('closed');
    writer.kill();
    const dead = lab.rebooted();
    dead.disk.removePath(`${labRoot}/sessions/closed`);
    expect((await dead.scan()).verdict).toBe('healable');
    expect((await dead.recover()).verdict).toBe('healed');
    expect((await dead.machine.recover({ mode: 'verify' })).verdict).toBe('clean');
  });
});
