/**
 * `recover scan` over transcripts: files, and whole folders such as `~/.claude/projects`. One line
 * a file, the worst of them decides the exit.
 */
import { HoldfastError, fromSystem } from '../../base/errors.ts';
import { headingOf, left, right, rowOf } from '../columns.ts';
import type { Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { namesIn, pathKind, requireThere } from '../path-kind.ts';
import { progressLine } from '../progress.ts';
import type { ProgressLine } from '../progress.ts';
import type { Style } from '../talk.ts';
import { bytes, counted, json, number, oneLine } from '../text.ts';
import { checkTranscript, placeWords, shownPath } from './checked.ts';
import type { CheckedTranscript, TranscriptPath } from './checked.ts';
import type { TranscriptVerdict } from './verdict.ts';
import { isWideText, storeAt } from './store-at.ts';
import { UsageError } from '../usage-error.ts';
import { codesOf } from './finding-text.ts';
import { isLikelyLatin } from './latin-hint.ts';
import { summaryOf, transcriptSchema } from './told.ts';
import { exitOfTranscript } from './verdict.ts';

/** Why there is no verdict of the rules on a file: in the order of their gravity. */
type Failure = 'damaged' | 'unreadable' | 'missing' | 'refused';

interface Tally {
  readonly counts: Record<TranscriptVerdict, number>;
  /** Files that are no verdict's: `refused` were named, and are no transcripts. */
  readonly failures: Record<Failure, number>;
  /** Files of a folder whose content is no transcript. */
  others: number;
  /** The first one that is not clean, for the line that says what to run next. */
  amiss: TranscriptPath | null;
  /** Whether a plan has anything to do in one of them. */
  mends: 'some' | 'none';
}

/**
 * Scans files and folders. One that cannot be looked at is told, and ends no scan of several. A
 * file that was named must be a transcript; one in a folder need not.
 */
export async function scanTranscripts(
  context: Context,
  paths: readonly string[],
): Promise<ExitCode> {
  const { talk, io } = context;
  const tally: Tally = {
    counts: { clean: 0, repairable: 0, damaged: 0 },
    failures: { damaged: 0, unreadable: 0, missing: 0, refused: 0 },
    others: 0,
    amiss: null,
    mends: 'none',
  };
  const progress = progressLine(io, talk);
  const table = new Table(context, tally, progress);
  try {
    for (const path of paths) {
      try {
        for await (const found of foundAt(path, 'named')) {
          if (io.stdout.gone.aborted) return 0;
          await table.look(found);
        }
      } catch (error) {
        // Of one alone the error says all that there is to say.
        const isAlone = paths.length === 1 && !HoldfastError.is(error, 'DAMAGED');
        if (isAlone || io.signal.aborted) throw error;
        await table.failed({ path, session: null, origin: 'named' }, error);
      }
    }
  } finally {
    await progress.clear();
  }
  const worst = worstOf(tally);
  if (talk.json) await talk.data(`${json(resultOf(tally, worst))}\n`);
  else await talk.data(`${sumText(tally)}\n`);
  return exitOfScan(tally);
}

/** The rows, as they come. */
class Table {
  readonly #context: Context;
  readonly #tally: Tally;
  readonly #progress: ProgressLine;
  #rows = 0;

  constructor(context: Context, tally: Tally, progress: ProgressLine) {
    this.#context = context;
    this.#tally = tally;
    this.#progress = progress;
  }

  async look(found: Found): Promise<void> {
    const { io, talk } = this.#context;
    const { onProgress } = this.#progress;
    if (found.error !== undefined) return this.failed(found, found.error);
    let checked: CheckedTranscript;
    try {
      checked = await checkTranscript(found, null, { signal: io.signal, onProgress });
    } catch (error) {
      if (found.origin === 'named' || io.signal.aborted) throw error;
      return this.failed(found, error);
    }
    this.#tally.counts[checked.verdict] += 1;
    if (checked.verdict !== 'clean') {
      this.#tally.amiss ??= found;
      if (checked.outlook.mends === 'some') this.#tally.mends = 'some';
    }
    if (talk.json) return this.#tell(json(summaryOf(checked)));
    return this.#tell(row(checked, talk.style));
  }

  /** Tells why a file has no verdict; in a folder, what is no transcript is passed over. */
  async failed(found: Found, error: unknown): Promise<void> {
    const { talk } = this.#context;
    const failure = failureOf(found, error);
    if (failure === null) {
      this.#tally.others += 1;
      return;
    }
    this.#tally.failures[failure] += 1;
    const said = error instanceof Error ? error.message : String(error);
    const message = HoldfastError.is(error) ? said : `it cannot be read: ${said}`;
    await this.#progress.clear();
    const path = shownPath(found);
    const isNamed = message.includes(JSON.stringify(path));
    await talk.warn(isNamed ? message : `${oneLine(path, 200)}: ${message}`);
    if (talk.json) {
      const schema = transcriptSchema;
      return this.#tell(json({ schema, kind: 'failure', path, verdict: failure, message }));
    }
    const cells = [failure, '-', '-', '-', '-', '-', oneLine(path, 200)];
    return this.#tell(rowOf(columns, cells, (text) => talk.style.red(text)));
  }

  async #tell(line: string): Promise<void> {
    const { talk } = this.#context;
    await this.#progress.clear();
    if (this.#rows === 0 && !talk.json) {
      await talk.data(`${talk.style.dim(headingOf(columns))}\n`);
    }
    await talk.data(`${line}\n`);
    this.#rows += 1;
  }
}

