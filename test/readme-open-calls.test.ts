/**
 * The loop of the README that settles open calls, taken out of it and run: after a crash at every
 * change of the disk, in the life of a call and in the loop itself, the conversation goes on.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { crashTest } from '../src/simulation/crash-test.ts';
import { SimMachine } from '../src/simulation/sim-machine.ts';
import type { OpenCall } from '../src/session/facts.ts';
import type { Session } from '../src/store/api.ts';
import { validate } from '../src/store/validate.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

type Settle = (session: Session) => Promise<void>;

/** The function as it stands in the README. */
async function settleOfReadme(): Promise<Settle> {
  const code = /async function settleOpenCalls[\s\S]*?\n}\n/.exec(readme)?.[0] ?? '';
  const url = `data:text/javascript,${encodeURIComponent(`export ${code}`)}`;
  const { settleOpenCalls } = (await import(/* @vite-ignore */ url)) as { settleOpenCalls: Settle };
  return settleOpenCalls;
}

async function opened(machine: SimMachine): Promise<Session> {
  const store = await machine.openStore('/agent', { checkpoints: false });
  return machine.run(() => store.openSession('s', { create: true }));
}

const use = (id: string) => ({ type: 'tool_use', id, name: 'bash', input: {} }) as const;

/** One call that was not begun, one without an outcome, and one whose result is missing. */
async function threeCalls(machine: SimMachine): Promise<Session> {
  const session = await opened(machine);
  await machine.run(async () => {
    await session.append({ role: 'user', content: 'Go' });
    await session.append({ role: 'assistant', content: [use('a'), use('b'), use('c')] });
    await session.intend({ id: 'b', name: 'bash' });
    await session.intend({ id: 'c', name: 'bash' });
    await session.intend({ id: 'alone', name: 'clock' });
    await session.complete('c', { status: 'ok', detail: '3 passed' });
  });
  return session;
}

const progressOf = (calls: readonly OpenCall[]) => calls.map((one) => [one.callId, one.progress]);

async function lastMessage(session: Session): Promise<unknown> {
  for await (const { message } of session.messages({ reverse: true, limit: 1 })) return message;
  return null;
}

const answered = (unknown: string) => [
  { tool_use_id: 'a', content: 'It was not run', is_error: true },
  { tool_use_id: 'b', content: unknown, is_error: true },
  { tool_use_id: 'c', content: '3 passed', is_error: false },
];

describe('README, open calls', () => {
  test('settleOpenCalls settles every progress that there is', async () => {
    const settle = await settleOfReadme();
    const machine = await SimMachine.create();
    const alive = await threeCalls(machine);
    await machine.run(() => alive.close());
    machine.kill();
    const closed = await opened(machine);
    const all = [
      ['a', 'not-started'],
      ['b', 'started'],
      ['c', 'finished'],
      ['alone', 'started'],
    ];
    expect(progressOf(closed.state.openCalls)).toEqual(all);
    const killed = await SimMachine.create();
    await threeCalls(killed);
    killed.kill();
    const after = await opened(killed);
    const unknown = all.map(([id, how]) => [id, how === 'started' ? 'unknown-outcome' : how]);
    expect(progressOf(after.state.openCalls)).toEqual(unknown);
    for (const [on, session] of [[machine, closed] as const, [killed, after] as const]) {
      await on.run(() => settle(session));
      expect(session.state.openCalls).toEqual([]);
      const content = answered('Nobody knows whether it ran');
      expect(await on.run(() => lastMessage(session))).toMatchObject({ role: 'user', content });
      expect(await on.run(() => validate(session))).toMatchObject({ errors: [], warnings: [] });
    }
    for (const [, how] of [...all, ...unknown]) expect(readme).toContain(`| \`${how}\` |`);
  });

  test('settleOpenCalls can be cut off anywhere, and never bricks the session', async () => {
    const settle = await settleOfReadme();
    const { states } = await crashTest({
      cuts: 1,
      every: 2,
      begin: () => null,
      work: async (machine) => {
        const session = await threeCalls(machine);
        await settle(session);
      },
      check: async (machine) => {
        const session = await opened(machine);
        await settle(session);
        expect(session.state.openCalls).toEqual([]);
        expect((await validate(session)).errors).toEqual([]);
      },
    });
    expect(states).toBeGreaterThan(50);
  });
});
