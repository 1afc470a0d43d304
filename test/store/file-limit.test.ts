/** A limit on the size of files (`ulimit -f`): the disk has room, and one file may not grow. */
import { describe, expect, it } from 'vitest';
import { SimMachine, simRoot } from '../helpers/sim-store.ts';

const say = (content: string) => ({ role: 'user', content }) as const;
const advice = 'raise the limit on the size of files (`ulimit -f`';

/** Files of this name may not be written beyond so many bytes. */
function limit(machine: SimMachine, name: string, bytesMax: number): void {
  machine.disk.beforeOperation = ({ kind, path, at = 0, length = 0 }) => {
    const isOver = kind === 'write' && path.includes(name) && at + length > bytesMax;
    return isOver ? { errno: 'EFBIG' } : undefined;
  };
}

const full = (path: string, ...words: readonly string[]) => ({
  code: 'FULL',
  message: expect.stringMatching(new RegExp(words.map(escaped).join('.*'))),
  details: { path: expect.stringContaining(path) as string, errno: 'EFBIG' },
});

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}

async function begun() {
  const machine = await SimMachine.start();
  const store = await machine.open();
  const session = await machine.run(store.createSession({ id: 's' }));
  await machine.run(session.append(say('one')));
  return { machine, session };
}

const history = `${simRoot}/sessions/s/history`;

describe('EFBIG', () => {
  it('EFBIG of a segment is FULL with the file and what helps, and the session goes on', async () => {
    const { machine, session } = await begun();
    limit(machine, '.segment', 0);
    const append = machine.run(session.append(say('x'.repeat(5000))));
    await expect(append).rejects.toMatchObject(full('.segment', '.segment', advice));
    machine.disk.beforeOperation = null;
    await machine.run(session.append(say('two')));
  });

  it('EFBIG of a history names it, and its session, when a store is opened', async () => {
    const { machine, session } = await begun();
    await machine.run(session.append(say('x'.repeat(5000))));
    machine.kill();
    limit(machine, 'sessions/s/history', 9000);
    for (const open of [() => machine.open(), () => machine.recover({ mode: 'run' })]) {
      const words = ['recover session "s"', history, advice];
      await expect(open()).rejects.toMatchObject(full(history, ...words));
    }
    machine.disk.beforeOperation = null;
    await machine.open();
  });

  it('EFBIG of a history names it once the journal holds too much, and at a close', async () => {
    const { machine, session } = await begun();
    limit(machine, 'sessions/s/history', 9000);
    const filling = (async () => {
      for (;;) await session.append(say('x'.repeat(5000)));
    })();
    await expect(machine.run(filling)).rejects.toMatchObject(full(history, '"s"', advice));
    await expect(machine.run(session.close())).rejects.toMatchObject(full(history, '"s"', advice));
  });
});
