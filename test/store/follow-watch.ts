/** A session that one process writes and another one follows, on a simulated machine. */
import type { Entry } from '../../src/session/event.ts';
import type { FollowOptions, Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import { SimMachine } from '../helpers/sim-store.ts';

/** The sequences of so many entries. */
export const count = (entries: number): number[] =>
  Array.from({ length: entries }, (_, at) => at + 1);

/** What a follower was given so far. */
export class Watch {
  readonly entries: Entry[] = [];
  readonly #stop = new AbortController();
  readonly ended: Promise<unknown>;

  constructor(session: Session, options: FollowOptions = {}) {
    const { signal } = this.#stop;
    const run = async (): Promise<unknown> => {
      for await (const entry of session.follow({ signal, ...options })) this.entries.push(entry);
      return 'deleted';
    };
    this.ended = run().catch((error: unknown) => error);
  }

  get seqs(): number[] {
    return this.entries.map(({ seq }) => seq);
  }

  get texts(): unknown[] {
    return this.entries.flatMap(({ event }) =>
      event.kind === 'message' ? [event.message.content] : [],
    );
  }

  stop(): void {
    this.#stop.abort(new Error('enough'));
  }
}

/** Who writes and who reads. */
export interface Bench {
  readonly machine: SimMachine;
  readonly store: Store;
  readonly session: Session;
  readonly reader: Session;
}

/** A writer with an open session, and another process that has it open for reading. */
export async function bench(): Promise<Bench> {
  const machine = await SimMachine.start();
  const store = await machine.open();
  const session = await machine.run(store.createSession({ id: 's' }));
  const watching = await machine.open({ mode: 'read' }, 'watcher');
  const reader = await machine.run(watching.openSession('s', { mode: 'read' }));
  return { machine, store, session, reader };
}
