/**
 * Results: doubled ones go, orphaned ones are quoted or dropped, the others are put where the
 * profile wants them, and calls that have none get one that says so.
 */
import { present } from '../../base/assert.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { Coming, Why } from './draft.ts';
import { allOf } from './draft.ts';
import { pairCalls } from './pairing.ts';
import type { PairedCall } from './pairing.ts';
import type { Mending, Pass } from './pass.ts';
import { heldIn, runsOf } from './runs.ts';
import type { Held, Run } from './runs.ts';
import {
  isBlankText,
  isResult,
  member,
  resultImages,
  resultWords,
  textBlock,
  textMember,
  words,
} from './shapes.ts';
import { isPlaceholder, syntheticResult } from './synthetic.ts';

/** Takes out second results. One that says something else than the first is named as lost. */
export const dropDoubledResults: Pass = ({ draft, needs }) => {
  for (const { extra, call } of pairCalls(draft, needs).duplicates) {
    const stays = call.answer?.block.content;
    const isSame = stays !== undefined && saying(stays) === saying(extra.block.content);
    const isEmpty = isPlaceholder(extra.block.content);
    const told = isEmpty
      ? 'stands in for the real one; it is dropped.'
      : `says ${isSame ? 'the same' : 'something else'}; it is dropped.`;
    const why: Why = {
      reason: 'DUPLICATE_TOOL_RESULT',
      told: `The call ${JSON.stringify(call.id)} has another result, which ${told}`,
    };
    draft.takeOut(extra.message, extra.block, why, isSame || isEmpty ? 'kept' : 'lost');
  }
};

function saying(result: ContentBlock): string {
  return words([member(result, 'content') ?? '', member(result, 'is_error') === true]);
}

/** Results without a call become texts of the user that quote them, or go. */
export const settleOrphans: Pass = ({ draft, needs, manner }) => {
  for (const { message, block } of pairCalls(draft, needs).orphans) {
    const id = textMember(block.content, 'tool_use_id');
    const isNamed = id !== null && id !== '';
    const name = isNamed ? JSON.stringify(id) : 'an unnamed call';
    const told = `The result of ${name} has no call`;
    const reason = 'ORPHANED_TOOL_RESULT';
    if (manner === 'drop') {
      draft.takeOut(message, block, { reason, told: `${told}; it is dropped.` }, 'lost');
      continue;
    }
    const why: Why = { reason, told: `${told}; it becomes a text that quotes it.` };
    const images = resultImages(block.content);
    const call = isNamed ? ` (${id})` : '';
    const quote = `[The result of a call${call} that is missing here:]\n${resultWords(block.content)}`;
    draft.replace(block, textBlock(quote), why);
    if (images.length === 0) continue;
    const index = message.blocks.indexOf(block) + 1;
    draft.put(
      message,
      index,
      images.map((content) => ({ content, why })),
    );
  }
};

/** Gives every call its result, in the place that the profile wants. */
export const placeResults: Pass = (mending) => {
  const { draft, needs } = mending;
  const { calls } = pairCalls(draft, needs);
  const runs = runsOf(draft, needs);
  const byRun = new Map<number, PairedCall[]>();
  for (const call of calls) {
    const own = byRun.get(call.run);
    if (own === undefined) byRun.set(call.run, [call]);
    else own.push(call);
  }
  const order = new Map(heldIn(draft.messages).map(({ block }, at) => [block, at]));
  for (const [at, run] of runs.entries()) {
    const own = byRun.get(at);
    if (own === undefined) continue;
    const next = runs[at + 1];
    const head = next?.side === 'user' ? leadingResults(next) : [];
    const leading = new Set(head.map(({ block }) => block));
    const away = own.filter(({ block, answer }) => {
      if (answer === null) return true;
      if (!needs.resultsNext) return (order.get(answer.block) ?? 0) < (order.get(block) ?? 0);
      return !leading.has(answer.block);
    });
    if (away.length > 0) bring(mending, { run, next, head, own, away, order });
  }
};

