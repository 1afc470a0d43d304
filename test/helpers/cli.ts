/** Runs the command line in this process, with streams, an environment and a library made for the test. */
import { HoldfastError } from '../../src/base/errors.ts';
import type { Engine } from '../../src/cli/engine.ts';
import type { Io, Output } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';
import type { Message } from '../../src/session/message.ts';
import type { RecoveryReport } from '../../src/recovery/report.ts';
import type { AppendOptions, Session, StoreApi } from '../../src/store/api.ts';

/** What a run said and how it ended. */
export interface Told {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An output that remembers; `close` makes it behave like a pipe that nobody reads any more. */
export class Memory implements Output {
  readonly isTerminal: boolean;
  readonly #gone = new AbortController();
  text = '';

  constructor(isTerminal = false) {
    this.isTerminal = isTerminal;
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  write(text: string): Promise<void> {
    if (!this.gone.aborted) this.text += text;
    return Promise.resolve();
  }

  watch(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.#gone.abort();
  }
}

const refuse = (what: string) => (): never => {
  throw new Error(`the test did not expect ${what}`);
};

/** A library that can do only what the test says. */
export function engineOf(verbs: Partial<Engine>): Engine {
  return {
    openStore: refuse('openStore'),
    recover: refuse('recover'),
    salvage: refuse('salvage'),
    acceptLoss: refuse('acceptLoss'),
    dump: refuse('dump'),
    ...verbs,
  };
}

/** A world with this input and library. */
export function worldOf(
  settings: Partial<Io> & { readonly input?: string | AsyncIterable<Uint8Array> },
): Io & {
  readonly stdout: Memory;
  readonly stderr: Memory;
} {
  const { input = '', ...rest } = settings;
  const chunks = typeof input === 'string' ? chunksOf(input) : input;
  return {
    program: 'holdfast',
    version: '0.0.0',
    stdin: { isTerminal: false, chunks: () => chunks },
    env: {},
    home: '/home/somebody',
    signal: new AbortController().signal,
    engine: engineOf({}),
    isDirectory: () => Promise.resolve(false),
    ...rest,
    stdout: (rest.stdout as Memory | undefined) ?? new Memory(),
    stderr: (rest.stderr as Memory | undefined) ?? new Memory(),
  };
}

/** Runs words in a world and tells what came out. */
export async function runIn(world: ReturnType<typeof worldOf>, ...words: string[]): Promise<Told> {
  const code = await run(words, world);
  return { code, stdout: world.stdout.text, stderr: world.stderr.text };
}

/** Runs words with this library. */
export function runWith(verbs: Partial<Engine>, ...words: string[]): Promise<Told> {
  return runIn(worldOf({ engine: engineOf(verbs) }), ...words);
}

/** A text as a stream of small chunks, so that lines and characters are cut anywhere. */
export async function* chunksOf(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

/** A report about nothing, with what the test adds. */
export function reportOf(members: Partial<RecoveryReport>): RecoveryReport {
  return {
    schema: 'holdfast.recovery/1',
    root: '/store',
    verdict: 'clean',
    changed: false,
    historiesRead: false,
    writers: [],
    sessions: [],
    findings: [],
    bytesNeeded: 0,
    ...members,
  };
}

/** A session that keeps what is appended, and fails where it is told to. */
export class FakeSession {
  readonly groups: (readonly Message[])[] = [];
  readonly durabilities: unknown[] = [];
  #count = 0;
  closed = false;
  flushed = 0;
  /** Called before each group is taken; what it throws is the answer. */
  before: (messages: readonly Message[]) => void | Promise<void> = () => undefined;

  get messages(): readonly Message[] {
    return this.groups.flat();
  }

  /** A store that holds this session under every id. */
  asEngine(): Engine {
    const session = {
      id: 's1',
      appendAll: async (messages: readonly Message[], options?: AppendOptions) => {
        await this.before(messages);
        if (this.closed) throw new HoldfastError('CLOSED', 'Closed', { what: 'session' });
        const firstSeq = this.#count + 1;
        this.#count += messages.length;
        this.groups.push(messages);
        this.durabilities.push(options?.durability);
        return { firstSeq, lastSeq: firstSeq + messages.length - 1 };
      },
      flush: () => {
        this.flushed += 1;
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => {
        this.closed = true;
        return Promise.resolve();
      },
    };
    const store = {
      openSession: () => Promise.resolve(session as unknown as Session),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    return engineOf({ openStore: () => Promise.resolve(store as unknown as StoreApi) });
  }
}
