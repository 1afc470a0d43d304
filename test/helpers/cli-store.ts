/** The command line on a store of a simulated machine: real sessions, no disk, no waiting. */
import { acceptLossWith } from '../../src/recovery/accept-loss.ts';
import type { Parts } from '../../src/recovery/parts.ts';
import { recoverWith } from '../../src/recovery/recover.ts';
import { salvageWith } from '../../src/recovery/salvage.ts';
import { Stopped } from '../../src/cli/io.ts';
import type { Io } from '../../src/cli/io.ts';
import type { Message } from '../../src/session/message.ts';
import { Store } from '../../src/store/store.ts';
import { engineOf, runIn, worldOf } from './cli.ts';
import type { Told } from './cli.ts';
import { SimMachine, simRoot } from './sim-store.ts';

export const say = (content: string): Message => ({ role: 'user', content });

/** One machine with a store, in which command lines run as processes of their own. */
export class CliStore {
  readonly machine: SimMachine;
  #runs = 0;

  constructor(machine: SimMachine) {
    this.machine = machine;
  }

  static async start(): Promise<CliStore> {
    return new CliStore(await SimMachine.start());
  }

  /** A session with these messages, closed again. */
  async conversation(id: string, ...texts: readonly string[]): Promise<void> {
    const store = await this.machine.open({}, `writer of ${id}`);
    const session = await this.machine.run(store.openSession(id, { create: true }));
    await this.machine.run(session.appendAll(texts.map(say)));
    await this.machine.run(store.close());
  }

  /** What a command line sees; `settings` win. */
  world(settings: Parameters<typeof worldOf>[0] = {}): ReturnType<typeof worldOf> {
    this.#runs += 1;
    const name = `command ${this.#runs}`;
    const openStore: Io['engine']['openStore'] = (root, options) => {
      const small = { ...options, io: 'pool', segmentBytes: 16_384, lockWaitMs: 100 } as const;
      return Store.openWith(this.machine.parts(name), root, small);
    };
    const env = { HOLDFAST_STORE: simRoot };
    const parts = (): Parts => this.machine.parts(name);
    const engine = engineOf({
      openStore,
      recover: (root, options) => recoverWith(parts(), root, options),
      salvage: (root, options) => salvageWith(parts(), root, options),
      acceptLoss: (root, options) => acceptLossWith(parts(), root, options),
    });
    return worldOf({ engine, env, ...settings });
  }

  /** Runs words to their end. */
  run(...words: readonly string[]): Promise<Told> {
    return this.machine.run(runIn(this.world(), ...words));
  }

  /** What the words tell with `--json`, and how they end. */
  async json<T>(...words: readonly string[]): Promise<readonly T[]> {
    const { code, stdout, stderr } = await this.run(...words, '--json');
    if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${stderr}`);
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as T);
  }

  /** Starts words that go on until they are stopped. */
  start(...words: readonly string[]): {
    readonly world: ReturnType<typeof worldOf>;
    readonly told: Promise<Told>;
    interrupt(): void;
  } {
    const stop = new AbortController();
    const world = this.world({ signal: stop.signal });
    const told = runIn(world, ...words);
    return { world, told, interrupt: () => stop.abort(new Stopped('SIGINT')) };
  }
}
