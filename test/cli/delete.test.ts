/** `holdfast delete`, and small answers of other commands that must not be silent. */
import { beforeEach, describe, expect, test } from 'vitest';
import { runWith } from '../helpers/cli.ts';
import { CliStore } from '../helpers/cli-store.ts';
import { simRoot } from '../helpers/sim-store.ts';

let lab: CliStore;
beforeEach(async () => {
  lab = await CliStore.start();
  await lab.conversation('s1', 'one', 'two');
  await lab.conversation('s2', 'other');
});

describe('delete', () => {
  test('removes a session for ever with --yes, and no other one', async () => {
    const told = await lab.run('delete', 's1', '--yes');
    expect([told.code, told.stdout]).toEqual([0, expect.stringContaining('removed, 2 messages')]);
    expect((await lab.run('show', 's1')).code).toBe(66);
    expect((await lab.run('show', 's2')).code).toBe(0);
    expect((await lab.run('delete', 's1', '--yes')).code).toBe(66);
  });

  test('removes nothing without --yes, nor with --dry-run, and says what it would', async () => {
    const asked = await lab.run('delete', 's1');
    expect([asked.code, asked.stderr]).toEqual([64, expect.stringContaining('add --yes')]);
    const dry = await lab.run('delete', 's1', '--dry-run');
    expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining('would be removed')]);
    expect((await lab.run('show', 's1')).code).toBe(0);
  });

  test('refuses as locked while somebody has the session open for writing', async () => {
    const store = await lab.machine.open({}, 'agent');
    await lab.machine.run(store.openSession('s1'));
    const told = await lab.run('delete', 's1', '--yes');
    expect(told.code).toBe(30);
    await lab.machine.run(store.close());
    expect((await lab.run('show', 's1')).code).toBe(0);
  });
});

describe('show', () => {
  test('refuses a range that ends before it begins', async () => {
    const told = await lab.run('show', 's1', '--from', '7', '--to', '3');
    expect([told.code, told.stderr]).toEqual([64, expect.stringContaining('turn them around')]);
  });

  test('says of a call of a session without intents what recover says: it may have run', async () => {
    const store = await lab.machine.open({}, 'writer');
    const session = await lab.machine.run(store.openSession('s3', { create: true }));
    const use = { type: 'tool_use', id: 'c1', name: 'ls', input: {} };
    await lab.machine.run(session.appendAll([{ role: 'assistant', content: [use] }]));
    await lab.machine.run(store.close());
    expect((await lab.run('show', 's3')).stdout).toContain('open call ls (c1): may have run');
  });
});

describe('recover explain', () => {
  test('answers the codes that there are, and then tells the one that there is not', async () => {
    const told = await runWith({}, 'recover', 'explain', 'TORN_TAIL', 'TORN_TALE', 'NUL_RUN');
    expect(told.code).toBe(64);
    expect(told.stdout).toContain('TORN_TAIL (');
    expect(told.stdout).toContain('NUL_RUN (');
    expect(told.stderr).toContain('there is no code "TORN_TALE"; did you mean TORN_TAIL?');
  });
});

describe('recover report', () => {
  test('says whose rules it takes for a session when nobody chose', async () => {
    const words = ['recover', 'report', simRoot, '--session', 's1'];
    expect((await lab.run(...words)).stderr).toContain('the rules of generic');
    expect((await lab.run(...words, '--profile', 'gemini')).stderr).not.toContain('generic');
  });
});
