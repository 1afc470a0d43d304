/** Arguments of `npm run bench`. */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';

export const caseNames = ['append', 'sessions', 'batched', 'pool', 'many', 'open'] as const;
export type CaseName = (typeof caseNames)[number];

export interface Settings {
  readonly cases: readonly CaseName[];
  readonly json: boolean;
  /** How long each case runs, about. */
  readonly seconds: number;
  /** A directory on the disk that is measured; a store is made below it and removed again. */
  readonly directory: string;
  /** Null for what the case takes by default. */
  readonly sessions: number | null;
  /** Messages of the longest session that is opened. */
  readonly messages: number;
  /** Length of the text of each message. */
  readonly textBytes: number;
}

export const usage = `Usage: npm run bench -- [append|sessions|batched|pool|many|open ...] [options]

  append     one writer that awaits each append, against pwrite + fdatasync of the same bytes
  sessions   many sessions that append durably at the same time: syncs per append
  batched    how long an acknowledged batched entry stays unsynced, seen from outside by strace
  pool       durable appends while eight long jobs fill libuv's pool, against an idle pool
  many       thousands of sessions with a few batched messages a second each: segments of the
             journal, syncs and open files
  open       opening sessions of 10 to a million messages: time and bytes read

  --seconds N     about how long each case runs (default 5)
  --sessions N    sessions of the cases "sessions" (default 64) and "many" (default 2000)
  --messages N    length of the longest session of the case "open" (default 1000000)
  --bytes N       length of each message's text (default 1000)
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
      seconds: { type: 'string', default: '5' },
      sessions: { type: 'string' },
      messages: { type: 'string', default: '1000000' },
      bytes: { type: 'string', default: '1000' },
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
    sessions:
      values.sessions === undefined ? null : Math.ceil(numberOf('sessions', values.sessions)),
    messages: Math.ceil(numberOf('messages', values.messages)),
    textBytes: Math.ceil(numberOf('bytes', values.bytes)),
  };
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`--${name} must be a number above 0, not ${JSON.stringify(text)}`);
}