/** The results in front of everything else that can be seen in a turn. */
function leadingResults(run: Run): readonly Held[] {
  const blocks = heldIn(run.messages);
  const end = blocks.findIndex(
    ({ block: { content } }) => !isResult(content) && !isBlankText(content),
  );
  const head = end < 0 ? blocks : blocks.slice(0, end);
  return head.filter(({ block }) => isResult(block.content));
}

interface Errand {
  readonly run: Run;
  readonly next: Run | undefined;
  readonly head: readonly Held[];
  readonly own: readonly PairedCall[];
  /** Calls whose result is not in its place. */
  readonly away: readonly PairedCall[];
  readonly order: ReadonlyMap<Held['block'], number>;
}

/**
 * Brings results among those of the turn's calls that are in their place already, in the order of
 * the calls, else into a new message: what the user said stays as it was written, unless the result
 * stands in that very message or no two messages of the user may stand in a row.
 */
function bring(mending: Mending, errand: Errand): void {
  const { draft, needs } = mending;
  const { run, next, head, own, away } = errand;
  const answers = new Set(own.map(({ answer }) => answer?.block));
  const there = head.filter(({ block }) => answers.has(block));
  if (there.length > 0) {
    bringAmong(mending, errand, there);
    return;
  }
  const behind = next?.side === 'user' ? next.messages[0] : undefined;
  const isWithin = needs.takesTurns || away.some(({ answer }) => answer?.message === behind);
  const coming = away.map((call) => comingOf(mending, errand, call));
  if (coming.length === 0) return;
  const why = allOf(coming.map((one) => one.why));
  const target =
    (isWithin ? behind : undefined) ??
    draft.insertMessage(run.messages.at(-1) ?? null, 'user', why);
  draft.put(target, 0, coming);
}

/** Each behind the result of the call in front of its own, or in front of all that are there. */
function bringAmong(mending: Mending, errand: Errand, there: readonly Held[]): void {
  const { draft } = mending;
  const inPlace = new Map(there.map((held) => [held.block, held]));
  const away = new Set(errand.away);
  const groups: { readonly after: Held | null; readonly coming: Coming[] }[] = [];
  let after: Held | null = null;
  for (const call of errand.own) {
    if (!away.has(call)) {
      after = (call.answer === null ? undefined : inPlace.get(call.answer.block)) ?? after;
      continue;
    }
    const coming = comingOf(mending, errand, call);
    const group = groups.at(-1);
    if (group?.after === after) group.coming.push(coming);
    else groups.push({ after, coming: [coming] });
  }
  for (const { after: neighbour, coming } of groups) {
    const { message, block } = neighbour ?? present(there[0], 'results are there');
    draft.put(message, message.blocks.indexOf(block) + (neighbour === null ? 0 : 1), coming);
  }
}

function comingOf(mending: Mending, errand: Errand, call: PairedCall): Coming {
  const { answer, id } = call;
  if (answer === null) {
    const content = syntheticResult(id, mending.outcomeOf(id));
    return { content, why: missingResult(mending, call) };
  }
  const why = displaced(errand, call, answer);
  return { block: answer.block, source: answer.message, why };
}

/** Why a call gets a result that nobody recorded. */
export function missingResult({ outcomeOf }: Mending, { id }: PairedCall): Why {
  const what = {
    'not-started': 'was never started; a result is added that says so.',
    unknown: 'has no result; one is added that says that the outcome is unknown.',
    finished: 'ran, but its result is lost; one is added that says so.',
  }[outcomeOf(id)];
  return { reason: 'DANGLING_TOOL_CALL', told: `The call ${JSON.stringify(id)} ${what}` };
}

function displaced({ order, next }: Errand, call: PairedCall, answer: Held): Why {
  const name = `The result of ${JSON.stringify(call.id)}`;
  if ((order.get(answer.block) ?? 0) < (order.get(call.block) ?? 0)) {
    return {
      reason: 'RESULT_BEFORE_CALL',
      told: `${name} stands before its call; it moves behind.`,
    };
  }
  if (next?.messages.includes(answer.message) === true) {
    const told = `${name} stands behind other content; it moves in front.`;
    return { reason: 'CONTENT_BEFORE_RESULT', told };
  }
  return {
    reason: 'DISPLACED_TOOL_RESULT',
    told: `${name} stands elsewhere; it moves to its call.`,
  };
}
