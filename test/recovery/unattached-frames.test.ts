/**
 * An older copy of a history is put back by hand while a dead journal holds acknowledged entries
 * behind it. The head of the copy names nobody, so nothing is replayed; what the journal holds may be
 * the only copy there is. It is told and set aside, never removed in silence.
 */
import { describe, expect, it } from 'vitest';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';

const history = `${labRoot}/sessions/s/history`;

/** A session closed behind its first message, opened again, and killed behind more of them. */
async function killed(end: 'killed' | 'closed' = 'killed'): Promise<{
  readonly lab: RecoveryLab;
  readonly early: Uint8Array;
}> {
  const lab = await RecoveryLab.start();
  const first = await lab.writer('first', ['s', 'o']);
  await first.append('s');
  await first.close();
  const early = lab.disk.readFile(history);
  const second = await lab.writer('second', ['s', 'o']);
  await second.append('s');
  await second.append('o');
  await second.append('s');
  if (end === 'closed') await second.closeSession('s');
  second.kill();
  return { lab, early };
}

/** What the quarantine holds after recovery, and what recovery told of it, in a scan as well. */
async function expectSetAside(lab: RecoveryLab, entries: string, when: string): Promise<void> {
  const segment = lab.disk.readFile(lab.segment(1));
  const set = {
    code: 'SET_ASIDE',
    severity: 'error',
    session: 's',
    message:
      `Entries ${entries} of session s are not in its history, which is an older or another one; ` +
      'recovery sets them aside',
  };
  for (const report of [await lab.scan(), await lab.recover()]) {
    expect(
      report.findings.filter(({ code }) => code === 'SET_ASIDE'),
      when,
    ).toMatchObject([set]);
    expect(report.verdict, when).toBe('damaged');
  }
  const kept = lab.segments().filter((path) => path.includes('/quarantine/'));
  expect(kept.map((path) => lab.disk.readFile(path))).toEqual([segment]);
  expect(await lab.messages('o')).toEqual(lab.sent.get('o'));
  expect((await lab.machine.recover({ mode: 'verify' })).verdict, when).toBe('clean');
}

describe('F19 F41 an older or another history under a dead journal', () => {
  it('entries that its head knows nothing of are told and set aside', async () => {
    const { lab, early } = await killed();
    const whole = lab.rebooted();
    expect((await whole.recover()).findings.map(({ code }) => code)).not.toContain('SET_ASIDE');
    expect(await whole.messages('s')).toEqual(lab.sent.get('s'));
    lab.disk.writeFile(history, early);
    await expectSetAside(lab, '2 to 3', 'killed');
    expect(await lab.messages('s')).toEqual(lab.sent.get('s')?.slice(0, 1));
  });

  it('entries of a session that was closed in that journal are told as well', async () => {
    const { lab, early } = await killed('closed');
    expect((await lab.rebooted().recover()).findings.map(({ code }) => code)).not.toContain(
      'SET_ASIDE',
    );
    lab.disk.writeFile(history, early);
    await expectSetAside(lab, '2 to 3', 'closed');
  });

  it('a history that went another way with as many entries does not hide them', async () => {
    const { lab, early } = await killed();
    const other = lab.rebooted();
    other.disk.writeFile(history, early);
    await other.recover();
    const writer = await other.writer('other', ['s']);
    for (let count = 0; count < 2; count += 1) await writer.append('s', 300);
    await writer.close();
    lab.disk.writeFile(history, other.disk.readFile(history));
    await expectSetAside(lab, '2 to 3', 'another branch');
  });

  it('a session that was deleted, or deleted and made anew, has none', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o']);
    await writer.append('s');
    await writer.append('o');
    await writer.closeSession('s');
    await lab.machine.run(writer.store.deleteSession('s'));
    const session = await lab.machine.run(writer.store.createSession({ id: 's' }));
    await lab.machine.run(session.append({ role: 'user', content: 'another life' }));
    writer.kill();
    const report = await lab.recover();
    expect(report.findings.map(({ code }) => code)).toEqual(['UNCLEAN_STOP']);
  });
});
