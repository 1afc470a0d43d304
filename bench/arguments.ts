/** Arguments of `npm run bench`. */
import { tmpdir } from 'node:os';
import { UsageError, numberOf, wordsOf } from './words.ts';
import { workloadNames } from './workloads.ts';
import type { WorkloadName } from './workloads.ts';

/** Every case, with the line of the help that says what it measures, in the order of a whole run. */
export const caseTexts = {
  append: 'one writer that awaits each append, against pwrite + fdatasync of the same bytes',
  sessions: 'many sessions that append durably at the same time: syncs per append',
  batched: 'how long an acknowledged batched entry stays unsynced, seen from outside by strace',
  pool: "durable appends while eight long jobs fill libuv's pool, against an idle pool",
  load: 'appends at a given rate, whatever the store does: latency, memory, segments over time',
  many: 'the same with thousands of sessions and a few batched messages a second each',
  settle: 'moving what is in the journal into the histories: MiB/s, processor per entry',
  recover: 'recovery of the full journal of a killed writer, beside reading it',
  scan: 'looking at full journals and changing nothing, beside reading and hashing them',
  verify: 'looking at every byte of a settled store, beside reading and hashing it',
  open: 'opening sessions of 10 to a million messages; the longest in a fresh process too',
  snapshot: 'taking a snapshot of sessions of 10 to a million messages',
  list: 'listing ten thousand sessions, in a fresh process too',
} as const;
export type CaseName = keyof typeof caseTexts;
export const caseNames = Object.keys(caseTexts) as readonly CaseName[];

/** Null is for what the case takes by default. */
export interface Settings {
  readonly cases: readonly CaseName[];
  readonly json: boolean;
  /** A new file that gets a page with the tables and plots. */
  readonly html: string | null;
  /** How long each case runs, about. */
  readonly seconds: number;
  /** A directory on the disk that is measured; a store is made below it and removed again. */
  readonly directory: string;
  readonly sessions: number | null;
  /** Appends a second. */
  readonly rate: number | null;
  readonly durability: 'durable' | 'batched' | null;
  readonly workload: WorkloadName | null;
  readonly seed: number;
  /** Messages of the longest session that is opened. */
  readonly messages: number;
  /** Bytes of the journal or store that is read. */
  readonly bytes: number | null;
  /** Length of the text of each message of the workload `fixed`. */
  readonly textBytes: number;
}

export const usage = `Usage: npm run bench -- [all|CASE ...] [options]

${caseNames.map((name) => `  ${name.padEnd(10)} ${caseTexts[name]}`).join('\n')}

  --seconds N       about how long each case runs (default 5)
  --sessions N      sessions of "sessions" (default 64), "load" (200), "many" (2000), "list" (10000)
                    and "settle" (64)
  --rate N          appends a second of "load" (default 5000) and "many" (6000)
  --durability D    of the appends of "load" (default durable) and "many" (batched)
  --workload W      ${workloadNames.join(', ')} (default fixed, of "load" chat)
  --seed N          of the workload (default 1)
  --text-bytes N    length of each message's text in the workload "fixed" (default 1000)
  --messages N      length of the longest session of "open" and "snapshot" (default 1000000)
  --bytes N         what is in the store or journal of "recover" (default 64MiB), "scan" and
                    "verify" (256MiB), and in each round of "settle" (8MiB); KiB, MiB, GiB
  --dir DIR         measure the disk of this directory (default: the system's temporary one)
  --json            one JSON object instead of tables
  --html FILE       also a new file, a page with the tables and plots over time and sizes
  -h, --help        this text

Each case is told when it is done. "all" takes more than a minute at least, and some minutes with the
sessions of a million messages, which take 3 GiB; --seconds 1 --messages 10000 is a quick look.
`;

/** How long several cases take at least. */
export function planText(cases: number, seconds: number): string {
  const all = Math.ceil(cases * seconds);
  const time = all < 120 ? `${all} s` : `${Math.ceil(all / 60)} minutes`;
  return `${cases} cases of about ${seconds} s each: at least ${time}, and what their stores take`;
}

const kinds = {
  seconds: 'text',
  sessions: 'text',
  rate: 'text',
  durability: 'text',
  workload: 'text',
  seed: 'text',
  'text-bytes': 'text',
  messages: 'text',
  bytes: 'text',
  dir: 'text',
  json: 'flag',
  html: 'text',
  help: 'flag',
} as const;

/** Throws a UsageError that says what is wrong with the arguments; null when help is asked for. */
export function settingsOf(args: readonly string[]): Settings | null {
  const { flags, texts, names } = wordsOf(args, kinds);
  if (flags.has('help')) return null;
  return {
    cases: casesOf(names),
    json: flags.has('json'),
    html: texts.get('html') ?? null,
    seconds: numberOf('seconds', texts.get('seconds') ?? '5'),
    directory: texts.get('dir') ?? tmpdir(),
    sessions: optional('sessions', texts.get('sessions'), wholeOf),
    rate: optional('rate', texts.get('rate'), numberOf),
    durability: oneOf('durability', texts.get('durability'), ['durable', 'batched'] as const),
    workload: oneOf('workload', texts.get('workload'), workloadNames),
    seed: wholeOf('seed', texts.get('seed') ?? '1'),
    messages: wholeOf('messages', texts.get('messages') ?? '1000000'),
    bytes: optional('bytes', texts.get('bytes'), bytesOf),
    textBytes: textBytesOf(texts.get('text-bytes') ?? '1000'),
  };
}

function casesOf(names: readonly string[]): readonly CaseName[] {
  const cases = names
    .filter((name) => name !== 'all')
    .map((name) => {
      const found = caseNames.find((one) => one === name);
      if (found !== undefined) return found;
      const message = `There is no case ${JSON.stringify(name)}; there are ${caseNames.join(', ')}`;
      throw new UsageError(message);
    });
  return cases.length === names.length && cases.length > 0 ? cases : caseNames;
}

function optional<T>(
  name: string,
  text: string | undefined,
  read: (name: string, text: string) => T,
): T | null {
  return text === undefined ? null : read(name, text);
}

function oneOf<T extends string>(
  name: string,
  text: string | undefined,
  all: readonly T[],
): T | null {
  if (text === undefined) return null;
  const found = all.find((one) => one === text);
  if (found !== undefined) return found;
  throw new UsageError(`--${name} must be one of ${all.join(', ')}, not ${JSON.stringify(text)}`);
}

function wholeOf(name: string, text: string): number {
  const value = numberOf(name, text);
  if (Number.isSafeInteger(value)) return value;
  throw new UsageError(`--${name} must be a whole number above 0, not ${JSON.stringify(text)}`);
}

/** Longer ones no message may have, and far longer ones no string. */
const textBytesMax = 64 * 1024 ** 2;

function textBytesOf(text: string): number {
  const value = bytesOf('text-bytes', text);
  if (value <= textBytesMax) return value;
  throw new UsageError(`--text-bytes must be at most 64MiB, not ${JSON.stringify(text)}`);
}

const units = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

function bytesOf(name: string, text: string): number {
  const [, digits = '', unit = ''] = /^(\d+) ?([KMG]iB)?$/.exec(text) ?? [];
  const value = Number(digits) * units[unit as keyof typeof units];
  if (digits !== '' && Number.isSafeInteger(value) && value > 0) return value;
  const wanted = 'a whole number above 0, or one with KiB, MiB or GiB';
  throw new UsageError(`--${name} must be ${wanted}, not ${JSON.stringify(text)}`);
}
