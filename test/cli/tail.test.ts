/** `tail` while somebody else writes, on a simulated machine. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Entry } from '../../src/session/event.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import { CliStore, say } from '../helpers/cli-store.ts';

let lab: CliStore;
let store: Store;
let session: Session;
beforeEach(async () => {
  lab = await CliStore.start();
  store = await lab.machine.open({}, 'agent');
  session = await lab.machine.run(store.createSession({ id: 's1' }));
  await lab.machine.run(
    session.appendAll(Array.from({ length: 12 }, (_, at) => say(`m${at + 1}`))),
  );
  await lab.machine.pass(100);
});

function seqsOf(jsonLines: string): number[] {
  const lines = jsonLines.split('\n').filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as Entry).seq);
}

describe('tail', () => {
  test('tail shows the last ten entries, or as many as it is asked for', async () => {
    const { code, stdout, stderr } = await lab.run('tail', 's1');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.match(/^#\d+/gm)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((n) => `#${n}`));
    expect(stdout.startsWith('#3 user  2026-01-01 00:00:00Z\n  m3\n\n#4 user')).toBe(true);
    expect(seqsOf((await lab.run('tail', 's1', '-n', '2', '--json')).stdout)).toEqual([11, 12]);
    expect((await lab.run('tail', 's1', '--last', '0')).stdout).toBe('');
    expect((await lab.run('tail', 's1', '-n', '-2')).code).toBe(64);
    expect((await lab.run('tail', 'nobody', '-f')).code).toBe(66);
  });

  test('tail -f goes on with what another process writes, until Ctrl-C', async () => {
    const watch = lab.start('tail', 's1', '-f', '-n', '1', '--json');
    await lab.machine.pass(300);
    expect(seqsOf(watch.world.stdout.text)).toEqual([12]);
    await lab.machine.run(session.append(say('new')));
    await lab.machine.pass(300);
    await lab.machine.run(session.rewind({ to: { messages: 3 } }));
    await lab.machine.run(store.close());
    await lab.conversation('s1', 'from another process');
    await lab.machine.pass(1500);
    watch.interrupt();
    const { code, stdout, stderr } = await lab.machine.run(watch.told);
    expect([code, stderr]).toEqual([130, '']);
    expect(seqsOf(stdout)).toEqual([12, 13, 14, 15]);
    const cuts = stdout.trim().split('\n');
    expect(cuts.map((line) => (JSON.parse(line) as { cut: boolean }).cut)).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });

  test('tail -f says that the session was deleted, and ends with 0', async () => {
    const watch = lab.start('tail', 's1', '-f', '-n', '1');
    await lab.machine.pass(300);
    await lab.machine.run(session.close());
    await lab.machine.run(store.deleteSession('s1'));
    await lab.machine.pass(1500);
    const told = await lab.machine.run(watch.told);
    expect(told).toMatchObject({ code: 0, stderr: 'Session s1 was deleted\n' });
    expect(told.stdout.match(/^#\d+/gm)).toEqual(['#12']);
  });

  test('tail -f ends when nobody reads it any more', async () => {
    const watch = lab.start('tail', 's1', '-f');
    await lab.machine.pass(300);
    watch.world.stdout.close();
    await lab.machine.run(session.append(say('to nobody')));
    await lab.machine.pass(500);
    expect(await lab.machine.run(watch.told)).toMatchObject({ code: 0, stderr: '' });
  });

  test('tail -f ends when nobody reads it any more, also when no entry comes', async () => {
    const watch = lab.start('tail', 's1', '-f');
    await lab.machine.pass(300);
    watch.world.stdout.close();
    expect(await lab.machine.run(watch.told)).toMatchObject({ code: 0, stderr: '' });
  });
});
