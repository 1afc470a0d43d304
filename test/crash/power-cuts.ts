/**
 * One store through some power cuts in a row, on a fresh disk. The power goes at a random moment:
 * while the store is opened and recovered, appended to, settled, a session closed or deleted. Often it
 * goes again before anybody but the next process has looked: recovery itself is cut then.
 */
import { readdirSync } from 'node:fs';
import { recover } from '../../src/index.ts';
import { LoopDisk } from '../helpers/loop-disk.ts';
import type { LoopFileSystem } from '../helpers/loop-disk.ts';
import { PowerSwitch } from '../helpers/power-switch.ts';
import { messagesIn } from '../helpers/messages-in.ts';
import { AppenderProcess } from './appender-process.ts';
import { Oracle } from './oracle.ts';
import { chance, sessionIds } from './workload.mjs';

/** When the power goes: behind so many lines that begin with this word, and so much later. */
interface Moment {
  readonly name: 'recovery' | 'appends' | 'batched' | 'settling' | 'closing' | 'deleting';
  readonly lines: number;
  readonly delayMs: number;
  readonly writeBackSeed: number | null;
}

/** The word that is waited for; null: any. */
const words: Readonly<Record<Moment['name'], string | null>> = {
  recovery: 'begin',
  appends: null,
  batched: null,
  settling: 'settling',
  closing: 'closing',
  deleting: 'deleting',
};

/** Drawn alike, but for recovery. */
const names = ['appends', 'batched', 'batched', 'settling', 'closing', 'deleting'] as const;

/** What the cuts were like; each is a count. */
export type CutSums = Readonly<Record<string, number>>;

/** Where the time went; each in ms. */
export type CutTimes = Record<'disk' | 'life' | 'recovery' | 'reading', number>;

/** A disk, a switch and a store for the cuts of one seed. */
export class PowerCuts {
  readonly #next: () => number;
  readonly #disk: LoopDisk;
  readonly #root: string;
  readonly #switch = new PowerSwitch();
  readonly #oracle = new Oracle('power');
  readonly #sums: Record<string, number> = {};
  readonly times: CutTimes = { disk: 0, life: 0, recovery: 0, reading: 0 };
  #process = new AppenderProcess();
  /** True when nobody has recovered the store since the last cut. */
  #isUnseen = false;

  constructor(kind: LoopFileSystem, seed: number) {
    this.#next = chance(seed);
    this.#disk = new LoopDisk(kind === 'xfs' ? 384 : 256, kind);
    this.#root = `${this.#disk.directory}/store`;
  }

