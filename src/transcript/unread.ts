/**
 * What stands in a message that has no content that can be read: words under a name that nobody
 * knows, or a content of another kind. Nobody guesses what it says; it is told, and never dropped
 * as if nothing had been there.
 */
import type { JsonObject } from './json-value.ts';

/** Members that tell about a message and are none of its words. */
const besides: ReadonlySet<string> = new Set([
  'role',
  'type',
  'id',
  'uuid',
  'name',
  'model',
  'provider',
  'api',
  'usage',
  'status',
  'phase',
  'timestamp',
  'time',
  'ts',
  'date',
  'created',
  'created_at',
  'createdAt',
  'index',
  'object',
  'stop_reason',
  'stop_sequence',
  'stop_details',
  'stopReason',
  'finish_reason',
  'metadata',
  'container',
  'context_management',
  'diagnostics',
  'cache_control',
]);

/** The members that nothing here reads and that say something; null when there are none. */
export function unreadMembers(
  message: JsonObject,
  understood: ReadonlySet<string> = none,
): JsonObject | null {
  const members = Object.entries(message).filter(
    ([name, value]) => !besides.has(name) && !understood.has(name) && says(name, value),
  );
  return members.length === 0 ? null : Object.fromEntries(members);
}

const none: ReadonlySet<string> = new Set();

/** Both; a name that comes again gets a number. */
export function joinedUnread(one: JsonObject | undefined, other: JsonObject): JsonObject {
  const joined: Record<string, unknown> = { ...one };
  for (const [name, value] of Object.entries(other)) {
    let own = name;
    for (let at = 2; Object.hasOwn(joined, own); at += 1) own = `${name} (${at})`;
    joined[own] = value;
  }
  return joined;
}

function says(name: string, value: unknown): boolean {
  if (typeof value === 'string') return /\S/u.test(value);
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  // Beside the content a number or a switch tells about it; in its place it is the content.
  return (name === 'content' || name === 'parts') && value !== undefined && value !== null;
}
