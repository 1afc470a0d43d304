/** `recover plan`: the exact edits that would mend a transcript; changes nothing. */
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { progressLine } from '../progress.ts';
import { json } from '../text.ts';
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
import { foreseenRefusalOf, refusalWithWayOut } from '../transcripts/proof.ts';
import { repairOf } from '../transcripts/repair.ts';
import { repairPath, repairSession, repairTarget } from '../transcripts/repair-target.ts';
import { losesAny, repairJson, repairText, toldRepair } from '../transcripts/repair-text.ts';
import { planSession } from '../transcripts/session-command.ts';

const schema = 'holdfast.plan/1';

/** The command. */
export const recoverPlan: Command = {
  name: 'recover plan',
  summary: 'Show the exact edits that would mend a transcript; changes nothing',
  positionals: [repairPath],
  options: [profileOption, policyOption, allOption, repairSession],
  details: [
    'First the bytes are mended (fused lines come apart, NULs and a torn end go, ' +
      'in a string U+FFFD stands for NULs), then calls, ' +
      'results and texts as the provider wants them. A result that is added says that nobody ' +
      'knows the outcome; none is invented. `recover apply` writes what is shown here to a new ' +
      'file.',
    'annotate adds results that say the outcome is unknown, and keeps every text; drop takes ' +
      'calls ' +
      'without a result away; truncate-to-last-complete-turn cuts behind the last turn that is ' +
      'whole for the provider, and mends the rest as annotate does. What is taken away is listed.',
    'Exits with 0 when there is nothing to do, with 10 when there is and no words go, and ' +
      'with 20 when something stays damaged that no plan can mend, when the format of the file ' +
      'holds no copy that the provider takes, when the policy leaves no message, or ' +
      'when words go that were written and cannot be read any more, such as those of a torn ' +
      'end: they are listed, in JSON as ' +
      'lostBytes, or, of a message that cannot be read, in lost. What else is taken away and ' +
      'listed stands in the original, and counts as nothing lost.',
  ],
  examples: [
    { line: 'recover plan session.jsonl', why: 'for the provider that its tool talks to' },
    { line: 'recover plan session.jsonl --profile bedrock --policy drop', why: 'another one' },
    { line: 'recover plan ./store --session s1 --profile anthropic', why: 'a session of a store' },
  ],
  exits: [0, 10, 20, 40, 50, 64, 66, 70, 129, 130, 143],
  schema,
  run: runPlan,
};

async function runPlan(context: Context): Promise<ExitCode> {
  const target = await repairTarget(context.args);
  if (target.kind === 'session') return planSession(context, target);
  return planTranscript(context, target);
}

async function planTranscript(
  { args, io, talk }: Context,
  target: TranscriptPath,
): Promise<ExitCode> {
  const path = shownPath(target);
  const progress = progressLine(io, talk);
  const watching = { signal: io.signal, onProgress: progress.onProgress };
  const wanted = { path, profile: profileOf(args), policy: policyOf(args), watching };
  try {
    return await withTranscriptAt(target, watching, async (transcript, file) => {
      const repair = await repairOf(file, transcript, wanted);
      const foreseen = await foreseenRefusalOf(repair, { path, watching, own: transcript });
      const refusal = await refusalWithWayOut(foreseen, file, transcript, wanted);
      file?.requireUnchanged();
      await progress.clear();
      const told = toldRepair(path, transcript, repair, file, refusal);
      await talk.data(
        talk.json
          ? `${json({ schema, ...repairJson(told) })}\n`
          : repairText(told, talk.style, { tense: 'planned', listing: listingOf(args) }),
      );
      if (losesAny(told)) return 20;
      return repair.mends.length + repair.plan.edits.length === 0 ? 0 : 10;
    });
  } finally {
    await progress.clear();
  }
}
