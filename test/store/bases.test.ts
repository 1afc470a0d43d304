/** Bases: a session that is opened from one is the session that its whole past tells. */
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { baseCloseEntries } from '../../src/base/quantities.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import type { Session } from '../../src/store/api.ts';
import type { SessionWriter } from '../../src/store/session-writer.ts';
import { basesOf, headOf, historyOf } from '../helpers/base-lab.ts';
import { SimMachine } from '../helpers/sim-store.ts';
import { say } from '../helpers/said.ts';
import { texts, open, made, contents, expectAgreement, warningsOf } from './base-sessions.ts';

/** A call that nobody announced has no outcome. */
function unlessInvalid(error: unknown): void {
  if (!HoldfastError.is(error, 'INVALID')) throw error;
}

async function act(prng: Prng, session: Session): Promise<unknown> {
  const snapshots = session.snapshots.list();
  switch (prng.below(12)) {
    case 0:
      return session.snapshots.take({ action: 'a', label: prng.pick(['other', 'kept']) });
    case 1:
      return session.record({
        kind: 'metadata',
        metadata: { [`f${prng.below(9)}`]: prng.below(9) },
      });
    case 2:
      return session.intend({ id: `c${prng.below(5)}`, name: 'bash' });
    case 3:
      return session.complete(`c${prng.below(5)}`, { status: 'ok' }).catch(unlessInvalid);
    case 4:
      return session.record({ kind: 'compaction', compaction: { summary: 'so far' } });
    case 5:
      return session.rewind({ to: { messages: prng.below(session.state.messages + 1) } });
    case 6: {
      const one = snapshots[prng.below(snapshots.length + 1)];
      return one === undefined ? undefined : session.snapshots.label(one.id, 'later');
    }
    case 7:
      return session.append(say('batched'), { durability: 'batched' });
    case 8: {
      const seen = prng.below(1_000_000);
      return session.append(say(`keyed ${seen}`), { idempotencyKey: `key ${seen}` });
    }
    default:
      return session.appendAll(texts(1 + prng.below(20), prng.pick([20, 200, 3000])));
  }
}

/** A life of openings, closings, kills and power cuts. */
async function life(seed: number): Promise<void> {
  const prng = Prng.fromSeed(seed);
  let machine = await SimMachine.start(seed);
  for (let round = 0; round < 6; round += 1) {
    const { store, session } = await open(machine, `round ${round}`);
    for (let count = prng.below(30); count > 0; count -= 1) {
      await machine.run(act(prng, session));
    }
    const { durableUpTo: _before, ...state } = session.state;
    const end = prng.pick(['close', 'close', 'kill', 'crash'] as const);
    if (end === 'close') {
      await machine.run(store.close());
      await expectAgreement(machine, `seed ${seed}`);
      const reader = await machine.open({ mode: 'read' }, `reader ${round}`);
      const { durableUpTo: _after, ...found } = (await machine.run(reader.openSession('s'))).state;
      expect(found, `seed ${seed}`).toEqual(state);
      await machine.run(reader.close());
    } else if (end === 'kill') {
      machine.kill(`round ${round}`);
    } else {
      machine = machine.crash(prng.uint32());
    }
  }
  const { store } = await open(machine, 'last');
  await machine.run(store.close());
  await expectAgreement(machine, `seed ${seed}`);
  expect(await warningsOf(machine)).toEqual([]);
}

