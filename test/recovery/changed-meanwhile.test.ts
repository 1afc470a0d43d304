/**
 * A living process deletes a session and makes it again in the middle of somebody's look at the store, at
 * every operation of the look. A storm of 10,000 kills met it once: `recover run` told of 162 lost
 * entries, having read the head of one life and the content of the next.
 */
import { describe, expect, it } from 'vitest';
import { recoverWith } from '../../src/recovery/recover.ts';
import type { Message } from '../../src/session/message.ts';
import { HeldOperation } from '../helpers/held-operation.ts';
import { SimMachine, simRoot } from '../helpers/sim-store.ts';

const say = (content: string): Message => ({ role: 'user', content });

/** A session that was recovered and not opened since, a living writer, and another one that is dead. */
async function bench() {
  const machine = await SimMachine.start();
  const first = await machine.open({}, 'first');
  const session = await machine.run(first.createSession({ id: 's' }));
  await machine.run(session.appendAll(['one', 'two', 'three'].map(say)));
  machine.kill('first');
  await machine.recover({ mode: 'run' });
  const living = await machine.open({}, 'living');
  const other = await machine.open({}, 'dead');
  await machine.run((await machine.run(other.createSession({ id: 'd' }))).append(say('kept')));
  machine.kill('dead');
  const parts = machine.parts('looker');
  const held = new HeldOperation(parts.fileSystem);
  return { machine, living, held, parts: { ...parts, fileSystem: held.fileSystem } };
}

describe.each(['scan', 'verify', 'run'] as const)('recover, mode %s', (mode) => {
  it.each(['deleted and made again', 'deleted'] as const)(
    'takes no session for damaged that is %s meanwhile',
    async (name) => {
      const verdicts = new Set<string>();
      let steps = 0;
      for (; ; steps += 1) {
        const { machine, living, held, parts } = await bench();
        held.hold(() => true, steps);
        const looking = recoverWith(parts, simRoot, { mode });
        await machine.pass(5);
        if (!held.isHolding) break;
        const change = (async () => {
          await living.deleteSession('s');
          if (name !== 'deleted')
            await (await living.createSession({ id: 's' })).append(say('new'));
        })();
        // It may have to wait for the look, which may hold the gate.
        await machine.pass(500);
        held.release();
        await machine.run(change);
        const report = await machine.run(looking);
        const errors = report.findings.filter(({ severity }) => severity === 'error');
        expect(errors, `before operation ${steps}`).toEqual([]);
        verdicts.add(report.verdict);
      }
      expect(steps).toBeGreaterThan(30);
      expect([...verdicts]).toEqual([mode === 'run' ? 'healed' : 'healable']);
    },
    60_000,
  );
});

describe('what a maker has just begun', () => {
  // A kill test met it: the store did not open, with ENOTEMPTY for the directory of a new session.
  it('is left when its maker takes its lock in the middle of its removal', async () => {
    const { machine, held, parts } = await bench();
    const aside = `${simRoot}/sessions/.new-${'0'.repeat(32)}`;
    await parts.fileSystem.createDirectory(aside);
    held.hold((verb, path) => verb === 'removeDirectory' && path === aside, 0);
    const looking = recoverWith(parts, simRoot, { mode: 'run' });
    await machine.pass(50);
    expect(held.isHolding).toBe(true);
    machine.disk.writeFile(`${aside}/LOCK`, new Uint8Array(0));
    held.release();
    expect((await machine.run(looking)).verdict).toBe('healed');
    expect(machine.disk.paths()).toContain(`${aside}/LOCK`);
    await machine.recover({ mode: 'run' });
    expect(machine.disk.paths().filter((path) => path.includes('/sessions/.new-'))).toEqual([]);
  });
});
