/**
 * What a plan promises, as questions that are put to one plan: each throws when it is not kept. They
 * look only at the messages before and after and at what the plan says.
 */
import { accepts } from '../../src/integrity/acceptance/accepts.ts';
import type { PlacedMessage } from '../../src/integrity/conversation.ts';
import type { TranscriptCode } from '../../src/integrity/finding.ts';
import { applyEdits } from '../../src/integrity/plan/apply-edits.ts';
import type { PolicyName } from '../../src/integrity/plan/edit.ts';
import { planRepair } from '../../src/integrity/plan/plan-repair.ts';
import type { Plan } from '../../src/integrity/plan/plan.ts';
import type { ProfileName } from '../../src/integrity/profile.ts';
import type { RandomHistory } from './random-history.ts';

/** What one plan came to, for the sums of a run. */
export interface Outcome {
  readonly plan: Plan;
  readonly wasAccepted: boolean;
}

/** Plans, applies and holds the plan to every promise. */
export function holdToPromises(
  history: RandomHistory,
  profile: ProfileName,
  policy: PolicyName,
): Outcome {
  const { messages } = history;
  const frozen = JSON.stringify(messages);
  const plan = planRepair(messages, profile, policy);
  const after = applyEdits(messages, plan.edits);
  keep(JSON.stringify(messages) === frozen, 'the input is not changed');
  keep(same(planRepair(messages, profile, policy), plan), 'the plan is the same again');
  const refused = accepts(after, profile).filter(
    (reason) => plan.unmended.length === 0 || !reason.startsWith('IMAGE_LIMIT'),
  );
  keep(refused.length === 0, `the result is accepted: ${refused.join('; ')}`);
  const second = planRepair(after, profile, policy);
  keep(second.edits.length === 0, `a second plan is empty: ${JSON.stringify(second.edits)}`);
  keep(second.lost.length === 0, 'a second plan loses nothing');
  // Messages of unknown roles are not sent, so nobody refuses them; a plan makes them speak.
  const isKnown = messages.every(({ role }) => role !== 'narrator');
  const wasAccepted = isKnown && accepts(messages, profile).length === 0;
  const needless = plan.edits.filter(({ reason }) => !alsoMended.includes(reason));
  keep(!wasAccepted || needless.length === 0, `what is accepted stays: ${told(needless)}`);
  keepsWords(messages, after, plan);
  if (policy === 'annotate') losesNothingAcceptable(plan);
  inventsNothing(history, after);
  if (policy !== 'truncate-to-last-complete-turn') keepsAnswers(history, after);
  return { plan, wasAccepted };
}

/** What most senders mend, so that a provider never sees it; a plan mends it all the same. */
const alsoMended: readonly TranscriptCode[] = [
  'EMPTY_MESSAGE',
  'EMPTY_TEXT',
  'UNKNOWN_ROLE',
  'BAD_CALL_ID',
  'CONTENT_BEFORE_RESULT',
  'REASONING_WITHOUT_ITEM',
  'TRAILING_WHITESPACE',
];

function keep(holds: boolean, promise: string): void {
  if (!holds) throw new Error(`Broken: ${promise}`);
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function told(edits: Plan['edits']): string {
  return edits.map((edit) => `${edit.reason} ${edit.told}`).join('; ');
}

/** How often each word stands in a value. */
function wordsIn(value: unknown): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of JSON.stringify(value).matchAll(/\bw\d+\b/g)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

/** Every word is in the result or among what is lost; one that came once, exactly once. */
function keepsWords(
  messages: readonly PlacedMessage[],
  after: readonly PlacedMessage[],
  { lost }: Plan,
): void {
  const before = wordsIn(messages.map(({ content }) => content));
  const there = wordsIn(after.map(({ content }) => content));
  const gone = wordsIn(lost.map(({ text }) => text));
  for (const [word, count] of before) {
    const found = (there.get(word) ?? 0) + (gone.get(word) ?? 0);
    keep(found >= 1, `${word} is kept, or named as lost`);
    keep(found <= count, `${word} is not both kept and named as lost, nor doubled`);
  }
  for (const word of there.keys()) keep(before.has(word), `${word} is not invented`);
}

const neverAccepted: readonly TranscriptCode[] = [
  'DUPLICATE_TOOL_RESULT',
  'UNSIGNED_THINKING',
  'REASONING_WITHOUT_ITEM',
];

function losesNothingAcceptable({ lost }: Plan): void {
  for (const { kind, reason, text } of lost) {
    keep(kind !== 'text' && kind !== 'call', `annotate loses no ${kind}: ${text}`);
    const isRefused = neverAccepted.includes(reason) || text === '';
    keep(isRefused, `annotate loses only what is refused: ${reason} ${text}`);
  }
}

const stopgap = /outcome of this call|aborted/;

/** Where ids are plain, a call is answered by its own result, or by one that tells no outcome. */
function inventsNothing(
  { messages, isPlain }: RandomHistory,
  after: readonly PlacedMessage[],
): void {
  const results = after.flatMap(({ content }) => content.filter(isResult));
  const known = new Set(messages.flatMap(({ content }) => content.filter(isResult).map(saying)));
  const words = new Map<unknown, string>();
  for (const block of after.flatMap(({ content }) => content)) {
    if (block.type === 'tool_use') words.set(block['id'], JSON.stringify(block['input'] ?? null));
  }
  for (const result of results) {
    const says = saying(result);
    const isKnown = known.has(says) || /outcome of this call/.test(says) || /�|\[\]/.test(says);
    keep(isKnown, `no result is invented: ${says}`);
    const [, word] = /result-of-(w\d+)/.exec(says) ?? [];
    if (!isPlain || word === undefined || stopgap.test(says)) continue;
    const call = words.get(result['tool_use_id']) ?? '';
    const isOwn = new RegExp(`\\b${word}\\b`).test(call) || !/\bw\d+\b/.test(call);
    const isReplaced = /"(raw|half)"|half/.test(call);
    keep(isOwn || isReplaced, `the result of ${word} answers its own call: ${call}`);
  }
}

/** Where nothing is doubled, a call that had its result behind it still has it. */
function keepsAnswers(
  { messages, isPlain, isSingle }: RandomHistory,
  after: readonly PlacedMessage[],
): void {
  if (!isPlain || !isSingle) return;
  const answered = (history: readonly PlacedMessage[]): ReadonlySet<string> => {
    const words = new Map<unknown, string>();
    const pairs = new Set<string>();
    for (const { role, content } of history) {
      for (const block of content) {
        const isCall = block.type === 'tool_use' && role === 'assistant';
        const [word] = /\bw\d+\b/.exec(isCall ? JSON.stringify(block['input'] ?? '') : '') ?? [];
        if (word !== undefined) words.set(block['id'], word);
        if (!isResult(block) || (role !== 'user' && role !== 'tool')) continue;
        const own = words.get(block['tool_use_id']);
        if (own !== undefined && saying(block).includes(`result-of-${own} `)) pairs.add(own);
      }
    }
    return pairs;
  };
  const still = answered(after);
  for (const word of answered(messages))
    keep(still.has(word), `the call of ${word} keeps its result`);
}

function isResult({ type }: { readonly type: string }): boolean {
  return type === 'tool_result';
}

function saying(block: Readonly<Record<string, unknown>>): string {
  const content = block['content'];
  const parts = Array.isArray(content)
    ? content.filter((part) => !/^\s*$/.test(textOf(part)))
    : content;
  return JSON.stringify(parts ?? '');
}

function textOf(part: unknown): string {
  const text = (part as { readonly text?: unknown }).text;
  return typeof text === 'string' ? text : JSON.stringify(part);
}
