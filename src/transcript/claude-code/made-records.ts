/**
 * New records for a file of Claude Code. They look like their neighbour: the same session,
 * directory, version and branch. Their ids are made from what they stand beside and what they say,
 * so that the same plan for the same file gives the same bytes.
 */
import { deepJson } from '../../base/deep-json.ts';
import { sha256Hex } from '../../format/checksum.ts';
import type { ContentBlock } from '../../session/message.ts';
import { rawBlock } from '../known-block.ts';
import type { JsonObject } from './entry.ts';
import { sideMember } from './result-sides.ts';

/** What a new record says, and the record it is written beside. */
export interface Wanted {
  /** Null for a mark that is not sent: it only makes the record that it follows the newest. */
  readonly record: {
    readonly role: 'user' | 'assistant';
    readonly content: readonly ContentBlock[];
  } | null;
  readonly beside: JsonObject;
  /** Uuid of the record of the call, for a result. */
  readonly call: string | null;
  /** The record that a result comes from, when it takes along what is kept beside it there. */
  readonly giver: JsonObject | null;
}

/** Members that a new record has in common with its neighbour, in the order of the tool. */
const shared = ['isSidechain', 'userType', 'cwd', 'sessionId', 'version', 'gitBranch', 'agentId'];

/** The record; `number` tells apart records that say the same at one place. */
export function madeRecord(wanted: Wanted, number: number): JsonObject {
  const { record: said, beside, call, giver } = wanted;
  const { role, content: blocks } = said ?? { role: null, content: [] };
  const content = blocks.map(rawBlock);
  const seed = sha256Hex(deepJson([beside['uuid'], role, content, number]) ?? '');
  const record: Record<string, unknown> = { parentUuid: null };
  for (const name of shared) if (Object.hasOwn(beside, name)) record[name] = beside[name];
  record['isSidechain'] ??= false;
  if (role === null) Object.assign(record, mark);
  else {
    record['type'] = role;
    record['message'] = role === 'user' ? { role, content } : answer(seed, content);
  }
  record['uuid'] = uuidOf(seed);
  record['timestamp'] = beside['timestamp'];
  if (giver !== null) record[sideMember] = giver[sideMember];
  const source = call ?? giver?.['sourceToolAssistantUUID'] ?? null;
  if (source !== null) record['sourceToolAssistantUUID'] = source;
  return record;
}

const mark: JsonObject = {
  type: 'system',
  subtype: 'informational',
  content: 'The conversation goes on here.',
  level: 'info',
  isMeta: true,
};

/** An answer as the tool itself writes one that no model gave. */
function answer(seed: string, content: readonly unknown[]): JsonObject {
  return {
    id: `msg_${seed.slice(32, 56)}`,
    type: 'message',
    role: 'assistant',
    model: '<synthetic>',
    content,
    stop_reason: 'stop_sequence',
    stop_sequence: '',
    usage: { input_tokens: 0, output_tokens: 0 },
  };
}

/** A uuid of version 8: made from a hash. */
function uuidOf(hash: string): string {
  const variant = ((Number.parseInt(hash.charAt(16), 16) & 3) | 8).toString(16);
  const [a, b, c, d] = [
    hash.slice(0, 8),
    hash.slice(8, 12),
    hash.slice(13, 16),
    hash.slice(17, 20),
  ];
  return `${a}-${b}-8${c}-${variant}${d}-${hash.slice(20, 32)}`;
}
