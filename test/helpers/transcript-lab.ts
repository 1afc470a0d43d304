/**
 * Reads transcripts out of bytes, and says what edits make of a conversation, in the plainest way.
 */
import { relative } from 'node:path';
import fc from './fast-check.ts';
import { expect } from 'vitest';
import type { Edit } from '../../src/integrity/plan/edit.ts';
import type { ContentBlock } from '../../src/session/message.ts';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { applySplices } from '../../src/transcript/splice.ts';
import type { Splice } from '../../src/transcript/splice.ts';
import type { FormatReader, Transcript } from '../../src/transcript/transcript.ts';
import { testSeed } from './seed.ts';

/** One message without its places. */
export interface Said {
  readonly role: string;
  readonly content: readonly ContentBlock[];
}

/** Opens bytes with a reader. */
export function openBytes(reader: FormatReader, bytes: Uint8Array | string): Transcript {
  const walk = reader.open(bytesSource(Buffer.from(bytes)));
  let done = 0;
  for (;;) {
    const step = walk.next();
    if (step.done === true) return step.value;
    if (step.value < done) throw new Error('progress went back');
    done = step.value;
  }
}

/** The conversation without places. */
export function saidIn(transcript: Transcript): Said[] {
  return [...transcript.conversation()].map(({ role, content }) => ({ role, content }));
}

/** The bytes after splices. */
export function spliced(bytes: Uint8Array | string, splices: readonly Splice[]): Buffer {
  const source = bytesSource(Buffer.from(bytes));
  return Buffer.concat([...applySplices(source, splices)].map((piece) => Buffer.from(piece)));
}

/** What edits make of messages: written without a thought for speed or for any format. */
export function edited(messages: readonly Said[], edits: readonly Edit[]): Said[] {
  const out: Said[] = [];
  for (let at = 0; at <= messages.length; at += 1) {
    for (const edit of edits) {
      if (edit.kind === 'insert-message' && edit.before === at) {
        out.push({ role: edit.role, content: edit.content });
      }
    }
    const message = messages[at];
    const isGone = edits.some((edit) => edit.kind === 'remove-message' && edit.message === at);
    if (message === undefined || isGone) continue;
    const content: ContentBlock[] = [];
    for (let block = 0; block <= message.content.length; block += 1) {
      const here = edits.filter(
        (edit) => 'at' in edit && edit.at.message === at && edit.at.block === block,
      );
      for (const edit of here) if (edit.kind === 'insert-block') content.push(edit.content);
      const old = message.content[block];
      if (old === undefined || here.some(({ kind }) => kind === 'remove-block')) continue;
      const fresh = here.find((edit) => edit.kind === 'replace-block');
      content.push(fresh?.kind === 'replace-block' ? fresh.content : old);
    }
    out.push({ role: message.role, content });
  }
  return out;
}

/** Numbers that become an edit of whatever conversation they meet. */
export interface EditSeed {
  readonly kind: Edit['kind'];
  readonly message: number;
  readonly block: number;
  readonly role: 'user' | 'assistant';
  readonly content: readonly ContentBlock[];
}

/** Seeds of a plan over messages with these blocks. */
export function editSeeds(
  userBlock: fc.Arbitrary<ContentBlock>,
  modelBlock: fc.Arbitrary<ContentBlock>,
): fc.Arbitrary<EditSeed[]> {
  const kinds: Edit['kind'][] = [
    'insert-message',
    'remove-message',
    'insert-block',
    'remove-block',
    'replace-block',
  ];
  const seed = fc.constantFrom('user' as const, 'assistant' as const).chain((role) =>
    fc.record({
      kind: fc.constantFrom(...kinds),
      message: fc.nat(),
      block: fc.nat(),
      role: fc.constant(role),
      content: fc.array(role === 'user' ? userBlock : modelBlock, { minLength: 1, maxLength: 3 }),
    }),
  );
  return fc.array(seed, { maxLength: 6 });
}

/** The edits that seeds become; each message and block is changed at most once. */
export function editsFrom(messages: readonly Said[], seeds: readonly EditSeed[]): Edit[] {
  const edits: Edit[] = [];
  const taken = new Set<string>();
  for (const { kind, role, content, ...seed } of seeds) {
    const told = { reason: 'DANGLING_TOOL_CALL', told: 'A test.' } as const;
    if (kind === 'insert-message') {
      const before = seed.message % (messages.length + 1);
      edits.push({ ...told, kind, before, role, content });
      continue;
    }
    const message = seed.message % Math.max(1, messages.length);
    const blocks = messages[message]?.content.length ?? 0;
    const [fresh] = content;
    if (messages[message] === undefined || fresh === undefined) continue;
    if (messages[message].role !== role && kind !== 'remove-message') continue;
    if (kind === 'remove-message') {
      edits.push({ ...told, kind, message });
    } else if (kind === 'insert-block') {
      const at = { message, block: seed.block % (blocks + 1) };
      edits.push({ ...told, kind, at, content: fresh });
    } else if (blocks > 0) {
      const at = { message, block: seed.block % blocks };
      if (taken.has(JSON.stringify(at))) continue;
      taken.add(JSON.stringify(at));
      if (kind === 'remove-block') edits.push({ ...told, kind, at });
      else edits.push({ ...told, kind, at, content: fresh });
    }
  }
  return edits;
}

/**
 * How many runs a random test makes, each time from a fresh seed; HOLDFAST_SEED repeats one, and
 * HOLDFAST_RUNS looks further. What fails says the command that repeats it.
 */
export function runs(numRuns: number): fc.Parameters<unknown> {
  const seed = testSeed();
  const times = process.env['HOLDFAST_RUNS'];
  const reporter = (details: fc.RunDetails<unknown>): void => {
    const told = fc.defaultReportMessage(details);
    if (told === undefined) return;
    const again = `HOLDFAST_RUNS=${details.numRuns} npx vitest run ${testFile()}`;
    throw new Error(`${told}\nAgain: HOLDFAST_SEED=${seed} ${again}`);
  };
  return { numRuns: Number(times ?? numRuns), seed, reporter };
}

function testFile(): string {
  const { testPath } = expect.getState();
  return testPath === undefined ? '' : relative(process.cwd(), testPath);
}
