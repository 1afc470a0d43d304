/** Arguments of `npm run compare`. */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';

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

/** Throws an Error that says what is wrong with the arguments; null when help is asked for. */
export function settingsOf(args: readonly string[]): Settings | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      seconds: { type: 'string', default: '20' },
      sessions: { type: 'string', default: '512' },
      messages: { type: 'string', default: '1000000' },
      bytes: { type: 'string', default: String(1024 ** 3) },
      dir: { type: 'string', default: tmpdir() },
    },
  });
  if (values.help) return null;
  const cases = positionals.map((name) => {
    const found = caseNames.find((one) => one === name);
    if (found !== undefined) return found;
    throw new Error(`There is no case ${JSON.stringify(name)}; there are ${caseNames.join(', ')}`);
  });
  return {
    cases: cases.length === 0 ? caseNames : cases,
    json: values.json,
    seconds: numberOf('seconds', values.seconds),
    directory: values.dir,
    sessions: Math.ceil(numberOf('sessions', values.sessions)),
    messages: Math.ceil(numberOf('messages', values.messages)),
    bytes: Math.ceil(numberOf('bytes', values.bytes)),
  };
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`--${name} must be a number above 0, not ${JSON.stringify(text)}`);
}
