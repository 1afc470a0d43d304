/** A session whose head or history is gone can be made again from a journal, or got rid of. */
import { describe, expect, it } from 'vitest';
import { atEveryChange } from '../helpers/every-change.ts';
import { historyOf } from '../helpers/base-lab.ts';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';

type Harm = (lab: RecoveryLab) => void;
const harms: readonly (readonly [string, Harm])[] = [
  ['both blocks of its head are bad', (lab) => lab.zero(historyOf('s'), 0, 8192)],
  ['its history is cut to nothing', (lab) => lab.cut(historyOf('s'), 0)],
];

/** Two closed sessions, of which `s` lost its head. */
async function closed(harm: Harm): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s', 'o']);
  for (const id of ['s', 'o', 's']) await writer.append(id);
  await writer.close();
  harm(lab);
  return lab;
}

/** A killed writer whose journal holds all of `s`, or what came behind its first two entries. */
async function killed(harm: Harm, settled: 'nothing' | 'two'): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s', 'o']);
  for (const id of ['s', 'o', 's']) await writer.append(id);
  if (settled === 'two') await writer.reopen('s');
  for (const id of ['s', 'o', 's']) await writer.append(id);
  writer.kill();
  const dead = lab.rebooted();
  harm(dead);
  return dead;
}

describe.each(harms)('a session of which %s', (_title, harm) => {
  it('acceptLoss takes it away when nothing is left, says so first, and frees its id', async () => {
    const lab = await closed(harm);
    const before = lab.content();
    const lost = [{ from: 1, to: null }];
    const planned = await lab.acceptLoss('s', { dryRun: true });
    expect(planned.accepted).toMatchObject({ done: false, deleted: true, lost, kept: [] });
    const bytes = lab.disk.readFile(historyOf('s')).length;
    expect(planned.accepted.badBytes).toEqual([
      { file: 'sessions/s/history', offset: 0, bytes, reason: 'its head does not hold' },
    ]);
    expect(lab.content()).toEqual(before);
    const report = await lab.acceptLoss('s');
    expect(report).toMatchObject({ verdict: 'clean', changed: true });
    expect(report.accepted).toMatchObject({ done: true, deleted: true, lost, kept: [] });
    expect(lab.disk.paths().filter((path) => path.startsWith(`${labRoot}/sessions/s/`))).toEqual(
      [],
    );
    const aside = `${labRoot}/${report.accepted.setAside}`;
    expect(lab.disk.readFile(aside)).toEqual(
      Uint8Array.from(before.get(historyOf('s')) ?? '', (c) => c.charCodeAt(0)),
    );
    const next = await lab.writer('next', ['s', 'o']);
    await next.append('s');
    await next.close();
  });

  it('acceptLoss makes it again from what the journal has, with the rest accepted as lost', async () => {
    const lab = await killed(harm, 'two');
    const planned = await lab.acceptLoss('s', { dryRun: true });
    const told = { deleted: false, lost: [{ from: 1, to: 2 }], kept: [{ from: 3, to: 4 }] };
    expect(planned.accepted).toMatchObject({ ...told, done: false, messages: 2 });
    const { accepted, verdict } = await lab.acceptLoss('s');
    expect(accepted).toMatchObject({ ...told, done: true, entries: 2, messages: 2 });
    expect(verdict).toBe('clean');
    expect(await lab.messages('s')).toEqual(lab.sent.get('s')?.slice(2));
    expect(await lab.messages('o')).toEqual(lab.sent.get('o'));
    const verified = await lab.machine.recover({ mode: 'verify' });
    expect(verified.findings.map(({ code }) => code)).toEqual(['LOSS_ACCEPTED']);
  });

  it('F38 acceptLoss cut off at any change is done, or can be done again', async () => {
    for (const make of [() => closed(harm), () => killed(harm, 'nothing')]) {
      const base = await make();
      await atEveryChange(
        base,
        (lab) => lab.acceptLoss('s'),
        async (killedLab, count) => {
          const lab = killedLab.rebooted();
          await lab.acceptLoss('s').catch((error: unknown) => {
            expect(error, `after ${count}`).toMatchObject({ code: 'NOT_FOUND' });
          });
          const report = await lab.recover();
          expect(['clean', 'healed'], `after ${count}`).toContain(report.verdict);
          expect(await lab.messages('o'), `after ${count}`).toEqual(base.sent.get('o'));
        },
      );
    }
  });
});
