/** `recover salvage` and `recover accept-loss` on damaged sessions of a simulated machine. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { SalvageReport } from '../../src/recovery/report.ts';
import { frameType } from '../../src/format/control.ts';
import { framesOf, historyOf } from '../helpers/base-lab.ts';
import { CliStore } from '../helpers/cli-store.ts';

let lab: CliStore;
beforeEach(async () => {
  lab = await CliStore.start();
  await lab.conversation('s1', ...Array.from({ length: 12 }, (_, at) => `text ${at + 1}`));
});

/** Rots a byte of the header of the last commit in the history: every entry can be read. */
function rotCommit(): void {
  const { disk } = lab.machine;
  const bytes = disk.readFile(historyOf('s1'));
  const commit = framesOf(disk, 's1').findLast(({ type }) => type === frameType.commit);
  const at = (commit?.offset ?? 0) + 9;
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  disk.writeFile(historyOf('s1'), bytes);
}

/** Rots the payload of the entry with this sequence. */
function rot(seq: number): void {
  const { disk } = lab.machine;
  const bytes = disk.readFile(historyOf('s1'));
  const at = (framesOf(disk, 's1')[seq - 1]?.offset ?? 0) + 66;
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  disk.writeFile(historyOf('s1'), bytes);
}

describe('recover salvage', () => {
  test('salvage lists losses that were accepted earlier, apart from those that nobody accepted', async () => {
    rot(10);
    await lab.run('recover', 'accept-loss', '--session', 's1', '--yes');
    const told = await lab.run('recover', 'salvage', '--to', '/rescued');
    expect(told.code).toBe(0);
    expect(told.stdout).toContain('1 session, 0 of them whole');
    expect(told.stdout).toContain(
      's1  11 messages, 11 entries; lost seq 10, accepted as lost earlier\n',
    );
    rot(3);
    const again = await lab.run('recover', 'salvage', '--to', '/again', '--json');
    expect(again.code).toBe(20);
    const report = JSON.parse(again.stdout) as SalvageReport;
    const lost = [{ from: 3, to: 3 }];
    expect(report.sessions).toMatchObject([{ id: 's1', lost, accepted: [{ from: 10, to: 10 }] }]);
  });
});

describe('recover accept-loss', () => {
  const accept = ['recover', 'accept-loss', '--session', 's1', '--yes'] as const;

  test('accept-loss promises LOSS_ACCEPTED for lost entries, and verify tells it', async () => {
    rot(10);
    const { code, stdout } = await lab.run(...accept);
    expect([code, stdout]).toEqual([0, expect.stringContaining('lost      seq 10\n')]);
    expect(stdout).toContain('recover verify /store tells it as LOSS_ACCEPTED\n');
    expect((await lab.run('recover', 'verify')).stdout).toContain('LOSS_ACCEPTED');
  });

  test('accept-loss promises no LOSS_ACCEPTED when the damage cost no entry', async () => {
    rotCommit();
    const { code, stdout } = await lab.run(...accept);
    expect([code, stdout]).toEqual([0, expect.stringContaining('lost      no entry\n')]);
    expect(stdout).toContain('No entry was lost: there is no loss for `recover verify` to tell');
    expect(stdout).not.toContain('LOSS_ACCEPTED');
    const verified = await lab.run('recover', 'verify');
    expect(verified.code).toBe(0);
    expect(verified.stdout).not.toContain('LOSS_ACCEPTED');
  });
});

test('accept-loss of a session that is not there names the command that lists sessions', async () => {
  const told = await lab.run('recover', 'accept-loss', '--session', 'zz');
  expect(told).toMatchObject({ code: 66, stdout: '' });
  expect(told.stderr).toContain('"zz"; `holdfast list` lists those that are there\n');
});

describe('a damaged session', () => {
  const refused = async (): Promise<string> => {
    const { stderr } = await lab.run('rewind', 's1', '--to-messages', '1');
    return stderr.split('\n')[0] ?? '';
  };

  test('is refused with what is lost, or that nothing is known to be lost', async () => {
    rotCommit();
    expect(await refused()).toBe(
      'holdfast: Cannot open session "s1": header damaged; no entry is known to be lost; get ' +
        'everything out with `recover salvage`, or let it open again with `recover accept-loss`',
    );
    rot(10);
    expect(await refused()).toBe(
      'holdfast: Cannot open session "s1": payload damaged; entry 10 was acknowledged and is gone; ' +
        'get everything else out with `recover salvage`, or go on without it with ' +
        '`recover accept-loss`',
    );
  });

  test('is refused with the grammar of many when many entries are lost', async () => {
    rot(11);
    rot(10);
    expect(await refused()).toMatch(/; entries 10 to 11 were .*, or go on without them with /);
  });
});
