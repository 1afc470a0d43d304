/**
 * Several processes work on one store, and each is killed at a random moment, again and again: while
 * it starts and recovers the one before, appends, is in the middle of a write, settles, closes or
 * deletes. The others go on meanwhile. Whoever comes next may recover the dead one's journal: a living
 * process, the next one, or this harness. Nothing that was acknowledged may be lost, batched or not.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { recover } from '../../src/index.ts';
import { messagesIn } from '../helpers/messages-in.ts';
import { killInWrite } from '../helpers/write-watch.ts';
import { AppenderProcess } from './appender-process.ts';
import { Oracle } from './oracle.ts';
import { chance } from './workload.mjs';

/** Processes at the same time. */
const lanes = 3;
const KiB = 1024;

/** What the process does more often than all else, and in which it is killed. */
const acts = [
  'recovery',
  'appends',
  'batched',
  'write',
  'settling',
  'closing',
  'deleting',
] as const;
/** One of them. */
type Act = (typeof acts)[number];

/** The line that is waited for; null: any. */
const words: Readonly<Record<Act, string | null>> = {
  recovery: 'begin',
  appends: null,
  batched: null,
  write: 'large',
  settling: 'settling',
  closing: 'closing',
  deleting: 'deleting',
};

/** When a kill falls. */
interface Moment {
  readonly act: Act;
  readonly lines: number;
  readonly delayMs: number;
  /** For so long it is stopped before that, and then it goes on for a moment; 0: it is not. */
  readonly stopMs: number;
}

/** What the kills were like; each is a count. */
export type KillSums = Readonly<Record<string, number>>;

/** One store through the kills of one seed. */
export class KillStorm {
  readonly #root: string;
  readonly #sums: Record<string, number> = {};
  readonly #lanes: readonly Lane[];
  #left = 0;

  constructor(root: string, seed: number) {
    this.#root = root;
    this.#lanes = Array.from({ length: lanes }, (_, lane) => new Lane(lane, seed));
  }

