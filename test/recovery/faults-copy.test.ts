/**
 * F52: a store that is copied file by file while its writer appends, settles, retires, closes and
 * opens. Such a copy is no moment that ever was. It opens with a prefix that has all that was
 * acknowledged before the copy began, or it refuses and names what it lacks; it is never silently
 * wrong.
 */
import { describe, expect, it } from 'vitest';
import { Prng } from '../../src/platform/sim/prng.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { lostOf, RecoveryLab } from '../helpers/recovery-lab.ts';
import type { LabWriter } from '../helpers/recovery-lab.ts';

const pageBytes = 4096;

/** What is copied first: copying goes by directory, and nobody knows in which order. */
type Order = 'sessions' | 'journals' | 'chance';

/** A writer that works on two sessions by chance. */
class Worker {
  readonly #lab: RecoveryLab;
  readonly #writer: LabWriter;
  readonly #prng: Prng;
  readonly #closed = new Set<string>();

  constructor(lab: RecoveryLab, writer: LabWriter, prng: Prng) {
    this.#lab = lab;
    this.#writer = writer;
    this.#prng = prng;
  }

  async act(): Promise<void> {
    for (let count = this.#prng.below(3); count > 0; count -= 1) await this.#step();
  }

  async #step(): Promise<void> {
    const id = this.#prng.pick(['s', 'o']);
    const choice = this.#prng.below(24);
    if (choice < 2) return this.#lab.machine.pass(60);
    if (choice < 4) {
      await this.#lab.machine.run(this.#writer.store.settle());
      return this.#lab.machine.pass(30);
    }
    if (this.#closed.has(id)) return undefined;
    if (choice < 5) {
      this.#closed.add(id);
      return this.#writer.closeSession(id);
    }
    if (choice < 7) return this.#writer.reopen(id);
    if (choice < 10) return this.#writer.settle(id);
    return this.#writer.append(id, this.#prng.pick([40, 400, 3000]));
  }
}

/** Copies page by page while the worker goes on. Files that are gone when their turn comes are left. */
async function copyLive(disk: SimDisk, order: Order, prng: Prng, worker: Worker): Promise<SimDisk> {
  const copy = SimDisk.create(prng.uint32());
  for (const path of disk.paths('directory')) copy.makeDirectory(path);
  const rank = (path: string): number =>
    order === 'chance' ? prng.uint32() : path.includes(`/${order}/`) ? 0 : 1;
  const ranked = disk.paths().map((path) => ({ path, rank: rank(path) }));
  for (const { path } of ranked.sort((one, two) => one.rank - two.rank)) {
    await worker.act();
    const pages: Uint8Array[] = [];
    for (let at = 0; disk.paths().includes(path); at += pageBytes) {
      const bytes = disk.readFile(path);
      if (at >= bytes.length) break;
      pages.push(bytes.slice(at, at + pageBytes));
      if (prng.chance(0.3)) await worker.act();
    }
    if (pages.length > 0) copy.writeFile(path, new Uint8Array(Buffer.concat(pages)));
  }
  return copy;
}

type Outcome = 'whole' | 'refused';

async function copyAndOpen(seed: number, order: Order): Promise<readonly Outcome[]> {
  const prng = Prng.fromSeed(seed);
  const lab = await RecoveryLab.start(seed);
  const worker = new Worker(lab, await lab.writer('w', ['s', 'o']), prng);
  for (let round = 0; round < 10; round += 1) await worker.act();
  const before = new Map([...lab.sent].map(([id, messages]) => [id, messages.length]));
  const copied = lab.on(await copyLive(lab.disk, order, prng, worker));
  const outcomes: Outcome[] = [];
  const readings = await copied.read([...lab.sent.keys()]);
  for (const [id, sent] of lab.sent) {
    const { messages, error } = readings.get(id) ?? { messages: null, error: null };
    if (messages === null) {
      expect(error?.code).toBe('DAMAGED');
      outcomes.push('refused');
      continue;
    }
    expect(messages).toEqual(sent.slice(0, messages.length));
    expect(messages.length).toBeGreaterThanOrEqual(before.get(id) ?? 0);
    outcomes.push('whole');
  }
  return outcomes;
}

describe('a copy of a store in use', () => {
  it.each<Order>(['sessions', 'journals', 'chance'])(
    'F52 copied in the order of %s first opens with all of the past, or refuses',
    async (order) => {
      const seen = new Map<Outcome, number>();
      for (let seed = 1; seed <= 40; seed += 1) {
        const outcomes = await copyAndOpen(seed, order).catch((error: unknown) => {
          const again = 'npx vitest run test/recovery/faults-copy.test.ts';
          throw new Error(`seed ${seed}, ${order} (${again})`, { cause: error });
        });
        for (const one of outcomes) seen.set(one, (seen.get(one) ?? 0) + 1);
      }
      // Otherwise nothing was found out.
      expect(seen.get('whole')).toBeGreaterThan(15);
      expect(seen.get('refused')).toBeGreaterThan(1);
    },
  );

  it('F52 a history copied before its session was closed is made whole, or names what it lacks', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o']);
    await writer.append('s');
    await writer.append('o');
    const history = '/store/sessions/s/history';
    const early = lab.disk.readFile(history);
    const other = history.replace('/s/', '/o/');
    const earlyOther = lab.disk.readFile(other);
    await writer.append('s');
    await writer.closeSession('s');
    const copied = lab.rebooted();
    copied.disk.writeFile(history, early);
    expect(await copied.messages('s')).toEqual(lab.sent.get('s'));
    const looked = lab.rebooted();
    looked.disk.writeFile(history, early);
    expect((await looked.scan()).sessions[1]).toMatchObject({ kept: [{ from: 1, to: 2 }] });
    // The journal does not hold them any more, and what it holds of the session comes behind them.
    await writer.append('o', 9000);
    await lab.machine.run(writer.store.settle());
    await lab.machine.pass(100);
    const again = await lab.machine.run(writer.store.openSession('s'));
    await lab.machine.run(again.append({ role: 'user', content: 'three' }));
    const late = lab.rebooted();
    late.disk.writeFile(history, early);
    expect(lostOf((await late.read(['s'])).get('s'), 's')).toEqual([{ from: 1, to: 2 }]);
    // Of this one it holds nothing but the frame that closed it, which tells how far it went.
    await lab.machine.run(again.append({ role: 'user', content: 'large '.repeat(3000) }));
    await lab.machine.run(writer.store.settle());
    await lab.machine.pass(100);
    await writer.closeSession('o');
    const closed = lab.rebooted();
    closed.disk.writeFile(other, earlyOther);
    expect(lostOf((await closed.read(['o'])).get('o'), 'o')).toEqual([{ from: 1, to: 2 }]);
  });
});
