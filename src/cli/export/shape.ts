/**
 * A session in the shape that a provider takes. What the provider would refuse is mended first, by
 * the same plans that `recover plan` shows; the session itself stays as it is.
 */
import { asWords } from '../../base/deep-json.ts';
import { HoldfastError } from '../../base/errors.ts';
import type { PlacedMessage } from '../../integrity/conversation.ts';
import type { TranscriptCode } from '../../integrity/finding.ts';
import { applyEdits } from '../../integrity/plan/apply-edits.ts';
import type { PolicyName } from '../../integrity/plan/edit.ts';
import { planSteps } from '../../integrity/plan/plan-repair.ts';
import type { Plan } from '../../integrity/plan/plan.ts';
import type { LeftOut } from '../../provider/exported.ts';
import type { ProviderFormat } from '../../provider/formats.ts';
import { isToolUse } from '../../session/blocks.ts';
import { exactInput } from '../../session/call-input.ts';
import type { Session } from '../../store/api.ts';
import { gapsOf, gapText } from '../../store/gaps.ts';
import { inexactIn } from '../../transcript/inexact.ts';
import type { Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { writeNewFile } from '../new-file.ts';
import type { Talk } from '../talk.ts';
import { counted, json, oneLine } from '../text.ts';
import { policyOf } from '../transcripts/options.ts';
import { branchOfSession } from './branch.ts';
import { planned } from '../transcripts/steps.ts';
import { jsonParts } from './json-parts.ts';
import { exportSchema as schema } from './messages.ts';

/** Changes that are told one by one. */
const toldMax = 20;

/** Writes the shape. Throws INVALID for what no plan mends, such as too many images. */
export async function exportShape(
  { args, io, talk }: Context,
  session: Session,
  { format, path }: { readonly format: ProviderFormat; readonly path: string | null },
): Promise<ExitCode> {
  for (const gap of await gapsOf(session, session.state.cuts)) await talk.warn(gapText(gap));
  const { messages, outcomeOf } = await branchOfSession(session, io.signal);
  const { name, profile } = format;
  const policy = policyOf(args);
  const plan = await planned(planSteps(messages, profile, policy, { outcomeOf }), io.signal);
  const [worst] = plan.unmended;
  if (worst !== undefined) {
    throw new HoldfastError('INVALID', `Cannot export: ${worst.told}`, { path: 'ID' });
  }
  const applied = applyEdits(messages, plan.edits);
  const { value, leftOut } = format.toShape(applied);
  const rounded = format.arguments === 'text' ? [] : roundedIn(applied);
  if (path !== null) {
    await writeNewFile(
      path,
      (line) => talk.say(line),
      async (write) => {
        for (const part of jsonParts(value)) await write(part);
      },
    );
  } else if (talk.json)
    await talk.data(`${json({ schema, kind: 'shape', format: name, value })}\n`);
  else for (const part of jsonParts(value)) await talk.raw(part);
  if (talk.json) {
    const { edits, lost } = plan;
    const seqs = { firstSeq: seqOf(messages.at(0)), lastSeq: seqOf(messages.at(-1)) };
    const head = { schema, kind: 'result', session: session.id, format: name };
    const told = { messages: messages.length, ...seqs, to: path, profile, policy };
    await talk.data(`${json({ ...head, ...told, edits, lost, leftOut, rounded })}\n`);
    return 0;
  }
  await tell(talk, { plan, leftOut, profile, policy });
  await tellRounded(talk, rounded);
  if (path !== null) await talk.say(`${writtenText(messages.length, value)} in ${path}`);
  return 0;
}

/** `15 messages of the session as 2 messages`, where one message became a part of another. */
function writtenText(count: number, value: unknown): string {
  const [session, written] = [counted(count, 'message'), writtenIn(value)];
  return session === written ? written : `${session} of the session as ${written}`;
}

/** What the file has, not what the session has: a repair adds messages, a shape parts them. */
function writtenIn(value: unknown): string {
  if (Array.isArray(value)) return counted(value.length, 'message');
  const request = value as Readonly<Record<string, unknown>>;
  const { input } = request;
  if (Array.isArray(input)) return counted(input.length, 'item');
  const list = request['messages'] ?? request['contents'];
  return counted(Array.isArray(list) ? list.length : 0, 'message');
}

/** A call whose arguments the shape cannot say with every digit. */
interface Rounded {
  readonly code: TranscriptCode;
  readonly messageIndex: number;
  readonly blockIndex: number;
  readonly callId: string;
  readonly meaning: string;
}

/** Calls that were given as a text which says more than the value that is written. */
function roundedIn(messages: readonly Pick<PlacedMessage, 'content'>[]): readonly Rounded[] {
  return messages.flatMap(({ content }, messageIndex) =>
    content.flatMap((block, blockIndex) => {
      const text = isToolUse(block) ? exactInput(block) : null;
      if (text === null) return [];
      const place = { messageIndex, blockIndex, callId: asWords(block['id']) };
      return inexactIn(text).map(({ code, meaning }) => ({ code, ...place, meaning }));
    }),
  );
}

async function tellRounded(talk: Talk, rounded: readonly Rounded[]): Promise<void> {
  if (rounded.length === 0) return;
  await talk.warn('Arguments of calls, which this shape takes as a value and not as a text:');
  for (const { code, callId, meaning } of rounded.slice(0, toldMax)) {
    await talk.warn(`  ${code} in ${oneLine(callId, 80)}: ${oneLine(meaning, 300)}`);
  }
  await tellMore(talk, rounded.length);
}

function seqOf(message: { readonly place: { readonly record: number } } | undefined) {
  return message === undefined ? null : message.place.record + 1;
}

async function tell(
  talk: Talk,
  about: {
    readonly plan: Plan;
    readonly leftOut: readonly LeftOut[];
    readonly profile: string;
    readonly policy: PolicyName;
  },
): Promise<void> {
  const { plan, leftOut, profile, policy } = about;
  const { edits, lost } = plan;
  if (edits.length > 0) {
    const what = `${counted(edits.length, 'edit')} for ${profile}, ${policy}`;
    await talk.warn(`Changed in what is written, not in the session: ${what}`);
    const words = countsOf(edits.map(({ reason, told }) => `${reason}: ${oneLine(told, 300)}`));
    for (const line of words.slice(0, toldMax)) await talk.warn(`  ${line}`);
    await tellMore(talk, words.length);
  }
  for (const { kind, text } of lost.slice(0, toldMax)) {
    await talk.warn(`  lost: ${kind}${text === '' ? '' : ` ${JSON.stringify(oneLine(text, 80))}`}`);
  }
  await tellMore(talk, lost.length);
  if (leftOut.length === 0) return;
  const kinds = countsOf(leftOut.map(({ type, why }) => `${oneLine(type, 60)}: ${why}`));
  await talk.warn(`Left out: ${counted(leftOut.length, 'block')} that the shape has no place for`);
  for (const kind of kinds) await talk.warn(`  ${kind}`);
}

/** Each text once, with how often it is there. */
function countsOf(texts: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => (count === 1 ? text : `${text} ×${count}`));
}

async function tellMore(talk: Talk, count: number): Promise<void> {
  if (count > toldMax) await talk.warn(`  and ${count - toldMax} more; --json has them all`);
}
