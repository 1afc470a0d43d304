/**
 * `recover apply`: writes a mended copy of a transcript. The file itself stays as it is; the copy
 * is read again and held against the provider before it gets its name.
 */
import { resolve } from 'node:path';
import type { ByteSource } from '../../transcript/byte-source.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { writeNewFile } from '../new-file.ts';
import { progressLine } from '../progress.ts';
import type { ProgressLine } from '../progress.ts';
import { counted, json } from '../text.ts';
import { shownPath, withTranscriptAt } from '../transcripts/checked.ts';
import type { TranscriptPath } from '../transcripts/checked.ts';
import {
  allOption,
  listingOf,
  policyOf,
  policyOption,
  profileOf,
  profileOption,
} from '../transcripts/options.ts';
import { refusalOf, refusalWithWayOut } from '../transcripts/proof.ts';
import { repairOf } from '../transcripts/repair.ts';
import type { Repair } from '../transcripts/repair.ts';
import { repairPath, repairSession, repairTarget } from '../transcripts/repair-target.ts';
import { losesAny, repairJson, repairText, toldRepair } from '../transcripts/repair-text.ts';
import { applySession } from '../transcripts/session-command.ts';
import { wayOut } from '../transcripts/ways-out.ts';
import { UsageError } from '../usage-error.ts';

const schema = 'holdfast.apply/1';
const chunkBytes = 1024 * 1024;

/** The command. */
export const recoverApply: Command = {
  name: 'recover apply',
  summary: 'Write a mended copy of a transcript to a new file',
  positionals: [repairPath],
  options: [
    profileOption,
    policyOption,
    allOption,
    repairSession,
    { name: 'to', value: 'OUT', summary: 'A new file for the mended copy; there when it is whole' },
  ],
  details: [
    'Carries out what `recover plan` shows. Records that no edit touches are copied byte for ' +
      'byte, ' +
      'so that the tool itself can go on with the copy. What would be written is read again ' +
      'first ' +
      'and must be as the provider takes it; else nothing is written.',
    'A file that needs nothing is copied as it is. Exits as `recover plan` does, but with 0 ' +
      'where that has 10: 20 says that the copy is written, and that something in it stays damaged or ' +
      'words went, such as those of a torn end; or that nothing was written, because the format ' +
      'of the file holds no copy that the provider takes, or the policy ' +
      'leaves no message. 40 says that nothing was written, because ' +
      'the format is only read: `holdfast import` makes a session of it, which can be mended.',
    'A session of a store is mended by a rewind to in front of the first edit, and its new end ' +
      'in ' +
      'the same batch: nothing is erased, and `holdfast rewind --undo` takes it back.',
  ],
  examples: [
    {
      line: 'recover apply session.jsonl --to mended.jsonl',
      why: 'then put it where the tool looks for it',
    },
    { line: 'recover apply ./store --session s1 --profile anthropic', why: 'in a store' },
  ],
  exits: [0, 10, 20, 30, 40, 50, 64, 66, 70, 129, 130, 143],
  schema,
  run: runApply,
};

async function runApply(context: Context): Promise<ExitCode> {
  const target = await repairTarget(context.args);
  const to = context.args.text('to');
  if (target.kind === 'session') {
    if (to === undefined) return applySession(context, target);
    throw new UsageError('--to is for a transcript; a session is mended where it is');
  }
  if (to === undefined || to === '') {
    throw new UsageError('--to OUT is missing: a transcript is never changed where it is');
  }
  if (resolve(to) === resolve(target.path)) {
    throw new UsageError('--to is PATH itself; name a new file');
  }
  return applyTranscript(context, target, resolve(to));
}

async function applyTranscript(
  { args, io, talk }: Context,
  target: TranscriptPath,
  to: string,
): Promise<ExitCode> {
  const path = shownPath(target);
  const progress = progressLine(io, talk);
  const watching = { signal: io.signal, onProgress: progress.onProgress };
  const wanted = { path, profile: profileOf(args), policy: policyOf(args), watching };
  try {
    return await withTranscriptAt(target, watching, async (transcript, file) => {
      const repair = await repairOf(file, transcript, wanted);
      const refused = await refusalOf(repair, { path, watching, own: transcript });
      const refusal = await refusalWithWayOut(refused, file, transcript, wanted);
      const told = toldRepair(path, transcript, repair, file, refusal);
      const { result } = repair;
      if (refusal !== null || result === null) {
        await progress.clear();
        const why = refusal ?? onlyRead(target, transcript.format, repair);
        const unwritten = { ...repairJson({ ...told, refusal: why }), to: null, bytes: null };
        if (talk.json) await talk.data(`${json({ schema, ...unwritten })}\n`);
        else await talk.warn(why);
        return refusal === null ? 40 : 20;
      }
      const requireUnchanged = (): void => file?.requireUnchanged();
      const how = {
        signal: io.signal,
        progress,
        requireUnchanged,
        say: (line: string) => talk.say(line),
      };
      const bytes = await writeOut(result, to, how);
      await progress.clear();
      if (talk.json) await talk.data(`${json({ schema, ...repairJson(told), to, bytes })}\n`);
      else {
        const telling = { tense: 'done', listing: listingOf(args) } as const;
        await talk.data(repairText(told, talk.style, telling));
        await talk.say(copySentence(repair, { to, path, bytes }));
      }
      return losesAny(told) ? 20 : 0;
    });
  } finally {
    await progress.clear();
  }
}

function copySentence(
  { mends, plan }: Repair,
  { to, path, bytes }: { readonly to: string; readonly path: string; readonly bytes: number },
): string {
  const size = counted(bytes, 'byte');
  const [copy, from] = [to, path].map((name) => name.replaceAll('\n', '\\n'));
  return mends.length + plan.edits.length === 0
    ? `${copy} has an exact copy (${size}): nothing of ${from} was mended`
    : `${copy} has the mended copy (${size}); ${from} is as it was`;
}

/** Why there is no copy of what is no file, or of a format that is only read; with the way out. */
function onlyRead({ path, session }: TranscriptPath, format: string, { profile }: Repair): string {
  return (
    `Cannot write ${JSON.stringify(path)} anew: the format ${format} is only read. ` +
    wayOut(path, profile, session)
  );
}

async function writeOut(
  result: ByteSource,
  to: string,
  how: {
    readonly signal: AbortSignal;
    readonly progress: ProgressLine;
    readonly requireUnchanged: () => void;
    readonly say: (line: string) => Promise<void>;
  },
): Promise<number> {
  return writeNewFile(to, how.say, async (write) => {
    for (let at = 0; at < result.size; at += chunkBytes) {
      how.signal.throwIfAborted();
      await write(result.read(at, chunkBytes));
      how.progress.onProgress?.({ what: 'writing', done: at, total: result.size });
    }
    // Only now: a file that changed while it was copied must leave nothing behind.
    how.requireUnchanged();
    return result.size;
  });
}
