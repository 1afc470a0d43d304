/**
 * Reading and editing transcripts in tests: a file from lines, what a reader makes of it, and a
 * second, plainer way to carry edits out, which the writers are held against.
 */
import type { PlacedMessage } from '../../src/integrity/conversation.ts';
import type { Edit } from '../../src/integrity/plan/edit.ts';
import type { ContentBlock } from '../../src/session/message.ts';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { applySplices, type Splice } from '../../src/transcript/splice.ts';
import type { FormatReader, Transcript } from '../../src/transcript/transcript.ts';

/** Cases of a random test; more of them by HOLDFAST_RANDOM_RUNS. A failure tells its seed. */
export const randomRuns: number = Number(process.env['HOLDFAST_RANDOM_RUNS'] ?? 400);

/** Reads bytes to the end. */
export function opened(reader: FormatReader, bytes: Uint8Array): Transcript {
  const reading = reader.open(bytesSource(bytes));
  for (;;) {
    const step = reading.next();
    if (step.done === true) return step.value;
  }
}

/** The bytes after splices. */
export function spliced(bytes: Uint8Array, splices: readonly Splice[]): Buffer {
  const parts: Buffer[] = [];
  for (const part of applySplices(bytesSource(bytes), splices)) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

/** Lines of JSON as a file; `end` closes every line, and may be missing at the last. */
export function jsonl(records: readonly unknown[], end: '\n' | '\r\n' = '\n'): Buffer {
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}${end}`).join(''));
}

/** A block in a few words, for lists that people read. */
export function inShort(block: ContentBlock): string {
  const said = block as Record<string, unknown>;
  switch (block.type) {
    case 'text':
      return `text ${JSON.stringify(block.text)}`;
    case 'tool_use':
      return `tool_use ${block.id} ${block.name} ${JSON.stringify(said['input'])}`;
    case 'tool_result': {
      const error = said['is_error'] === true ? ' error' : '';
      return `tool_result ${block.tool_use_id} ${JSON.stringify(said['content'])}${error}`;
    }
    case 'thinking':
      return `thinking ${JSON.stringify(said['thinking'])}`;
    default:
      return block.type;
  }
}

/** Messages as `role: block, block`, the shape of `expected.json`. */
export function messagesInShort(messages: Iterable<PlacedMessage>): string[][] {
  return [...messages].map(({ role, content }) => [role, ...content.map(inShort)]);
}

/** Every block with its role, in order: what a provider gets, whatever a message is here. */
export function flat(messages: Iterable<Pick<PlacedMessage, 'role' | 'content'>>): unknown[] {
  return [...messages].flatMap(({ role, content }) => content.map((block) => [role, block]));
}

/** The conversation with the edits, done in the plainest way. */
export function edited(
  messages: readonly PlacedMessage[],
  edits: readonly Edit[],
): Pick<PlacedMessage, 'role' | 'content'>[] {
  const result: Pick<PlacedMessage, 'role' | 'content'>[] = [];
  for (let index = 0; index <= messages.length; index += 1) {
    for (const edit of edits) {
      if (edit.kind === 'insert-message' && edit.before === index) result.push(edit);
    }
    const message = messages[index];
    const isGone = edits.some((edit) => edit.kind === 'remove-message' && edit.message === index);
    if (message === undefined || isGone) continue;
    const content: ContentBlock[] = [];
    for (let block = 0; block <= message.content.length; block += 1) {
      const here = edits.filter(
        (edit) => 'at' in edit && edit.at.message === index && edit.at.block === block,
      );
      for (const edit of here) if (edit.kind === 'insert-block') content.push(edit.content);
      const old = message.content[block];
      if (old === undefined || here.some(({ kind }) => kind === 'remove-block')) continue;
      const change = here.find((edit) => edit.kind === 'replace-block');
      content.push(change?.kind === 'replace-block' ? change.content : old);
    }
    result.push({ role: message.role, content });
  }
  return result;
}

/** Lines of records that the edits may touch: of their blocks, and of the blocks beside them. */
export function touchedLines(
  messages: readonly PlacedMessage[],
  edits: readonly Edit[],
): ReadonlySet<number | null> {
  const lines = new Set<number | null>();
  for (const edit of edits) {
    if (edit.kind === 'insert-message') continue;
    const message = messages['at' in edit ? edit.at.message : edit.message];
    const at = 'at' in edit ? [edit.at.block - 1, edit.at.block] : null;
    const places = message?.places ?? [];
    for (const place of at === null ? places : at.flatMap((block) => places[block] ?? [])) {
      lines.add(place.line);
    }
    if (at === null) lines.add(message?.place.line ?? null);
  }
  return lines;
}

/** True when the first list stands in the second, in order. */
export function isSubsequence(some: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const one of all) if (one === some[at]) at += 1;
  return at === some.length;
}

/**
 * Edits that a plan may have: in a conversation, picked by numbers. At most one edit a block, and
 * none inside a message that goes.
 */
export function randomEdits(
  messages: readonly PlacedMessage[],
  picks: readonly number[],
  make: { readonly block: (role: string, pick: number) => ContentBlock },
): Edit[] {
  const told = { reason: 'EMPTY_TEXT', told: 'A test changes this.' } as const;
  const edits: Edit[] = [];
  const taken = new Set<string>();
  for (const pick of picks) {
    const kind = pick % 5;
    const index = Math.floor(pick / 5) % (messages.length + 1);
    const message = messages[index];
    if (kind === 0 || message === undefined) {
      const role = pick % 2 === 0 ? 'user' : 'assistant';
      const content = [make.block(role, pick >> 3)];
      if (pick % 3 === 0) content.push(make.block(role, pick >> 4));
      edits.push({ kind: 'insert-message', before: index, role, content, ...told });
      continue;
    }
    const count = message.content.length;
    const block = Math.floor(pick / 64) % (count + 1);
    const at = { message: index, block };
    if (taken.has(`${index}`)) continue;
    if (kind === 1) {
      if ([...taken].some((key) => key.startsWith(`${index}.`))) continue;
      taken.add(`${index}`);
      edits.push({ kind: 'remove-message', message: index, ...told });
    } else if (kind === 2 || block === count) {
      taken.add(`${index}.`);
      const content = make.block(message.role, pick >> 5);
      edits.push({ kind: 'insert-block', at, content, ...told });
    } else if (!taken.has(`${index}.${block}`)) {
      taken.add(`${index}.${block}`);
      const old = message.content[block];
      const content = old === undefined ? null : replacement(old, pick);
      if (kind === 3 || content === null) edits.push({ kind: 'remove-block', at, ...told });
      else edits.push({ kind: 'replace-block', at, content, ...told });
    }
  }
  return edits;
}

/** Another block of the same kind; null for kinds that only come and go. */
function replacement(old: ContentBlock, pick: number): ContentBlock | null {
  const said = old as Record<string, unknown>;
  switch (old.type) {
    case 'text':
      return { ...old, text: `another ${pick}` } as ContentBlock;
    case 'tool_use': {
      const input = said['custom'] === true ? { input: `free ${pick}` } : { n: pick };
      return {
        ...old,
        id: `renamed_${pick}`,
        ...(pick % 2 === 0 ? { input } : {}),
      } as ContentBlock;
    }
    case 'tool_result':
      if (pick % 3 === 0) return { type: 'text', text: `it said ${pick}` };
      return { ...old, content: `another ${pick}`, is_error: true } as ContentBlock;
    default:
      return null;
  }
}
