/**
 * Ids of calls that the profile takes: of the right form, and each only once. A new id is made from
 * the old one, so that two runs make the same; a call and its result change together.
 */
import { isWellFormed } from '../../format/well-formed.ts';
import type { Draft, Why } from './draft.ts';
import { pairCalls } from './pairing.ts';
import type { Pass } from './pass.ts';
import type { ProviderNeeds } from './provider-needs.ts';
import { heldIn } from './runs.ts';
import { isCall, sideOf, textMember, withMembers } from './shapes.ts';

/** Calls without an id get one, so that they can be answered at all. */
export const nameCalls: Pass = ({ draft, needs }) => {
  const taken = lazily(() => takenIds(draft));
  for (const { message, block } of heldIn(draft.messages)) {
    if (!isCall(block.content) || sideOf(message.role) !== 'assistant') continue;
    if (textMember(block.content, 'id') !== null) continue;
    const id = newId('call', taken(), needs);
    const told = `A call has no id; it gets ${JSON.stringify(id)}.`;
    draft.replace(block, withMembers(block.content, { id }), { reason: 'BAD_CALL_ID', told });
  }
};

/** Gives a new id to calls whose id has another form than the profile wants, or comes again. */
export const renumberCalls: Pass = ({ draft, needs }) => {
  const taken = lazily(() => takenIds(draft));
  const seen = new Set<string>();
  for (const { block, answer, id, run } of pairCalls(draft, needs).calls) {
    const key = needs.uniqueIds === 'history' ? id : `${run} ${id}`;
    const isAgain = seen.has(key);
    seen.add(key);
    const fits = needs.callId.test(id) && isWellFormed(id);
    if (fits && !isAgain) continue;
    const fresh = newId(id, taken(), needs);
    const old = JSON.stringify(id);
    const why: Why = fits
      ? {
          reason: 'DUPLICATE_TOOL_CALL_ID',
          told: `The id ${old} comes again; it becomes ${fresh}.`,
        }
      : { reason: 'BAD_CALL_ID', told: `The id ${old} is not taken; it becomes ${fresh}.` };
    draft.replace(block, withMembers(block.content, { id: fresh }), why);
    if (answer !== null) {
      const renamed = withMembers(answer.block.content, { tool_use_id: fresh });
      draft.replace(answer.block, renamed, why);
    }
  }
};

/** Ids that somebody has, and how far the numbers behind an id are used up. */
interface Taken {
  readonly ids: Set<string>;
  readonly attempts: Map<string, number>;
}

function takenIds({ messages }: Draft): Taken {
  const names = ['id', 'tool_use_id'];
  const blocks = heldIn(messages).map(({ block }) => block.content);
  const ids = blocks.flatMap((content) => names.map((name) => textMember(content, name)));
  return { ids: new Set(ids.filter((id) => id !== null)), attempts: new Map() };
}

/** Makes a value when it is first asked for. */
function lazily<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null;
  return () => (made ??= { value: make() }).value;
}

/** An id that nobody has, as like the old one as the profile allows; it is taken from then on. */
function newId(old: string, { ids, attempts }: Taken, needs: ProviderNeeds): string {
  const clean = old.replaceAll(/[^a-zA-Z0-9_-]/gu, '_');
  // Ids are never given back, so an id that comes again goes on where it was.
  for (let attempt = attempts.get(old) ?? 1; ; attempt += 1) {
    for (const id of [`${clean.slice(0, 40 - 4)}_${attempt}`, alphanumeric(`${old} ${attempt}`)]) {
      if (ids.has(id) || !needs.callId.test(id)) continue;
      ids.add(id);
      attempts.set(old, attempt);
      return id;
    }
  }
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Nine letters and digits that follow from a text, by FNV-1a: the strictest form that is asked. */
function alphanumeric(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < text.length; at += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n);
  }
  let id = '';
  for (; id.length < 9; hash /= 36n) id += alphabet[Number(hash % 36n)] ?? '';
  return id;
}
