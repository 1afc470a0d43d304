/** `recover salvage` and `recover accept-loss` on damaged sessions of a simulated machine. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { SalvageReport } from '../../src/recovery/report.ts';
import { framesOf, historyOf } from '../helpers/base-lab.ts';
import { CliStore } from '../helpers/cli-store.ts';

let lab: CliStore;
beforeEach(async () => {
  lab = await CliStore.start();
  await lab.conversation('s1', ...Array.from({ length: 12 }, (_, at) => `text ${at + 1}`));
});

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
    const [report] = await lab.json<SalvageReport>('recover', 'salvage', '--to', '/again');
    const lost = [{ from: 3, to: 3 }];
    expect(report?.sessions).toMatchObject([{ id: 's1', lost, accepted: [{ from: 10, to: 10 }] }]);
  });
});
