/** `recover verify` of transcripts: every byte, every record and every rule of a provider. */
import { unreachable } from '../../base/assert.ts';
import type { Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { progressLine } from '../progress.ts';
import type { Style } from '../talk.ts';
import { bytes, counted, json, number, oneLine, wrapped } from '../text.ts';
import { checkTranscript, placeWords } from './checked.ts';
import type { CheckedTranscript, TranscriptPath } from './checked.ts';
import { findingsText, tallyText } from './finding-text.ts';
import type { Listing } from './finding-text.ts';
import { listingOf, profileOf } from './options.ts';
import { exitOfTranscript, isDamaged } from './verdict.ts';
import { wholeOf } from './told.ts';

/** Verifies one file and tells every finding. */
export async function verifyTranscript(context: Context, path: string): Promise<ExitCode> {
  const { args, io, talk } = context;
  const progress = progressLine(io, talk);
  try {
    const watching = { signal: io.signal, onProgress: progress.onProgress };
    const where = { path, session: args.text('session') ?? null };
    const checked = await checkTranscript(where, profileOf(args), watching, 'sought');
    await progress.clear();
    await talk.data(
      talk.json
        ? `${json(wholeOf(checked))}\n`
        : `${verifiedText(checked, where, { style: talk.style, listing: listingOf(args) })}\n`,
    );
    return exitOfTranscript[checked.verdict];
  } finally {
    await progress.clear();
  }
}

function verifiedText(
  checked: CheckedTranscript,
  where: TranscriptPath,
  { style, listing }: { readonly style: Style; readonly listing: Listing },
): string {
  const { path, findings, verdict } = checked;
  const mark = verdict === 'clean' ? style.green('✓') : style.red('✗');
  const parts = [
    `${mark} ${style.bold(oneLine(path, 200))}: ${verdictText(checked)}`,
    style.dim(`  ${factsText(checked)}`),
  ];
  const hint = branchHint(checked);
  if (hint !== null) parts.push(wrapped(hint, 2));
  if (findings.length > 0) parts.push(findingsText(findings, style, listing));
  const counting = countingHint(checked);
  if (counting !== null) parts.push(wrapped(counting, 2));
  if (verdict !== 'clean') parts.push(nextText(checked, where));
  else if (checked.offers !== 0) parts.push(offerText(checked, where));
  return parts.join('\n');
}

/** The number of the provider for a message, where the system stands beside the list and counts. */
function countingHint({ transcript, findings }: CheckedTranscript): string | null {
  if (transcript.isOneValue !== true || transcript.format !== 'anthropic-messages') return null;
  const shifted = findings.find(
    ({ messageIndex, place }) => place !== null && messageIndex === place.record + 1,
  );
  if (shifted === undefined || shifted.messageIndex === null) return null;
  const index = shifted.messageIndex;
  const [ours, theirs] = [number(index + 1), String(index - 1)];
  return `The system counts as message 1: message ${ours} is messages.${theirs} of the provider.`;
}

function verdictText(checked: CheckedTranscript): string {
  const { verdict, findings, profile } = checked;
  switch (verdict) {
    case 'clean':
      return `clean for ${profile}, ${tallyText(findings)}`;
    case 'repairable':
      return `not as ${profile} takes it, ${tallyText(findings)}; ${presence(findings)}`;
    case 'damaged':
      return `${damageWord(checked)}, ${tallyText(findings)}; ${damageText(checked)}`;
    default:
      return unreachable(verdict);
  }
}

/** Codes that say that something was written which is not in the file. */
const absences: ReadonlySet<string> = new Set([
  'MISSING_PARENT',
  'SEQUENCE_GAP',
  'ORPHANED_TOOL_RESULT',
]);

/** Nothing is lost only where everything is there that the file itself speaks of. */
function presence(findings: CheckedTranscript['findings']): string {
  const isAbsent = findings.some(({ code, severity }) => severity !== 'note' && absences.has(code));
  return isAbsent ? 'something that it refers to is not in it' : `nothing is ${lostWord(findings)}`;
}

/** Whoever knows a session of many messages wonders why it has so few. */
function branchHint({ transcript, check }: CheckedTranscript): string | null {
  const aside = transcript.sides
    .filter(({ kind }) => kind === 'branch')
    .reduce((sum, { messages }) => sum + messages, 0);
  if (aside <= check.counters.messages) return null;
  const where = 'on branches that the end of the file does not lead to';
  return `Most of the messages, ${number(aside)}, stand ${where}: the tool goes on without them.`;
}

/** Zeros behind the last record may have been one, and nobody can tell. */
function lostWord(findings: CheckedTranscript['findings']): string {
  return findings.some(({ code }) => code === 'NUL_RUN') ? 'known to be lost' : 'lost';
}

/** What only another provider refuses is no damage to anybody's eye. */
function damageWord({ outlook, profile }: CheckedTranscript): string {
  const isSound = !isDamaged({ ...outlook, refusal: null });
  return isSound ? `not as ${profile} takes it` : 'damaged';
}

function damageText({ outlook, profile, transcript }: CheckedTranscript): string {
  if (outlook.gone === 'nothing' && outlook.refusal !== null) {
    if (profile === transcript.profile) return `no copy that ${profile} takes would be left`;
    return `a copy that ${profile} takes cannot be written in the format ${transcript.format}`;
  }
  if (outlook.gone === 'something') return 'something that was written cannot be read';
  return `${counted(outlook.left + outlook.unmended, 'finding')} that no plan mends`;
}

/** What can be done; where no plan has anything to do, what the gravest finding means. */
function nextText(
  { findings, outlook, profile }: CheckedTranscript,
  where: TranscriptPath,
): string {
  if (outlook.refusal !== null) return outlook.refusal;
  if (outlook.mends === 'some')
    return `Next: recover plan ${placeWords(where)} --profile ${profile}`;
  const grave = findings.find(({ severity }) => severity === 'error');
  return `No plan can mend it. Next: recover explain ${grave?.code ?? 'CODE'}`;
}

/** A plan may have something to do where nothing has to be done. */
function offerText({ offers, profile }: CheckedTranscript, where: TranscriptPath): string {
  const plan = `recover plan ${placeWords(where)} --profile ${profile}`;
  return offers === 'unknown'
    ? `It may stay as it is; ${plan} says whether small things can be mended`
    : `It may stay as it is; ${plan} offers ${counted(offers, 'small mend')}`;
}

function factsText({ bytes: size, transcript, check }: CheckedTranscript): string {
  const { format, records, facts, sides } = transcript;
  const { messages, calls } = check.counters;
  const parts = [
    format,
    ...(size === null ? [] : [bytes(size)]),
    counted(records, 'record'),
    counted(messages, 'message'),
    counted(calls, 'call'),
  ];
  if (facts.model !== null) parts.push(oneLine(facts.model, 60));
  const aside = sides.reduce((sum, side) => sum + side.messages, 0);
  if (aside > 0) parts.push(`${counted(aside, 'message')} beside the conversation`);
  return parts.join(', ');
}
