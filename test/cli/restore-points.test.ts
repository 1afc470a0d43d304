/** `snapshots`, `snapshot take|label|cleanup` and `rewind` on real sessions of a simulated machine. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { SnapshotSummary } from '../../src/session/state.ts';
import { eventFrameType } from '../../src/session/frame-types.ts';
import { framesOf, historyOf } from '../helpers/base-lab.ts';
import { CliStore } from '../helpers/cli-store.ts';

let lab: CliStore;
beforeEach(async () => {
  lab = await CliStore.start();
  await lab.conversation('s1', 'one', 'two', 'three', 'four');
});

async function take(...more: readonly string[]): Promise<SnapshotSummary> {
  const [taken] = await lab.json<SnapshotSummary>('snapshot', 'take', 's1', ...more);
  if (taken === undefined) throw new Error('nothing was told');
  return taken;
}

async function contents(...more: readonly string[]): Promise<string[]> {
  const { stdout } = await lab.run('export', 's1', ...more);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as { content: string }).content);
}

describe('snapshots', () => {
  test('snapshots lists what snapshot take took, for people and for programs', async () => {
    expect(await lab.run('snapshots', 's1')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No snapshots yet\n',
    });
    const first = await take('--action', 'before the change');
    expect(first).toMatchObject({ schema: 'holdfast.snapshot/1', session: 's1', id: 5 });
    const second = await take('--action', 'tests\u001b[2J pass', '--label', 'green');
    expect(await lab.json('snapshots', 's1')).toEqual([first, second]);
    const { code, stdout, stderr } = await lab.run('snapshots', 's1');
    expect([code, stderr]).toEqual([0, '2 snapshots\n']);
    const rows = stdout.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, '<the time of taking it>');
    expect(rows.replaceAll('<the time of taking it>', '2026-01-01 00:00:00Z')).toBe(
      [
        'SNAPSHOT  MESSAGES  TIME                  TRIGGER        ACTION',
        '       5         4  2026-01-01 00:00:00Z  -              before the change',
        '       6         4  2026-01-01 00:00:00Z  -              [green] tests\\x1b[2J pass',
        '',
      ].join('\n'),
    );
    const told = await lab.run('snapshot', 'take', 's1', '--action', 'x');
    expect(told.stdout).toBe('Snapshot 7 of s1: 4 messages\n');
  });

  test('snapshots reports a damaged one, in front of a base or behind it, and lists the others', async () => {
    const first = await take('--action', 'first');
    const frames = framesOf(lab.machine.disk, 's1');
    const firstAt = frames.find(({ type }) => type === eventFrameType.snapshot)?.offset ?? 0;
    const rot = (at: number): void => {
      const path = historyOf('s1');
      const bytes = lab.machine.disk.readFile(path);
      bytes[at + 70] = (bytes[at + 70] ?? 0) ^ 0x10;
      lab.machine.disk.writeFile(path, bytes);
    };
    rot(firstAt);
    const alone = await lab.run('snapshots', 's1');
    expect(alone).toMatchObject({ code: 20, stderr: '1 snapshot damaged; no other one is left\n' });
    expect(alone.stdout).toMatch(/^ +5 {2}damaged/);
    const second = await take('--action', 'second');
    const both = await lab.run('snapshots', 's1');
    expect(both).toMatchObject({
      code: 20,
      stderr: '1 snapshot damaged; 1 snapshot can be used\n',
    });
    expect(both.stdout).toContain('second');
    const { code, stdout } = await lab.run('snapshots', 's1', '--json');
    expect(code).toBe(20);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      second,
      { schema: 'holdfast.snapshot/1', session: 's1', id: first.id, damaged: true },
    ]);
  });

  test('snapshots marks those on a branch that was left', async () => {
    await take('--action', 'four');
    await lab.run('rewind', 's1', '--to-messages', '2');
    await take('--action', 'two');
    const told = await lab.run('snapshots', 's1');
    expect(told.stdout).toMatch(/ 5 {9}4 .* \(left\) four\n/);
    expect(told.stdout).toMatch(/ 7 {9}2 .*- {14}two\n/);
    expect(told.stderr).toBe('2 snapshots, 1 on a branch that was left\n');
    const listed = await lab.json<SnapshotSummary>('snapshots', 's1');
    expect(listed.map(({ onBranch }) => onBranch)).toEqual([false, true]);
  });

  test('snapshot label names one and takes the name away, and cleanup spares what has one', async () => {
    for (const action of ['a', 'b', 'c']) await take('--action', action);
    const labelled = await lab.json('snapshot', 'label', 's1', '--snapshot', '5', '--label', 'L');
    const schema = 'holdfast.snapshot-label/1';
    expect(labelled).toEqual([{ schema, session: 's1', snapshot: 5, label: 'L' }]);
    const cleaned = await lab.json('snapshot', 'cleanup', 's1', '--keep', '1');
    expect(cleaned).toEqual([
      { schema: 'holdfast.snapshot-cleanup/1', session: 's1', removed: [6], left: 2 },
    ]);
    const listed = await lab.json<SnapshotSummary>('snapshots', 's1');
    expect(listed.map(({ id, label }) => [id, label])).toEqual([
      [5, 'L'],
      [7, null],
    ]);
    const removed = await lab.run('snapshot', 'label', 's1', '--snapshot', '5', '--remove');
    expect(removed.stdout).toBe('Snapshot 5 of s1 has no label\n');
    const told = await lab.run('snapshot', 'cleanup', 's1', '--keep', '0');
    expect(told.stdout).toBe('2 snapshots off the list, 0 left\n');
    // By its id it is still there.
    expect((await lab.run('rewind', 's1', '--to-snapshot', '6')).code).toBe(0);
  });

  test('snapshot and rewind refuse what is not there, and make no store', async () => {
    const before = lab.machine.disk.paths('directory');
    const take = ['snapshot', 'take', 's1', '--action', 'x'];
    expect((await lab.run(...take, '/elsewhere')).code).toBe(66);
    expect((await lab.run('snapshot', 'take', 'nobody', '--action', 'x')).code).toBe(66);
    expect((await lab.run('snapshots', 'nobody')).code).toBe(66);
    expect((await lab.run('rewind', 's1', '--to-snapshot', '3')).code).toBe(66);
    expect((await lab.run('rewind', 's1', '--undo')).code).toBe(66);
    expect((await lab.run('rewind', 's1', '--to-messages', '5')).code).toBe(64);
    const label = ['snapshot', 'label', 's1', '--snapshot', '5'];
    expect((await lab.run(...label, '--label', 'x')).code).toBe(66);
    for (const words of [
      label,
      [...label, '--label', 'x', '--remove'],
      ['snapshot', 'take', 's1'],
      ['snapshot', 'cleanup', 's1', '--keep', '51'],
      ['rewind', 's1'],
      ['rewind', 's1', '--undo', '--to-messages', '1'],
      ['rewind', 's1', '--to-snapshot', '0'],
      ['rewind', 's1', '--to-messages', '-1'],
    ]) {
      expect((await lab.run(...words)).code, words.join(' ')).toBe(64);
    }
    expect(lab.machine.disk.paths('directory')).toEqual(before);
    expect(await contents()).toHaveLength(4);
  });

  test('snapshot take and rewind meet the lock of who has the session; looking does not', async () => {
    const store = await lab.machine.open({}, 'agent');
    await lab.machine.run(store.openSession('s1'));
    const taken = await lab.run('snapshot', 'take', 's1', '--action', 'x');
    expect(taken).toMatchObject({ code: 30, stderr: expect.stringContaining('process') });
    expect((await lab.run('rewind', 's1', '--to-messages', '1')).code).toBe(30);
    expect((await lab.run('rewind', 's1', '--to-messages', '1', '--dry-run')).code).toBe(0);
    expect((await lab.run('snapshots', 's1')).code).toBe(0);
  });
});

describe('rewind', () => {
  test('rewind --dry-run says what would happen and changes nothing', async () => {
    const told = await lab.run('rewind', 's1', '--to-messages', '3', '--dry-run');
    expect(told).toEqual({
      code: 0,
      stdout: [
        's1 would stand at 3 messages, 4 before',
        '    stays   up to seq 3',
        '    cut     seq 4; nothing is erased: `holdfast show s1` has it',
        '    now     nothing was changed; without --dry-run it is done',
        '',
      ].join('\n'),
      stderr: '',
    });
    const [asJson] = await lab.json('rewind', 's1', '--to-messages', '0', '--dry-run');
    expect(asJson).toEqual({
      schema: 'holdfast.rewind/1',
      session: 's1',
      dryRun: true,
      to: 0,
      messagesBefore: 4,
      messagesAfter: 0,
      movedBy: 0,
      cut: { from: 1, to: 4 },
      seq: null,
    });
    const whole = await lab.run('rewind', 's1', '--to-messages', '4', '--dry-run');
    expect(whole.stdout).toContain('cut     nothing');
    expect(await contents()).toEqual(['one', 'two', 'three', 'four']);
  });

  test('rewind says what is not there in the words of the command line', async () => {
    const said = async (...words: readonly string[]) => {
      const { code, stderr } = await lab.run('rewind', 's1', ...words);
      return [code, stderr.split('\n')[0]];
    };
    expect(await said('--to-messages', '9')).toEqual([
      64,
      'holdfast rewind: --to-messages is 9, and s1 has 4 messages: give 0 to 4 ' +
        '(see holdfast rewind --help)',
    ]);
    const list = '`holdfast snapshots s1` lists those that are there';
    expect(await said('--to-snapshot', '9')).toEqual([
      66,
      `holdfast: There is no snapshot 9 of session s1; ${list}`,
    ]);
    expect(await said('--undo')).toEqual([
      66,
      'holdfast: There is no rewind of session s1 to take back',
    ]);
    const none = await lab.run('show', 'none');
    expect([none.code, none.stderr]).toEqual([
      66,
      expect.stringContaining('no session "none"; `holdfast list /store` names those'),
    ]);
  });

  test('rewind cuts, and --undo brings it back; the store is named where it was named', async () => {
    const { id } = await take('--action', 'four');
    const told = await lab.run('rewind', 's1', '/store', '--to-messages', '1');
    expect(told.stdout).toContain('s1 stands at 1 message, 4 before');
    expect(told.stdout).toContain('seq 2 to 6; nothing is erased');
    expect(told.stdout).toContain('undo    `holdfast rewind s1 /store --undo`');
    expect(await contents()).toEqual(['one']);
    expect(await contents('--all')).toEqual(['one', 'two', 'three', 'four']);
    expect((await lab.run('rewind', 's1', '--undo')).code).toBe(0);
    expect(await contents()).toEqual(['one', 'two', 'three', 'four']);
    await lab.run('rewind', 's1', '--to-messages', '2');
    const back = await lab.json('rewind', 's1', '--to-snapshot', String(id));
    expect(back).toMatchObject([{ dryRun: false, messagesBefore: 2, messagesAfter: 4 }]);
    expect(await contents()).toEqual(['one', 'two', 'three', 'four']);
  });

  test('rewind says when it had to go back further, because of a call', async () => {
    const store = await lab.machine.open({}, 'agent');
    const session = await lab.machine.run(store.openSession('s1'));
    const call = { type: 'tool_use', id: 'c1', name: 'read', input: {} };
    const result = { type: 'tool_result', tool_use_id: 'c1', content: 'x' };
    await lab.machine.run(session.append({ role: 'assistant', content: [call] }));
    await lab.machine.run(session.append({ role: 'user', content: [result] }));
    await lab.machine.run(store.close());
    const told = await lab.run('rewind', 's1', '--to-messages', '5', '--dry-run');
    expect(told.stdout).toContain('would stand at 4 messages, 6 before');
    expect(told.stdout).toContain(
      'moved   back by 1 message: a call must not stand without its result',
    );
  });
});

test('snapshot label and rewind name the command that lists the snapshots that are there', async () => {
  const label = ['snapshot', 'label', 's1', '--snapshot', '99', '--label', 'L'];
  for (const words of [label, ['rewind', 's1', '--to-snapshot', '99']]) {
    const { code, stderr } = await lab.run(...words);
    expect(code).toBe(66);
    expect(stderr).toContain(
      'There is no snapshot 99 of session s1; `holdfast snapshots s1` lists',
    );
    expect(stderr).not.toContain('session.snapshots');
  }
});
