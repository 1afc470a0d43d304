/** Tells a rollout of Codex from other files, by its first records. */
import type { JsonObject } from '../json-value.ts';
import { asObject } from '../json-value.ts';

const recordTypes: ReadonlySet<unknown> = new Set([
  'session_meta',
  'response_item',
  'event_msg',
  'turn_context',
  'compacted',
  'world_state',
  'inter_agent_communication',
  'inter_agent_communication_metadata',
]);

const bareTypes: ReadonlySet<unknown> = new Set([
  'message',
  'reasoning',
  'function_call',
  'function_call_output',
]);

/** 1 when the file says so itself, less when only the shape of records does. */
export function recogniseRollout(first: readonly unknown[]): number {
  const objects = first.map(asObject).filter((value): value is JsonObject => value !== null);
  const known = objects.filter((value) => {
    return recordTypes.has(value['type']) && asObject(value['payload']) !== null;
  });
  if (known.length > 0) {
    if (known.some((value) => value['type'] === 'session_meta')) return 1;
    return known.length * 2 > objects.length ? 0.9 : 0.5;
  }
  const [head, ...rest] = objects;
  const isOldHead =
    head !== undefined && head['type'] === undefined && 'id' in head && 'timestamp' in head;
  const items = rest.filter((item) => bareTypes.has(item['type']) || 'record_type' in item);
  return isOldHead && 'instructions' in head && items.length === rest.length ? 0.8 : 0;
}