describe('opening a session from its base', () => {
  it('gives what reading all of it gives, through any life of openings, kills and cuts', async () => {
    for (let seed = 1; seed <= 15; seed += 1) {
      await life(seed).catch((error: unknown) => {
        const told = `seed ${seed} (npx vitest run test/store/bases.test.ts)`;
        throw new Error(told, { cause: error });
      });
    }
  });

  it('shows what recovery noted in front of the base, up to 16 of its notices', async () => {
    const machine = await SimMachine.start();
    for (let round = 0; round < 20; round += 1) {
      const { session } = await open(machine, `killed ${round}`);
      await machine.run(session.append(say(`round ${round}`)));
      machine.kill(`killed ${round}`);
    }
    const { store, session } = await open(machine, 'compacts');
    await machine.run(session.record({ kind: 'compaction', compaction: { summary: 'all' } }));
    expect(session.recoveries).toHaveLength(16);
    await machine.run(store.close());
    expect(basesOf(machine.disk)).toHaveLength(1);
    const next = await open(machine, 'next');
    expect(next.session.recoveries).toEqual(session.recoveries);
    await machine.run(next.store.close());
    await expectAgreement(machine, 'notices');
  });

  it('makes a base of a compaction, and erases nothing', async () => {
    const machine = await made(texts(3));
    const { store, session } = await open(machine, 'compacts');
    const compaction = { summary: 'three texts', lastMessageId: 'm3', tokenCount: 12 };
    const { seq } = await machine.run(session.record({ kind: 'compaction', compaction }));
    await machine.run(session.append(say('and on')));
    await machine.run(store.close());
    const [base, ...others] = basesOf(machine.disk);
    expect(others).toEqual([]);
    expect(base?.streamSeq).toBe(seq);
    expect(headOf(machine.disk).baseOffset).toBe(base?.offset);
    const next = await open(machine, 'next');
    expect(next.session.state.compaction).toEqual({ ...compaction, seq });
    await machine.run(next.store.close());
    expect(await contents(machine, 'reads')).toHaveLength(4);
  });

  it('makes the base of a compaction that is settled before anybody looked at it', async () => {
    const machine = await SimMachine.start();
    const { store, session } = await open(machine, 'writer');
    const { seq } = await machine.run(
      session.record({ kind: 'compaction', compaction: { summary: 'nothing yet' } }),
    );
    await machine.run((session as SessionWriter).settle());
    expect(basesOf(machine.disk).map(({ streamSeq }) => streamSeq)).toEqual([seq]);
    await machine.run(session.append(say('and on')));
    await machine.run((session as SessionWriter).settle());
    expect(headOf(machine.disk).vouched.seq).toBe(seq + 1);
    await machine.run(store.close());
  });

  it('makes no base of a session that is as cheap to read', async () => {
    const machine = await made(texts(baseCloseEntries - 2), [], []);
    expect(basesOf(machine.disk)).toEqual([]);
    expect(headOf(machine.disk).baseOffset).toBe(0);
  });
});

describe('settling with a base', () => {
  it('loses nothing when the power fails at any of its steps', async () => {
    for (let changes = 1; ; changes += 1) {
      const machine = await SimMachine.start();
      const { store, session } = await open(machine, 'writer');
      // The first settling of a handle syncs more than later ones have to.
      await machine.run(session.append(say('settled')));
      await machine.run((session as SessionWriter).settle());
      await machine.run(session.appendAll(texts(39)));
      machine.disk.crashAfter(changes);
      const isOver = await machine.run(store.close()).then(
        () => true,
        () => false,
      );
      for (let seed = 0; seed < 6; seed += 1) {
        const told = `changes ${changes}, seed ${seed}`;
        const after = machine.crash(seed);
        expect(await contents(after, 'after'), told).toHaveLength(40);
        await expectAgreement(after, told);
      }
      if (isOver) break;
    }
  });

  it('goes on without the base when there is room for the entries only', async () => {
    const machine = await SimMachine.start();
    const { store, session } = await open(machine, 'writer');
    await machine.run(session.appendAll(texts(40)));
    let writes = 0;
    machine.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'write' || path !== historyOf('s')) return undefined;
      writes += 1;
      return writes === 2 ? { errno: 'ENOSPC' } : undefined;
    };
    await machine.run(session.close());
    machine.disk.beforeOperation = null;
    await machine.run(store.close());
    expect(basesOf(machine.disk)).toEqual([]);
    expect(headOf(machine.disk)).toMatchObject({ baseOffset: 0, vouched: { seq: 40 } });
    expect(await contents(machine, 'reads')).toHaveLength(40);
  });
});