/** Null for a file of a folder that is no transcript. What nobody foresaw counts as damage. */
function failureOf({ path, origin }: Found, error: unknown): Failure | null {
  if (!HoldfastError.is(error)) return error instanceof UsageError ? 'refused' : 'damaged';
  // Also a database of which nobody can know whose it is: `verify` of it says the same.
  if (error.code === 'DAMAGED') return 'damaged';
  if (error.code === 'NOT_FOUND' && origin === 'named') return 'missing';
  if (error.code !== 'INVALID') return 'unreadable';
  if (isWideText(path)) return 'unreadable';
  return origin === 'named' ? 'refused' : null;
}

type Origin = 'named' | 'met';
type Found = TranscriptPath & { readonly origin: Origin; readonly error?: unknown };

/** What there is at a path: a file, the sessions of a store, or everything below a folder. */
async function* foundAt(path: string, origin: Origin): AsyncGenerator<Found> {
  if (origin === 'named') await requireThere(path);
  const kind = await pathKind(path);
  // Below a folder, an empty one and a store of Holdfast are passed over.
  if (kind === 'store' && origin === 'met') return;
  const store = await met(origin, () => storeAt(path));
  if (store instanceof Error) yield { path, session: null, origin, error: store };
  else if (store !== null) {
    // It stays open until its last session was looked at: to open a database may be to copy it.
    try {
      const sessions = await met(origin, async () => store.sessions());
      if (sessions instanceof Error) yield { path, session: null, origin, error: sessions };
      else for (const { id } of sessions) yield { path, session: id, origin };
    } finally {
      store.close();
    }
  } else if (kind === 'folder') {
    const names = await met(origin, () => namesIn(path));
    if (names instanceof Error) yield { path, session: null, origin, error: names };
    else for (const inside of names) yield* foundAt(inside, 'met');
  } else yield { path, session: null, origin };
}

/** What stands in a folder and cannot be opened is told, and ends no scan of it. */
async function met<T>(origin: Origin, work: () => Promise<T>): Promise<T | Error> {
  try {
    return await work();
  } catch (error) {
    if (origin === 'named' || !(error instanceof Error)) throw error;
    return fromSystem(error, 'look into it', null);
  }
}

/**
 * The exit code of the worst file: damaged, unreadable, missing, no transcript, repairable, clean.
 * What could not be looked at may be damaged: that is worse than what a plan mends.
 */
export function exitOfScan(tally: Pick<Tally, 'counts' | 'failures'>): ExitCode {
  const { failures } = tally;
  const worst = worstOf(tally);
  if (worst === 'damaged') return exitOfTranscript.damaged;
  if (failures.unreadable > 0) return 50;
  if (failures.missing > 0) return 66;
  return failures.refused > 0 ? 64 : exitOfTranscript[worst];
}

function worstOf({ counts, failures }: Pick<Tally, 'counts' | 'failures'>): TranscriptVerdict {
  if (counts.damaged + failures.damaged > 0) return 'damaged';
  return counts.repairable > 0 ? 'repairable' : 'clean';
}

function resultOf(tally: Tally, verdict: TranscriptVerdict): Readonly<Record<string, unknown>> {
  const { counts, failures, others } = tally;
  const { damaged: wiped, ...not } = failures;
  const damaged = counts.damaged + wiped;
  return { schema: transcriptSchema, kind: 'result', verdict, ...counts, damaged, others, ...not };
}

const columns = [
  left('VERDICT', 10),
  left('FORMAT', 18),
  ...['RECORDS', 'MESSAGES', 'CALLS', 'SIZE'].map((name) => right(name, 8)),
  left('FILE'),
];

function row(checked: CheckedTranscript, style: Style): string {
  const { path, transcript, check, findings, verdict } = checked;
  const colour = ({ clean: 'green', repairable: 'yellow', damaged: 'red' } as const)[verdict];
  const { messages, calls } = check.counters;
  const counts = [number(transcript.records), number(messages), number(calls)];
  const size = checked.bytes === null ? '-' : bytes(checked.bytes);
  const cells = [verdict, transcript.format, ...counts, size, oneLine(path, 200)];
  const line = rowOf(columns, cells, (text) => style[colour](text));
  const told = Object.entries(codesOf(findings)).filter(([, { severity }]) => severity !== 'note');
  if (told.length === 0) return line;
  const codes = told.map(([code, { count }]) => (count === 1 ? code : `${code} ×${count}`));
  const hint = isLikelyLatin(findings) ? '; is it Latin-1 text? (recover verify tells more)' : '';
  return `${line}\n${style.dim(`  ${codes.join(', ')}${hint}`)}`;
}

function sumText(tally: Tally): string {
  const { counts, failures, others, amiss } = tally;
  const damaged = counts.damaged + failures.damaged;
  const files = counts.clean + counts.repairable + damaged;
  const isNone = files === 0 && Object.values(failures).every((count) => count === 0);
  const sum = `${counted(files, 'transcript')}: ${number(counts.clean)} clean`;
  const parts = [isNone ? 'No transcript was found there' : sum];
  if (counts.repairable > 0) parts.push(`${number(counts.repairable)} repairable`);
  if (damaged > 0) parts.push(`${number(damaged)} damaged`);
  if (others > 0) parts.push(`${counted(others, 'other file')} passed over`);
  if (failures.unreadable > 0) parts.push(`${number(failures.unreadable)} could not be read`);
  if (failures.missing > 0) parts.push(`${number(failures.missing)} not there`);
  if (failures.refused > 0) {
    parts.push(`${counted(failures.refused, 'file')} no transcript`);
  }
  const bad = counts.repairable + counts.damaged;
  if (bad === 0) return parts.join(', ');
  const file = bad === 1 && amiss !== null ? placeWords(amiss) : 'FILE';
  const then = tally.mends === 'some' ? `, then recover plan ${file}` : '';
  return `${parts.join(', ')}\nNext: recover verify ${file}   (each finding)${then}`;
}
