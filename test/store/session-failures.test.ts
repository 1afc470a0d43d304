/** Closing a session, and a session on a machine that fails: what is told, and what goes on. */
import { describe, expect, it } from 'vitest';
import { SimMachine } from '../helpers/sim-store.ts';
import { say, texts } from '../helpers/said.ts';
import { numbered, bench, reopened } from './session-bench.ts';

describe('Session whose history takes nothing', () => {
  it('append fails with IO once it holds the journal up, and the other sessions go on', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const broken = await machine.run(store.createSession({ id: 'broken' }));
    const other = await machine.run(store.createSession({ id: 'other' }));
    await machine.run(broken.append(say('in the way')));
    machine.disk.beforeOperation = ({ kind, path }) => {
      const isIts = path.includes('/broken/history') || path.includes('/.new-');
      return kind === 'write' && isIts && !path.includes('segment') ? { errno: 'EIO' } : undefined;
    };
    // The largest segments hold one of these.
    const large = say('x'.repeat(9 * 1024 * 1024));
    let refused: unknown = null;
    for (let count = 0; count < 36; count += 1) await machine.run(other.append(large));
    await machine.run(broken.append(say('no'))).catch((error: unknown) => {
      refused = error;
    });
    expect(refused).toMatchObject({ code: 'IO', message: expect.stringContaining('"broken"') });
    await machine.run(other.append(say('still')));
    machine.disk.beforeOperation = null;
    await machine.pass(2_000);
    expect(await machine.run(broken.append(say('again')))).toEqual({ seq: 2 });
    await machine.run(store.close());
  });
});

describe('Session.close', () => {
  it('close is idempotent, waits for what is on its way, and then answers CLOSED', async () => {
    const { machine, session } = await bench();
    const appends = numbered(1, 12).map((message) =>
      session.append(message, { durability: 'batched' }),
    );
    const closing = Promise.all([session.close(), session.close()]);
    await expect(session.append(say('late'))).rejects.toMatchObject({ code: 'CLOSED' });
    await machine.run(closing);
    expect((await machine.run(Promise.all(appends))).at(-1)).toEqual({ seq: 12 });
    await machine.run(session.close());
    await expect(session.append(say('x'))).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(session.flush()).rejects.toMatchObject({ code: 'CLOSED' });
    expect(() => session.entries()).toThrow(/closed/);
    expect(() => session.messages()).toThrow(/closed/);
    expect(session.state.messages).toBe(12);
  });

  it("close leaves everything in the session's own history", async () => {
    const { machine, store, session } = await bench();
    await machine.run(session.appendAll(numbered(1, 9)));
    await machine.run(session.close());
    const reader = await machine.run(store.openSession('s', { mode: 'read' }));
    expect(await texts(machine, reader)).toHaveLength(9);
    const again = await machine.run(store.openSession('s'));
    expect(await machine.run(again.append(say('ten')))).toEqual({ seq: 10 });
    expect(await texts(machine, again)).toHaveLength(10);
  });

  it('close that fails keeps the session and can be tried again', async () => {
    const { machine, session } = await bench();
    await machine.run(session.appendAll(numbered(1, 3)));
    machine.disk.beforeOperation = ({ kind, path }) =>
      kind === 'write' && path.endsWith('history') ? { errno: 'ENOSPC' } : undefined;
    await expect(machine.run(session.close())).rejects.toMatchObject({ code: 'FULL' });
    machine.disk.beforeOperation = null;
    expect(await machine.run(session.append(say('four')))).toEqual({ seq: 4 });
    await machine.run(session.close());
    const next = await machine.recover();
    expect(next.sessions[0]).toMatchObject({ lastSeq: 4, messages: 4 });
  });

  it('a session that nothing was appended to leaves no trace of a writer', async () => {
    const { machine, store, session } = await bench();
    await machine.run(session.append(say('one')));
    await machine.run(session.close());
    const again = await machine.run(store.openSession('s'));
    await machine.run(again.close());
    machine.kill();
    const report = await machine.recover({ mode: 'run' });
    expect(report.sessions[0]).toMatchObject({ verdict: 'clean', lastSeq: 1 });
  });
});

describe('Session after a failure', () => {
  it('a session whose attaching failed loses no sequence and goes on', async () => {
    const { machine, store, session } = await bench();
    await machine.run(session.append(say('one')));
    await machine.run(session.close());
    const again = await machine.run(store.openSession('s'));
    machine.disk.beforeOperation = ({ kind, path }) =>
      kind === 'sync' && path.endsWith('history') ? { errno: 'EIO' } : undefined;
    await expect(machine.run(again.append(say('refused')))).rejects.toMatchObject({ code: 'IO' });
    machine.disk.beforeOperation = null;
    await machine.run(again.append(say('two')));
    expect((await texts(machine, again)).at(-1)).toBe('two');
    await machine.run(again.close());
    const report = await machine.recover();
    expect(report.verdict).toBe('clean');
    expect(report.sessions[0]?.entries).toBe(report.sessions[0]?.lastSeq);
  });

  it('a full disk is told at once, and appends go on by themselves when there is room', async () => {
    const { machine, session } = await bench();
    await machine.run(session.append(say('one')));
    machine.disk.failNext('write', 'ENOSPC');
    const refused = machine.run(session.append(say('refused')));
    await expect(refused).rejects.toMatchObject({ code: 'FULL' });
    expect(await machine.run(session.append(say('two')))).toEqual({ seq: 2 });
    expect(await texts(machine, session)).toEqual(['one', 'two']);
    machine.kill();
    const next = await reopened(machine);
    expect(await texts(machine, next.session)).toEqual(['one', 'two']);
  });

  it('a failed sync ends the writer: every later call is POISONED, and a new start has it all', async () => {
    const { machine, store, session } = await bench();
    await machine.run(session.append(say('one')));
    machine.disk.beforeOperation = ({ kind, path }) =>
      kind === 'sync' && path.includes('journals') ? { errno: 'EIO' } : undefined;
    const failed = machine.run(session.append(say('doubtful')));
    await expect(failed).rejects.toMatchObject({ code: 'POISONED' });
    machine.disk.beforeOperation = null;
    const later = machine.run(session.append(say('two')));
    await expect(later).rejects.toMatchObject({ code: 'POISONED' });
    await expect(machine.run(session.flush())).rejects.toMatchObject({ code: 'POISONED' });
    const creating = machine.run(store.createSession());
    await expect(creating).rejects.toMatchObject({ code: 'POISONED' });
    await machine.run(store.close().catch(() => undefined));
    const next = await reopened(machine);
    expect((await texts(machine, next.session))[0]).toBe('one');
    expect(await machine.run(next.session.append(say('three')))).toBeDefined();
  });
});

describe('a close that failed in its last step', () => {
  it.each([4, 5, 6])('loses nothing that is appended afterwards (write %i fails)', async (skip) => {
    const { machine, session } = await bench();
    await machine.run(session.append(say('one')));
    machine.disk.failNext('write', 'ENOSPC', 1, skip);
    await machine.run(session.close().catch(() => undefined));
    const rest: string[] = [];
    for (const text of ['two', 'three']) {
      const append = session.append(say(text)).then(
        () => rest.push(text),
        () => undefined,
      );
      await machine.run(append);
    }
    machine.kill();
    const next = await reopened(machine);
    expect(await texts(machine, next.session)).toEqual(['one', ...rest]);
  });
});
