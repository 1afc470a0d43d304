/** Names among the sessions that are no sessions: they are told, are in nobody's way, and end no loop. */
import { describe, expect, it } from 'vitest';
import type { FileStat } from '../../src/platform/file-system.ts';
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { acceptLossWith } from '../../src/recovery/accept-loss.ts';
import type { Parts } from '../../src/recovery/parts.ts';
import type { Store } from '../../src/store/store.ts';
import { collect, SimMachine, simRoot } from '../helpers/sim-store.ts';

const path = `${simRoot}/sessions/foo`;

const strays: readonly (readonly [string, (disk: SimDisk) => void])[] = [
  ['a file', (disk) => disk.writeFile(path, new Uint8Array(3))],
  ['a link to nothing', (disk) => disk.makeLink(path, '/nonexistent')],
  ['a link to a file', (disk) => disk.makeLink(path, `${simRoot}/store.json`)],
  ['a link to itself', (disk) => disk.makeLink(path, path)],
];

/** A closed store with one session, and something else beside it. */
async function withStray(put: (disk: SimDisk) => void): Promise<SimMachine> {
  const machine = await SimMachine.start();
  const store = await machine.open();
  const session = await machine.run(store.createSession({ id: 'bar' }));
  await machine.run(session.append({ role: 'user', content: 'hello' }));
  await machine.run(store.close());
  put(machine.disk);
  return machine;
}

const invalid = {
  code: 'INVALID',
  details: { path },
  message: expect.stringContaining('it is no session; move it out of the store') as string,
};

describe.each(strays)('%s among the sessions', (_title, put) => {
  it('is refused as a session by every call, which says what stands there', async () => {
    const machine = await withStray(put);
    const store = await machine.open();
    const calls: readonly (() => Promise<unknown>)[] = [
      () => store.openSession('foo'),
      () => store.openSession('foo', { create: true }),
      () => store.openSession('foo', { mode: 'read' }),
      () => store.createSession({ id: 'foo' }),
      () => store.deleteSession('foo'),
      () => acceptLossWith(machine.parts('person'), simRoot, { session: 'foo' }),
    ];
    for (const call of calls) await expect(machine.run(call())).rejects.toMatchObject(invalid);
    await machine.run(store.close());
  });

  it('is a warning to recovery, and in no list of sessions', async () => {
    const machine = await withStray(put);
    const report = await machine.recover({ mode: 'verify' });
    expect(report).toMatchObject({ verdict: 'clean', sessions: [{ id: 'bar' }] });
    expect(report.findings).toMatchObject([
      { code: 'STRAY_FILE', severity: 'warning', file: 'sessions/foo' },
    ]);
    const expected = await machine.recover({ expectAtLeast: { foo: 1 } });
    expect(expected.verdict).toBe('damaged');
    const store = await machine.open();
    expect(await machine.run(collect(store.sessions()))).toMatchObject([{ id: 'bar' }]);
    await machine.run(store.close());
  });
});

describe('a link to a directory among the sessions', () => {
  it('is a damaged session, and nothing is locked through it', async () => {
    const machine = await withStray((disk) => {
      disk.makeDirectory('/elsewhere');
      disk.makeLink(path, '/elsewhere');
    });
    const store = await machine.open();
    const opening = machine.run(store.openSession('foo', { create: true }));
    await expect(opening).rejects.toMatchObject({ code: 'DAMAGED' });
    expect(machine.disk.paths().filter((one) => one.startsWith('/elsewhere'))).toEqual([]);
    await machine.run(store.close());
  });
});

describe.each(['sessions', 'journals'])('a file in place of the directory %s', (name) => {
  it('is named when the store is opened or looked at', async () => {
    const wrong = `${simRoot}/${name}`;
    const machine = await withStray(() => undefined);
    machine.disk.removePath(wrong);
    machine.disk.writeFile(wrong, new Uint8Array(3));
    const named = { code: 'DAMAGED', details: { file: wrong } };
    await expect(machine.open()).rejects.toMatchObject(named);
    const file = wrong.slice(simRoot.length + 1);
    const report = await machine.recover();
    expect(report).toMatchObject({ verdict: 'damaged', findings: [{ code: 'STRAY_FILE', file }] });
  });
});

/** A store on which a directory `foo` is seen, or not, whatever is there. */
async function seeing(isSeen: (look: number) => boolean): Promise<[SimMachine, Store]> {
  const machine = await SimMachine.start();
  const parts: Parts = machine.parts();
  const { fileSystem } = parts;
  let looks = 0;
  const stat = async (asked: string): Promise<FileStat | null> => {
    if (asked !== path) return fileSystem.stat(asked);
    looks += 1;
    return isSeen(looks) ? fileSystem.stat(`${simRoot}/sessions`) : null;
  };
  const changed = new Proxy(fileSystem, {
    get: (target, name): unknown => {
      const verb = Reflect.get(target, name) as (...given: unknown[]) => unknown;
      return name === 'stat' ? stat : verb.bind(target);
    },
  });
  return [machine, await machine.openWith({ ...parts, fileSystem: changed })];
}

describe('openSession', () => {
  it('ends when a directory that it sees can never be locked', async () => {
    const [machine, store] = await seeing(() => true);
    await expect(machine.run(store.openSession('foo'))).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining('went away 64 times') as string,
    });
  });

  it('ends when a session is there for whoever makes it, and for nobody who opens it', async () => {
    // One look to open it, one to make it, two to see what stands there.
    const [machine, store] = await seeing((look) => look % 4 === 2);
    const opening = machine.run(store.openSession('foo', { create: true }));
    await expect(opening).rejects.toMatchObject({ code: 'EXISTS' });
  });
});
