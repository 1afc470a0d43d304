/** Options that nobody knows: a misspelt one is told, with those that are known, and changes nothing. */
import { describe, expect, it } from 'vitest';
import { commonTools } from '../../src/checkpoint/tools.ts';
import { acceptLossWith } from '../../src/recovery/accept-loss.ts';
import type { AcceptLossOptions, SalvageOptions } from '../../src/recovery/options.ts';
import { recoverWith } from '../../src/recovery/recover.ts';
import { salvageWith } from '../../src/recovery/salvage.ts';
import { requireAppendOptions } from '../../src/store/append-limits.ts';
import type { AppendOptions, StoreOptions } from '../../src/store/api.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';

/** An option of a name that is nearly one, as a caller in JavaScript may give it. */
const misspelt = (name: string): object => ({ [name]: 1 });

describe('options', () => {
  it('recover, salvage and acceptLoss refuse unknown ones, before the store is looked at', async () => {
    const parts = (await SimMachine.start()).parts('recover');
    const invalid = (path: string): object => ({ code: 'INVALID', details: { path } });
    const refused = [
      [recoverWith(parts, '/none', misspelt('actoin')), 'actoin'],
      [recoverWith(parts, '/none', { mode: 'rnu' as 'run' }), 'mode'],
      [salvageWith(parts, '/none', { to: '/new', ...misspelt('sesion') }), 'sesion'],
      [salvageWith(parts, '/none', {} as SalvageOptions), 'to'],
      [acceptLossWith(parts, '/none', { session: 's', ...misspelt('dryrun') }), 'dryrun'],
      [acceptLossWith(parts, '/none', {} as AcceptLossOptions), 'session'],
    ] as const;
    for (const [answer, path] of refused) await expect(answer).rejects.toMatchObject(invalid(path));
  });

  it('record refuses members that an event does not have, and names those that it has', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    const compaction = { summary: 'so far', ...misspelt('lastMessageSeq') };
    const recorded = session.record({ kind: 'compaction', compaction });
    await expect(machine.run(recorded)).rejects.toMatchObject({
      code: 'INVALID',
      details: { path: 'compaction.lastMessageSeq' },
      message: expect.stringContaining('summary, lastMessageId, tokenCount') as string,
    });
    const custom = { kind: 'custom', name: 'x', ...misspelt('date') } as const;
    await expect(machine.run(session.record(custom))).rejects.toMatchObject({
      details: { path: 'date' },
      message: expect.stringContaining('it has name, data') as string,
    });
    const { proxy, revoke } = Proxy.revocable(custom, {});
    revoke();
    await expect(machine.run(session.record(proxy))).rejects.toMatchObject({
      code: 'INVALID',
      details: { path: 'event.kind' },
    });
    expect(session.state.lastSeq).toBe(0);
  });

  it('rewind refuses a target that names two places, or one that nobody knows', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append({ role: 'user', content: 'hello' }));
    await machine.run(session.snapshots.take({ action: 'x' }));
    for (const more of [{ snapshot: 2 }, misspelt('message')]) {
      const rewinding = machine.run(session.rewind({ to: { messages: 0, ...more } }));
      const invalid = { code: 'INVALID', details: { path: 'to' } };
      await expect(rewinding).rejects.toMatchObject(invalid);
    }
    expect(session.state.messages).toBe(1);
  });

  it('open refuses an unknown one and names those that are known', async () => {
    const machine = await SimMachine.start();
    const opening = machine.open(misspelt('syncDelayMs') as StoreOptions);
    await expect(opening).rejects.toMatchObject({
      code: 'INVALID',
      details: { path: 'syncDelayMs' },
      message: expect.stringContaining('syncDelayMsMax') as string,
    });
    expect(machine.disk.paths()).toEqual([]);
  });

  it.each([
    [{ spacing: misspelt('messageEach') }, 'messageEach'],
    [{ spacing: { saved: -1 } }, 'spacing.saved'],
    [{ topic: misspelt('treshold') }, 'treshold'],
    [{ topic: { threshold: 2 } }, 'topic.threshold'],
    [{ tools: { ...commonTools, ...misspelt('shells') } }, 'shells'],
    [{ tools: { fileWrite: ['save'] } }, 'tools.shell'],
    [{ triggers: misspelt('file_write') }, 'checkpoints.triggers.file_write'],
  ])('open refuses checkpoints %j', async (checkpoints, path) => {
    const machine = await SimMachine.start();
    const opening = machine.open({ checkpoints } as unknown as StoreOptions);
    await expect(opening).rejects.toMatchObject({ code: 'INVALID', details: { path } });
    expect(machine.disk.paths()).toEqual([]);
  });

  it('createSession, openSession and sessions refuse unknown ones', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const invalid = { code: 'INVALID', details: { path: 'metdata' } };
    const wrong = misspelt('metdata');
    await expect(machine.run(store.createSession(wrong))).rejects.toMatchObject(invalid);
    expect(await machine.run(collect(store.sessions()))).toEqual([]);
    await machine.run(store.createSession({ id: 's' }).then((session) => session.close()));
    await expect(machine.run(store.openSession('s', wrong))).rejects.toMatchObject(invalid);
    expect(() => store.sessions(wrong)).toThrow(expect.objectContaining(invalid) as Error);
    const mode = 'wirte' as 'write';
    await expect(machine.run(store.openSession('s', { mode }))).rejects.toMatchObject({
      code: 'INVALID',
      details: { path: 'mode' },
    });
  });

  it('messages and entries refuse unknown ones, of a reader and of a writer', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const writer = await machine.run(store.createSession({ id: 's' }));
    const reader = await machine.run(store.openSession('s', { mode: 'read' }));
    const invalid = { code: 'INVALID', details: { path: 'form' } };
    for (const session of [writer, reader]) {
      for (const items of [session.messages(misspelt('form')), session.entries(misspelt('form'))]) {
        await expect(machine.run(collect<unknown>(items))).rejects.toMatchObject(invalid);
      }
    }
  });

  it('append, appendAll, record, complete and flush refuse unknown ones, and write nothing', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession());
    const wrong = misspelt('idempotencykey');
    const message = { role: 'user', content: 'x' };
    const calls = [
      session.append(message, wrong),
      session.appendAll([message], wrong),
      session.record({ kind: 'status', status: 'idle' }, wrong),
      session.complete('call', { status: 'ok' }, wrong),
      session.flush(wrong),
    ];
    for (const result of await machine.run(Promise.allSettled(calls))) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'INVALID' } });
    }
    expect(session.state.entries).toBe(0);
  });

  it('requireAppendOptions refuses unknown ones, and what are no options', () => {
    requireAppendOptions({});
    requireAppendOptions({ durability: 'batched', idempotencyKey: 'k' });
    const refused = (options: unknown): unknown => {
      try {
        return requireAppendOptions(options as AppendOptions);
      } catch (error) {
        return error;
      }
    };
    const invalid = (path: string): object => ({ code: 'INVALID', details: { path } });
    expect(refused(misspelt('idempotencykey'))).toMatchObject(invalid('idempotencykey'));
    expect(refused({ durability: 'Durable' })).toMatchObject(invalid('durability'));
    expect(refused('batched')).toMatchObject(invalid('options'));
    expect(refused(null)).toMatchObject(invalid('options'));
  });
});
