/**
 * Where the messages stand in a file of plain messages: one a line, the elements of a list that is
 * the file, or those of a member of the object that is the file (the body of a request, or the
 * `history` of a SWE-agent trajectory).
 */
import type { ByteSource } from '../byte-source.ts';
import type { ByteFault, FileRecord } from '../file-record.ts';
import type { JsonFrame } from '../json-file.ts';
import { jsonFile } from '../json-file.ts';
import { asObject } from '../json-value.ts';
import { jsonLines } from '../records.ts';

/** `path` is null for messages one a line. */
export interface Container {
  readonly path: readonly string[] | null;
}

const members = ['messages', 'history'] as const;

/** Where messages stand, by the first records of the file; null when there are none. */
export function containerOf(first: readonly unknown[]): Container | null {
  const [value] = first;
  if (Array.isArray(value)) return first.length === 1 ? { path: [] } : null;
  const object = asObject(value);
  if (object === null) return null;
  const member = members.find((name) => Array.isArray(object[name]));
  if (member !== undefined && first.length === 1) return { path: [member] };
  return { path: null };
}

/** The first messages, where the container has them. */
export function firstMessages(first: readonly unknown[], { path }: Container): readonly unknown[] {
  if (path === null) return first;
  const name = path[0];
  const list = name === undefined ? first[0] : asObject(first[0])?.[name];
  return Array.isArray(list) ? (list as readonly unknown[]) : [];
}

/** The messages of the file; what stands around them where the file is one value. */
export function* messagesIn(
  source: ByteSource,
  { path }: Container,
  onFault: (fault: ByteFault) => void,
): Generator<FileRecord, JsonFrame | null> {
  if (path !== null) return yield* jsonFile(source, path, onFault);
  yield* jsonLines(source, onFault);
  return null;
}
