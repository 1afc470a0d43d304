/** `recover plan` and `recover apply` on a session of a store, and `recover verify --profile`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { engine } from '../../src/cli/library.ts';
import { Store } from '../../src/index.ts';
import type { NewMessage } from '../../src/index.ts';
import { runIn, worldOf } from '../helpers/cli.ts';
import type { Told } from '../helpers/cli.ts';

let root = '';
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'holdfast-repair-')), 'store');
});
afterEach(() => rmSync(join(root, '..'), { recursive: true }));

const recover = (...words: readonly string[]): Promise<Told> =>
  runIn(worldOf({ engine }), 'recover', ...words);

const say = (content: string): NewMessage => ({ role: 'user', content });
const asks = (id: string): NewMessage => ({
  role: 'assistant',
  id: `msg-${id}`,
  content: [{ type: 'tool_use', id, name: 'bash', input: { command: 'ls' } }],
});
const answers = (id: string): NewMessage => ({
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: id, content: 'a b' }],
});

async function conversation(...messages: readonly NewMessage[]): Promise<void> {
  await using store = await Store.open(root);
  await using session = await store.openSession('s1', { create: true });
  await session.appendAll(messages);
}

async function messagesNow(): Promise<readonly unknown[]> {
  await using store = await Store.open(root, { mode: 'read' });
  await using session = await store.openSession('s1');
  const found: unknown[] = [];
  for await (const { message } of session.messages()) found.push(message);
  return found;
}

describe('a session whose call was never answered', () => {
  const history = [say('List'), asks('a'), answers('a'), say('Again'), asks('b'), say('Well?')];

  test('verify tells it for a profile, plan shows the edit, apply appends a new end', async () => {
    await conversation(...history);
    expect(await recover('verify', root)).toMatchObject({ code: 0 });
    const told = await recover('verify', root, '--profile', 'anthropic');
    expect(told.code).toBe(10);
    expect(told.stdout).toContain('DANGLING_TOOL_CALL');

    const which = [root, '--session', 's1', '--profile', 'anthropic'] as const;
    const plan = await recover('plan', ...which, '--json');
    expect(plan.code).toBe(10);
    expect(JSON.parse(plan.stdout)).toMatchObject({ schema: 'holdfast.plan/1', session: 's1' });
    expect(await messagesNow()).toEqual(history);

    const applied = await recover('apply', ...which);
    expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining('--undo')]);
    const now = (await messagesNow()) as NewMessage[];
    // What stands in front of the edit is there as it was, with every field.
    expect(now.slice(0, 5)).toEqual(history.slice(0, 5));
    expect(JSON.stringify(now.slice(5))).toMatch(/"tool_use_id":"b".*may have run.*Well\?/);
    expect(await recover('verify', root, '--profile', 'anthropic')).toMatchObject({ code: 0 });
    const again = await recover('apply', ...which);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('nothing to do')]);
    expect(await messagesNow()).toEqual(now);
  });

  test('rewind --undo takes the repair back', async () => {
    await conversation(...history);
    await recover('apply', root, '--session', 's1', '--profile', 'anthropic');
    await runIn(worldOf({ engine }), 'rewind', 's1', root, '--undo');
    expect(await messagesNow()).toEqual(history);
  });

  test('a store needs --session, and a session is mended where it is', async () => {
    await conversation(...history);
    expect((await recover('plan', root)).stderr).toContain('--session ID is missing');
    const words = ['apply', root, '--session', 's1', '--to', join(root, '..', 'out')] as const;
    expect((await recover(...words)).stderr).toContain('a session is mended where it is');
    expect((await recover('plan', root, '--session', 'none')).code).toBe(66);
  });
});