  /** Cuts the power so many times. Throws at the first promise that does not hold. */
  async run(cuts: number): Promise<CutSums> {
    for (let round = 0; round < cuts; round += 1) {
      await this.#cutOnce(round);
      this.#time('disk', () => {
        this.#disk.unmount();
        this.#disk.mount();
      });
      const { faults } = this.#oracle;
      if (faults.length > 0) throw new Error(`round ${round}: ${faults.join('; ')}`);
      this.#isUnseen = round < cuts - 1 && this.#next() < 0.4;
      if (!this.#isUnseen) await this.#look(round);
    }
    this.#time('disk', () => {
      this.#disk.unmount();
      this.#disk.check();
    });
    for (const [name, count] of Object.entries(this.#oracle.counts)) this.#count(name, count);
    return { cuts, ...this.#sums };
  }

  async end(): Promise<void> {
    await this.#process.end();
    await this.#switch.end();
    this.#disk.destroy();
  }

  #drawMoment(): Moment {
    const next = this.#next;
    const writeBackSeed = next() < 0.6 ? Math.floor(next() * 2 ** 31) : null;
    if (next() < (this.#isUnseen ? 0.7 : 0.1)) {
      return { name: 'recovery', lines: 1, delayMs: next() * 40, writeBackSeed };
    }
    const name = names[Math.floor(next() * names.length)] ?? 'appends';
    if (name === 'batched') {
      // What several writes left unsynced is mostly gone a few milliseconds later.
      const lines = 15 + Math.floor(next() * 120);
      return { name, lines, delayMs: 0, writeBackSeed: Math.floor(next() * 2 ** 31) };
    }
    if (name === 'appends') {
      const lines = 15 + Math.floor(next() ** 2 * 300);
      return { name, lines, delayMs: next() * 2, writeBackSeed };
    }
    return { name, lines: 1 + Math.floor(next() * 2), delayMs: next() * 6, writeBackSeed };
  }

  /** Lets the next process work, and cuts the power of its disk. */
  async #cutOnce(round: number): Promise<void> {
    const began = performance.now();
    const moment = this.#drawMoment();
    const one = this.#process;
    await this.#switch.arm(this.#disk.directory);
    const seed = Math.floor(this.#next() * 2 ** 31);
    const favour = moment.name;
    let lines = 0;
    let loosening = Promise.resolve();
    let cutting: Promise<void> | null = null;
    const word = words[moment.name];
    // Lines that were in the pipe when the power went were acknowledged before, and count.
    for await (const line of one.lines({
      root: this.#root,
      round,
      seed,
      favour,
      ids: sessionIds,
    })) {
      this.#oracle.take(line);
      if (word === null || line.split(' ', 1)[0] === word) lines += 1;
      if (lines === moment.lines - 10) loosening = this.#switch.loosen();
      if (lines < moment.lines || cutting !== null) continue;
      cutting = this.#switch.cut(moment, one.pid).finally(() => one.kill());
      // The next one starts while this one dies, and the disk is mounted.
      this.#process = new AppenderProcess();
    }
    if (cutting === null) throw new Error(`The appender ended by itself: ${one.errors}`);
    await Promise.all([loosening, cutting]);
    this.#count(`during ${moment.name}`, 1);
    this.#count('with pages written back', moment.writeBackSeed === null ? 0 : 1);
    this.times.life += performance.now() - began;
  }

  /** Recovers the store, and holds everything against what was promised. */
  async #look(round: number): Promise<void> {
    const files = journalFiles(this.#root);
    this.#count('during a rotation', files.some((name) => name.startsWith('.new-')) ? 1 : 0);
    this.#count('with several segments', files.length > 1 ? 1 : 0);
    let began = performance.now();
    const report = await recover(this.#root, { mode: 'run' }).catch((error: unknown) => {
      // A store whose first names never reached the disk is not there, and nothing was promised.
      if (this.#oracle.counts.durable > 0) throw new Error(`round ${round}: ${String(error)}`);
      return null;
    });
    if (report === null) return;
    if (!['clean', 'healed'].includes(report.verdict)) {
      throw new Error(`round ${round}: ${report.verdict}: ${JSON.stringify(report.findings)}`);
    }
    this.#count('torn', report.writers.some((writer) => writer.cut.bytes > 0) ? 1 : 0);
    const second = await recover(this.#root, { mode: 'run' });
    if (second.verdict !== 'clean') throw new Error(`round ${round}: then ${second.verdict}`);
    this.times.recovery += performance.now() - began;
    began = performance.now();
    const found = await messagesIn(this.#root);
    const ids = new Set([...found.keys(), ...this.#oracle.sessions()]);
    const faults = [...ids].flatMap((id) => this.#oracle.judge(id, found.get(id) ?? null));
    if (faults.length > 0) throw new Error(`round ${round}: ${faults.join('; ')}`);
    this.times.reading += performance.now() - began;
  }

  #count(name: string, by: number): void {
    this.#sums[name] = (this.#sums[name] ?? 0) + by;
  }

  #time(name: keyof CutTimes, work: () => void): void {
    const began = performance.now();
    work();
    this.times[name] += performance.now() - began;
  }
}

function journalFiles(root: string): readonly string[] {
  try {
    const names = readdirSync(`${root}/journals`, { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => name.endsWith('.segment'))
      .map((name) => name.split('/')[1] ?? '');
  } catch {
    // The power went before there was a store.
    return [];
  }
}
