/** Reading and recovering a store while writers live: what is seen, and nothing is disturbed. */
import { describe, expect, it } from 'vitest';
import { encodeWriters } from '../../src/recovery/store-files.ts';
import { validate } from '../../src/store/validate.ts';
import { SimMachine, simRoot } from '../helpers/sim-store.ts';
import { say, texts } from '../helpers/said.ts';

describe('Store readers', () => {
  it('a reader sees what is durable, never less than before, while the writer goes on', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const reader = await machine.open({ mode: 'read' }, 'reader');
    const session = await machine.run(store.createSession({ id: 's' }));
    let seen = 0;
    for (let count = 1; count <= 120; count += 1) {
      const durability = count % 4 === 0 ? 'durable' : 'batched';
      const appending = session.append(say(`message ${count} ${'x'.repeat(200)}`), { durability });
      if (count % 10 === 0) await machine.pass(200);
      const view = await machine.run(reader.openSession('s'));
      const found = await texts(machine, view);
      expect(found.length).toBeLessThanOrEqual(session.state.messages + 1);
      expect(found.length).toBe(view.state.messages);
      expect(found.length).toBeGreaterThanOrEqual(seen);
      expect((await machine.run(validate(view))).valid).toBe(true);
      seen = found.length;
      await machine.run(view.close());
      await machine.run(appending);
      if (count % 10 === 0) expect(seen).toBeGreaterThanOrEqual(count - 1);
    }
  });

  it('a reader does not see what is not durable yet', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open({ syncDelayMsMax: 1000 });
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('durable')));
    await machine.pass(50);
    await machine.run(session.append(say('batched'), { durability: 'batched' }));
    const reader = await machine.open({ mode: 'read' }, 'reader');
    const early = await machine.run(reader.openSession('s'));
    expect(await texts(machine, early)).toEqual(['durable']);
    await machine.pass(1100);
    const late = await machine.run(reader.openSession('s'));
    expect(await texts(machine, late)).toEqual(['durable', 'batched']);
    expect(await texts(machine, early)).toEqual(['durable']);
  });

  it("a reader of a dead writer's session sees everything, and changes nothing", async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    await machine.run(session.append(say('two'), { durability: 'batched' }));
    machine.kill();
    const before = machine.disk.changes;
    const reader = await machine.open({ mode: 'read' }, 'reader');
    const view = await machine.run(reader.openSession('s'));
    expect(await texts(machine, view)).toEqual(['one', 'two']);
    expect(machine.disk.changes).toBe(before);
  });
});

describe('recover beside living writers', () => {
  it('a writer that leaves in the middle of a scan does not leave a missing journal behind', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    await machine.run(session.close());
    const [writer = ''] = (await machine.recover()).writers.map((one) => one.writer);
    let left = false;
    machine.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'list' || path !== `${simRoot}/journals` || left) return;
      left = true;
      machine.disk.writeFile(`${simRoot}/writers`, encodeWriters([]));
      machine.disk.removePath(`${simRoot}/journals/${writer}`);
    };
    const report = await machine.recover();
    expect(left).toBe(true);
    expect(report).toMatchObject({ verdict: 'clean', writers: [], findings: [] });
  });

  it('a session that is deleted in the middle of a scan is not told as damaged', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    await machine.run((await machine.run(store.createSession({ id: 's' }))).close());
    const steps = [
      { kind: 'stat', end: '/s' },
      { kind: 'open', end: '/s/history' },
    ];
    for (const step of steps) {
      let gone = false;
      machine.disk.beforeOperation = ({ kind, path }) => {
        if (kind !== step.kind || !path.endsWith(step.end) || gone) return;
        gone = true;
        machine.disk.removePath(`${simRoot}/sessions/s`);
      };
      const report = await machine.recover();
      expect(gone).toBe(true);
      expect(report).toMatchObject({ verdict: 'clean', sessions: [] });
      machine.disk.beforeOperation = null;
      await machine.run((await machine.run(store.createSession({ id: 's' }))).close());
    }
  });

  it('a writers file that is replaced by a longer one while it is opened is read as a whole', async () => {
    const machine = await SimMachine.start();
    await machine.run((await machine.open()).close());
    let replaced = 0;
    machine.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'open' || !path.endsWith('/writers') || replaced > 0) return;
      replaced += 1;
      machine.disk.writeFile(path, encodeWriters(['0'.repeat(32), '1'.repeat(32)]));
    };
    const report = await machine.recover();
    expect(replaced).toBe(1);
    expect(report.writers.map(({ writer }) => writer)).toEqual(['0'.repeat(32), '1'.repeat(32)]);
  });
});
