/** Arguments of `npm run compare`. */
import { tmpdir } from 'node:os';
import { UsageError, numberOf, wordsOf } from '../words.ts';

/** In the order in which they run. */
export const caseNames = [
  'syncs',
  'one',
  'hundred',
  'sessions',
  'cpu',
  'rebuild',
  'verify',
  'langgraph',
] as const;

/** Names one comparison. */
export type CaseName = (typeof caseNames)[number];

/** What was asked for. */
export interface Settings {
  readonly cases: readonly CaseName[];
  readonly json: boolean;
  /** About how long each case runs; `rebuild` and `verify` take what their sizes take. */
  readonly seconds: number;
  /** A directory on the disk that is measured; one is made below it and removed again. */
  readonly directory: string;
  /** The most sessions of the case `sessions`, and its appenders. */
  readonly sessions: number;
  /** Of the conversation that is rebuilt. */
  readonly messages: number;
  /** Of the store that is verified. */
  readonly bytes: number;
}

/** The text of `--help`. */
export const usage = `Usage: npm run compare -- [${caseNames.join('|')} ...] [options]

  syncs      100 durable appends of each log, one after the other: how often it really syncs
  one        one writer that awaits each durable append
  hundred    a hundred appenders at the same time, in one process
  sessions   512 appenders over 1, 8, 64 and 512 sessions of one process
  cpu        processor time of a durable append
  rebuild    reading a whole conversation back
  verify     checking every byte of a store, against reading and hashing it
  langgraph  a turn of an agent, against LangGraph's SQLite saver

  --seconds N     about how long each case runs (default 20)
  --sessions N    sessions and appenders of the case "sessions" at most (default 512)
  --messages N    length of the conversation of the case "rebuild" (default 1000000)
  --bytes N       size of the store of the case "verify" (default 1073741824)
  --dir DIR       measure the disk of this directory (default: the system's temporary one)
  --json          one JSON object instead of tables
  -h, --help      this text
`;

const kinds = {
  seconds: 'text',
  sessions: 'text',
  messages: 'text',
  bytes: 'text',
  dir: 'text',
  json: 'flag',
  help: 'flag',
} as const;

/** Throws a UsageError that says what is wrong with the arguments; null when help is asked for. */
export function settingsOf(args: readonly string[]): Settings | null {
  const { flags, texts, names } = wordsOf(args, kinds);
  if (flags.has('help')) return null;
  const number = (name: keyof typeof kinds, byDefault: number): number => {
    return numberOf(name, texts.get(name) ?? String(byDefault));
  };
  const cases = names.map((name) => {
    const found = caseNames.find((one) => one === name);
    if (found !== undefined) return found;
    const known = caseNames.join(', ');
    throw new UsageError(`There is no case ${JSON.stringify(name)}; there are ${known}`);
  });
  return {
    cases: cases.length === 0 ? caseNames : cases,
    json: flags.has('json'),
    seconds: number('seconds', 20),
    directory: texts.get('dir') ?? tmpdir(),
    sessions: Math.ceil(number('sessions', 512)),
    messages: Math.ceil(number('messages', 1_000_000)),
    bytes: Math.ceil(number('bytes', 1024 ** 3)),
  };
}
