/**
 * `recover scan` over transcripts: files, and whole folders such as `~/.claude/projects`. One line
 * a file, the worst of them decides the exit.
 */
import { HoldfastError } from '../../base/errors.ts';
import type { TranscriptStore } from '../../transcript/transcript-store.ts';
import { headingOf, left, right, rowOf } from '../columns.ts';
import type { Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { namesIn, pathKind } from '../path-kind.ts';
import { progressLine } from '../progress.ts';
import type { ProgressLine } from '../progress.ts';
import type { Style } from '../talk.ts';
import { bytes, counted, json, number, oneLine } from '../text.ts';
import { checkTranscript, placeWords, shownPath } from './checked.ts';
import type { CheckedTranscript, TranscriptPath } from './checked.ts';
import type { TranscriptVerdict } from './verdict.ts';
import { isWideText, isWiped, storeAt } from './store-at.ts';
import { codesOf } from './finding-text.ts';
import { isLikelyLatin } from './latin-hint.ts';
import { summaryOf, transcriptSchema } from './told.ts';
import { exitOfTranscript } from './verdict.ts';

interface Tally {
  readonly counts: Record<TranscriptVerdict, number>;
  /** Files of a folder whose content is no transcript, or that could not be read. */
  others: number;
  unreadable: number;
  /** The first one that is not clean, for the line that says what to run next. */
  amiss: TranscriptPath | null;
}

/**
 * Scans files and folders. A file that was named must be a transcript; one in a folder need not.
 */
export async function scanTranscripts(
  context: Context,
  paths: readonly string[],
): Promise<ExitCode> {
  const { talk, io } = context;
  const tally: Tally = {
    counts: { clean: 0, repairable: 0, damaged: 0 },
    others: 0,
    unreadable: 0,
    amiss: null,
  };
  const progress = progressLine(io, talk);
  let rows = 0;
  try {
    for (const path of paths) {
      for await (const found of foundAt(path, 'named')) {
        if (io.stdout.gone.aborted) return 0;
        const checked = await look(context, found, { progress, tally });
        if (checked === null) continue;
        tally.counts[checked.verdict] += 1;
        if (checked.verdict !== 'clean') tally.amiss ??= found;
        await progress.clear();
        if (talk.json) await talk.data(`${json(summaryOf(checked))}\n`);
        else {
          if (rows === 0) await talk.data(`${talk.style.dim(headingOf(columns))}\n`);
          await talk.data(`${row(checked, talk.style)}\n`);
        }
        rows += 1;
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

type Origin = 'named' | 'met';
type Found = TranscriptPath & { readonly origin: Origin };

/** What there is at a path: a file, the sessions of a store, or everything below a folder. */
async function* foundAt(path: string, origin: Origin): AsyncGenerator<Found> {
  const kind = await pathKind(path);
  // Below a folder, an empty one and a store of Holdfast are passed over.
  if (kind === 'store' && origin === 'met') return;
  const store = await storeMet(path, origin);
  if (store === 'unreadable') yield { path, session: null, origin };
  else if (store !== null) {
    // It stays open until its last session was looked at: to open a database may be to copy it.
    try {
      for (const { id } of store.sessions()) yield { path, session: id, origin };
    } finally {
      store.close();
    }
  } else if (kind === 'folder') {
    for (const inside of await namesIn(path)) yield* foundAt(inside, 'met');
  } else yield { path, session: null, origin };
}

/** A database that cannot be read is told by who looks at it, and ends no scan of a folder. */
async function storeMet(
  path: string,
  origin: Origin,
): Promise<TranscriptStore | 'unreadable' | null> {
  try {
    return await storeAt(path);
  } catch (error) {
    if (origin === 'named' || !HoldfastError.is(error)) throw error;
    return 'unreadable';
  }
}

async function look(
  context: Context,
  found: Found,
  how: { readonly progress: ProgressLine; readonly tally: Tally },
): Promise<CheckedTranscript | null> {
  const { io, talk } = context;
  const { onProgress } = how.progress;
  try {
    return await checkTranscript(found, null, { signal: io.signal, onProgress });
  } catch (error) {
    if (found.origin === 'named' || !HoldfastError.is(error)) throw error;
    if (error.code === 'INVALID' && isWiped(found.path)) {
      how.tally.counts.damaged += 1;
      await how.progress.clear();
      await talk.warn(`${found.path}: damaged, nothing but zero bytes or no bytes at all`);
    } else if (error.code === 'INVALID' && !isWideText(found.path)) how.tally.others += 1;
    else {
      how.tally.unreadable += 1;
      await how.progress.clear();
      await talk.warn(`${shownPath(found)}: ${error.message}`);
    }
    return null;
  }
}

/** The exit code of the worst file: damaged, then unreadable, then repairable. */
export function exitOfScan(tally: Pick<Tally, 'counts' | 'unreadable'>): ExitCode {
  const worst = worstOf(tally);
  // What could not be looked at may be damaged: that is worse than what a plan mends.
  return tally.unreadable > 0 && worst !== 'damaged' ? 50 : exitOfTranscript[worst];
}

function worstOf({ counts }: Pick<Tally, 'counts'>): TranscriptVerdict {
  if (counts.damaged > 0) return 'damaged';
  return counts.repairable > 0 ? 'repairable' : 'clean';
}

function resultOf(tally: Tally, verdict: TranscriptVerdict): Readonly<Record<string, unknown>> {
  const { counts, others, unreadable } = tally;
  return { schema: transcriptSchema, kind: 'result', verdict, ...counts, others, unreadable };
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
  const { counts, others, unreadable, amiss } = tally;
  const files = counts.clean + counts.repairable + counts.damaged;
  const parts = [`${counted(files, 'transcript')}: ${number(counts.clean)} clean`];
  if (counts.repairable > 0) parts.push(`${number(counts.repairable)} repairable`);
  if (counts.damaged > 0) parts.push(`${number(counts.damaged)} damaged`);
  if (others > 0) parts.push(`${counted(others, 'other file')} passed over`);
  if (unreadable > 0) parts.push(`${number(unreadable)} could not be read`);
  const bad = counts.repairable + counts.damaged;
  const file = bad === 1 && amiss !== null ? placeWords(amiss) : 'FILE';
  const next =
    bad > 0 ? `\nNext: recover verify ${file}   (each finding), then recover plan ${file}` : '';
  return `${parts.join(', ')}${next}`;
}
