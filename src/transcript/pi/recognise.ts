/** Tells a session of pi or OpenClaw from other files, by its first records. */
import type { JsonObject } from '../json-value.ts';
import { asObject } from '../json-value.ts';

const roles: ReadonlySet<unknown> = new Set([
  'user',
  'assistant',
  'toolResult',
  'bashExecution',
  'custom',
  'hookMessage',
  'branchSummary',
  'compactionSummary',
]);

function isHeader(value: JsonObject): boolean {
  return value['type'] === 'session' && typeof value['id'] === 'string' && 'timestamp' in value;
}

function isMessageEntry(value: JsonObject): boolean {
  return value['type'] === 'message' && roles.has(asObject(value['message'])?.['role']);
}

/** 1 for a header in front, less for entries without one. */
export function recogniseSession(first: readonly unknown[]): number {
  const objects = first.map(asObject).filter((value): value is JsonObject => value !== null);
  const head = objects[0];
  if (head !== undefined && isHeader(head)) return 1;
  const entries = objects.filter(isMessageEntry);
  if (entries.length === 0) return 0;
  if (objects.some(isHeader)) return 0.9;
  return entries.some((entry) => 'parentId' in entry) ? 0.8 : 0.4;
}
