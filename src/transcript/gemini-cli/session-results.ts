/** Results inside the entries of `toolCalls`, where Gemini CLI keeps them. */
import type { ContentBlock } from '../../session/message.ts';
import type { JsonObject } from '../json-value.ts';
import { sameJson } from '../json-value.ts';
import { blockOfPart, partOfBlock } from './parts.ts';
import type { CallRecord } from './session-codec.ts';

/** The states in which a call is not over yet. */
const open: ReadonlySet<unknown> = new Set([
  'validating',
  'scheduled',
  'executing',
  'awaiting_approval',
]);

/**
 * The entries with exactly these results, in this order; null when the results do not follow the
 * order of the calls, because then no set of entries reads like that.
 */
export function withResults(
  calls: readonly CallRecord[],
  results: readonly ContentBlock[],
  names: ReadonlyMap<string, string>,
): readonly JsonObject[] | null {
  const taken: unknown[][] = calls.map(() => []);
  const failed = new Set<number>();
  let at = 0;
  for (const block of results) {
    const same = keptIn(calls, at, block);
    const index = same?.index ?? calls.findIndex(({ raw }) => isResultOf(block, raw));
    const place = index < 0 ? at : index;
    const list = taken[place];
    if (place < at || list === undefined) return null;
    at = place;
    list.push(same?.part ?? partOfBlock(block, names));
    if (same === null && block['is_error'] === true) failed.add(place);
  }
  return calls.map(({ raw, results: before }, index) => {
    const after = taken[index] ?? [];
    if (sameJson(before, after)) return raw;
    const { result: _, ...rest } = raw;
    if (after.length === 0) return rest;
    const over = open.has(raw['status']) || failed.has(index);
    const status = over ? { status: failed.has(index) ? 'error' : 'success' } : {};
    return { ...raw, result: after, ...status };
  });
}

function isResultOf(block: ContentBlock, call: JsonObject): boolean {
  return block.type === 'tool_result' && block.tool_use_id === call['id'];
}

/** The part that a block was read from, so that it goes back as it came. */
function keptIn(
  calls: readonly CallRecord[],
  from: number,
  block: ContentBlock,
): { index: number; part: unknown } | null {
  for (let index = from; index < calls.length; index += 1) {
    const part = calls[index]?.results.find((known) => sameJson(blockOfPart(known), block));
    if (part !== undefined) return { index, part };
  }
  return null;
}