  /** Kills so many processes. Throws at the first promise that does not hold. */
  async run(kills: number): Promise<KillSums> {
    this.#left = kills;
    const all = this.#lanes;
    try {
      await Promise.all(all.map((lane) => this.#killAll(lane)));
      // Nobody is left: what the last ones left is recovered, and then the store is clean.
      for (const lane of all) await this.#look(lane);
      if (!existsSync(join(this.#root, 'store.json'))) return { kills, ...this.#sums };
      const { verdict } = await recover(this.#root, { mode: 'verify' });
      if (verdict !== 'clean') throw new Error(`At the end the store is ${verdict}`);
    } finally {
      for (const lane of all) await lane.process.end();
    }
    for (const { oracle } of all) {
      for (const [name, count] of Object.entries(oracle.counts)) this.#count(name, count);
    }
    return { kills, ...this.#sums };
  }

  async #killAll(lane: Lane): Promise<void> {
    for (let round = 0; this.#left > 0; round += 1) {
      this.#left -= 1;
      await this.#killOnce(lane, round);
      lane.requireNone(lane.oracle.faults);
      lane.isUnseen = lane.next() < 0.5;
      if (!lane.isUnseen) await this.#look(lane);
    }
  }

  async #killOnce(lane: Lane, round: number): Promise<void> {
    const { oracle, ids, process: one } = lane;
    const moment = lane.drawMoment();
    const seed = Math.floor(lane.next() * 2 ** 31);
    const plan = { root: this.#root, round, seed, favour: moment.act, ids };
    const depthBytes = 4 * KiB + Math.floor(lane.next() * 1024 * KiB);
    let lines = 0;
    let killing: Promise<void> | null = null;
    for await (const line of one.lines(plan)) {
      oracle.take(line);
      lane.told.push(line);
      const word = words[moment.act];
      if (word === null || line.split(' ', 1)[0] === word) lines += 1;
      if (lines < moment.lines || killing !== null) continue;
      killing = moment.act === 'write' ? this.#inWrite(one, depthBytes) : kill(one, moment);
      // The next one starts while this one dies.
      lane.process = new AppenderProcess();
    }
    if (killing === null) throw new Error(`A process ended by itself: ${one.errors}`);
    await killing;
    if (!one.wasKilled) throw new Error(`A process ended before its kill: ${one.errors}`);
    this.#count(`during ${moment.act}`, 1);
    if (moment.stopMs > 0) this.#count('stopped before', 1);
  }

  async #inWrite(one: AppenderProcess, depthBytes: number): Promise<void> {
    const limits = { depthBytes, waitMs: 5000 };
    const watching = killInWrite(this.#root, one.pid, () => one.kill(), limits);
    one.goOn();
    const hasHit = await watching;
    this.#count('in the middle of a write', hasHit ? 1 : 0);
    one.kill();
  }

  /** Recovers what is dead, and holds the sessions of this lane against what was promised. */
  async #look(lane: Lane): Promise<void> {
    // The first ones are often killed before there is a store.
    const isNothing = !this.#lanes.some(({ oracle }) => oracle.promises);
    if (isNothing && !existsSync(join(this.#root, 'store.json'))) return;
    const report = await recover(this.#root, { mode: 'run', lockWaitMs: 60_000 });
    if (!['clean', 'healed'].includes(report.verdict)) {
      throw new Error(`${report.verdict}: ${JSON.stringify(report.findings)}`);
    }
    this.#count('torn', report.writers.filter((writer) => writer.cut.bytes > 0).length);
    const found = await messagesIn(this.#root, (id) => lane.ids.includes(id));
    const faults = lane.ids.flatMap((id) => lane.oracle.judge(id, found.get(id) ?? null));
    lane.requireNone(faults);
    lane.told.length = 0;
    this.#count('looks', 1);
  }

  #count(name: string, by: number): void {
    this.#sums[name] = (this.#sums[name] ?? 0) + by;
  }
}

/** One place in the line of processes, with sessions of its own. */
class Lane {
  readonly ids: readonly string[];
  readonly next: () => number;
  readonly oracle = new Oracle('process');
  /** Started ahead of its turn. */
  process = new AppenderProcess();
  /** Every line since the last look: what one has to know of a fault that does not come again. */
  readonly told: string[] = [];
  /** True when this harness has not looked since the last kill. */
  isUnseen = false;

  constructor(lane: number, seed: number) {
    this.ids = ['ada', 'bea'].map((name) => `${name}-${lane}`);
    this.next = chance(seed * 1000 + lane);
  }

  requireNone(faults: readonly string[]): void {
    if (faults.length === 0) return;
    throw new Error(`${faults.join('; ')}; told since the last look:\n${this.told.join('\n')}`);
  }

  drawMoment(): Moment {
    const { next } = this;
    const isEarly = next() < (this.isUnseen ? 0.35 : 0.05);
    const act = isEarly
      ? 'recovery'
      : (acts[1 + Math.floor(next() * (acts.length - 1))] ?? 'appends');
    const stopMs = next() < 0.15 ? next() * 60 : 0;
    if (act === 'recovery') return { act, lines: 1, delayMs: next() * 25, stopMs };
    if (act === 'write') return { act, lines: 1, delayMs: 0, stopMs: 0 };
    // Lines come in the order of what was done, so a kill without a delay falls into what is next.
    const isAny = words[act] === null;
    const delayMs = next() < 0.4 ? 0 : next() * (isAny ? 4 : 12);
    return { act, lines: 1 + Math.floor(next() * (isAny ? 120 : 2)), delayMs, stopMs };
  }
}

/** Others may take what is stopped for dead, or wait for it in vain, and then it is back. */
async function kill(one: AppenderProcess, { delayMs, stopMs }: Moment): Promise<void> {
  if (delayMs > 0) await sleep(delayMs);
  if (stopMs > 0) {
    one.signal('SIGSTOP');
    await sleep(stopMs);
    if (stopMs < 30) {
      one.signal('SIGCONT');
      await sleep(stopMs / 5);
    }
  }
  one.kill();
}
