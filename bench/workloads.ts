/**
 * What is appended: messages as agents write them, and into which session each goes. A workload is
 * its name, its seed and its number of sessions, and nothing else: the same three give the same
 * messages. Texts and JSON are made before anything is measured; drawing one costs next to nothing.
 */
import type { NewMessage } from 'holdfast';
import { Random } from './random.ts';

export const workloadNames = [
  'fixed',
  'chat',
  'tool-heavy',
  'long-context',
  'many-sessions',
] as const;
export type WorkloadName = (typeof workloadNames)[number];

/** One message for one session. */
export interface Arrival {
  readonly session: number;
  readonly message: NewMessage;
  /** Length of its text and JSON, about what it takes. */
  readonly bytes: number;
}

/** How a workload is drawn. */
export interface WorkloadOptions {
  readonly seed: number;
  readonly sessions: number;
  /** Length of the text of each message of `fixed`. */
  readonly textBytes: number;
}

const chatBytes = { user: [20, 400], assistant: [200, 2000] } as const;
const jsonBytes = [200, 20_000] as const;
const contextBytes = [50_000, 500_000] as const;
const jsonTexts = 128;
const callsPerTask = 6;
const poolChars = 1024 * 1024;
const words = (
  'the parser reads a file and then fails because this branch was never taken so we should ' +
  'write another test for it first const value return await function error import type index'
).split(' ');

/** The messages of a workload, without end. */
export function* arrivals(
  name: WorkloadName,
  options: WorkloadOptions,
): Generator<Arrival, never, undefined> {
  const random = new Random(options.seed);
  const text = textPool(random);
  const draw = makers[name]({ random, text, textBytes: options.textBytes });
  const turns = new Uint32Array(options.sessions);
  const choose =
    name === 'many-sessions' ? zipf(random, options.sessions) : inTurn(options.sessions);
  for (;;) {
    const session = choose();
    const turn = turns[session] ?? 0;
    turns[session] = turn + 1;
    yield { session, ...draw(session, turn) };
  }
}

type Drawn = Pick<Arrival, 'message' | 'bytes'>;
/** The message of a session's turn, counted from 0. */
type Maker = (session: number, turn: number) => Drawn;

interface Ingredients {
  readonly random: Random;
  readonly text: (chars: number) => string;
  readonly textBytes: number;
}

const makers: Readonly<Record<WorkloadName, (from: Ingredients) => Maker>> = {
  fixed: ({ textBytes }) => {
    const drawn = {
      message: { role: 'assistant', content: 'x'.repeat(textBytes) },
      bytes: textBytes,
    };
    return () => drawn;
  },
  chat,
  'tool-heavy': toolHeavy,
  'long-context': ({ random, text }) => {
    return (_session, turn) => {
      const bytes = random.size(...contextBytes);
      return {
        message: { role: turn % 2 === 0 ? 'user' : 'assistant', content: text(bytes) },
        bytes,
      };
    };
  },
  'many-sessions': chat,
};

/** Short turns, the user's and the model's. */
function chat({ random, text }: Ingredients): Maker {
  return (_session, turn) => {
    const role = turn % 2 === 0 ? 'user' : 'assistant';
    const [least, most] = chatBytes[role];
    const bytes = random.size(least, most);
    return { message: { role, content: text(bytes) }, bytes };
  };
}

/** A task of the user, then calls of tools and their results, each result behind its call. */
function toolHeavy({ random, text }: Ingredients): Maker {
  const inputs = Array.from({ length: jsonTexts }, () => {
    const bytes = random.size(...jsonBytes);
    return { input: { path: `src/${random.below(1000)}.ts`, content: text(bytes) }, bytes };
  });
  const results = Array.from({ length: jsonTexts }, () => {
    const bytes = random.size(...jsonBytes);
    return { json: jsonText(random, text, bytes), bytes };
  });
  const turnsPerTask = 1 + 2 * callsPerTask;
  return (session, turn) => {
    const place = turn % turnsPerTask;
    if (place === 0) {
      const bytes = random.size(...chatBytes.user);
      return { message: { role: 'user', content: text(bytes) }, bytes };
    }
    if (place % 2 === 1) {
      const { input, bytes } = pick(random, inputs);
      const call = { type: 'tool_use', id: `call-${session}-${turn}`, name: 'write_file', input };
      return { message: { role: 'assistant', content: [call] }, bytes };
    }
    const { json, bytes } = pick(random, results);
    const id = `call-${session}-${turn - 1}`;
    const result = { type: 'tool_result', tool_use_id: id, content: json };
    return { message: { role: 'user', content: [result] }, bytes };
  };
}

/** JSON of about so many bytes: rows, as searches and listings give them. */
function jsonText(random: Random, text: Ingredients['text'], bytes: number): string {
  const matches: unknown[] = [];
  for (let left = bytes; left > 0; left -= 120) {
    matches.push({ file: `src/${random.below(1000)}.ts`, line: random.below(400), text: text(70) });
  }
  return JSON.stringify({ ok: true, matches });
}

function pick<T>(random: Random, from: readonly T[]): T {
  const one = from[random.below(from.length)];
  if (one === undefined) throw new Error('There is nothing to pick from');
  return one;
}

/** Texts are cut out of one long one, so that drawing them costs nothing. */
function textPool(random: Random): (chars: number) => string {
  const parts: string[] = [];
  for (let length = 0; length < poolChars; ) {
    const word = pick(random, words);
    parts.push(word);
    length += word.length + 1;
  }
  const pool = parts.join(' ');
  return (chars) => {
    const at = random.below(pool.length - chars);
    return pool.slice(at, at + chars);
  };
}

function inTurn(sessions: number): () => number {
  let next = -1;
  return () => {
    next = (next + 1) % sessions;
    return next;
  };
}

/** The k-th session is chosen 1/k times as often as the first: few are busy, many are nearly idle. */
function zipf(random: Random, sessions: number): () => number {
  const upTo = new Float64Array(sessions);
  let sum = 0;
  for (let rank = 0; rank < sessions; rank += 1) {
    sum += 1 / (rank + 1);
    upTo[rank] = sum;
  }
  return () => {
    const drawn = random.next() * sum;
    let [low, high] = [0, sessions - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((upTo[middle] ?? sum) > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
