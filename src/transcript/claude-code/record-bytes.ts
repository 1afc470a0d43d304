/** Changes inside the bytes of one record: its content, its parent, and nothing else. */
import { assert } from '../../base/assert.ts';
import { asWords } from '../../base/deep-json.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { ByteSource } from '../byte-source.ts';
import type { Piece } from '../changed-items.ts';
import { refuse } from '../changed-items.ts';
import { parseRecord } from '../decode.ts';
import { byte } from '../json-scan.ts';
import { memberSpans, pathSpan } from '../json-span.ts';
import type { Span } from '../json-span.ts';
import { asList, writtenJson } from '../json-value.ts';
import { rawBlock } from '../known-block.ts';
import { bytesAt } from '../record-at.ts';
import { respelled } from '../respelled.ts';
import type { Splice } from '../splice.ts';
import type { Entries } from './entries.ts';
import { contentPath, valueOf } from './record-text.ts';
import type { Joint, Joints } from './rejoin.ts';

/** What changes in a record; what is left out stays. */
export interface RecordChange {
  readonly pieces?: readonly Piece[] | null;
  /** The uuid of the new parent, null for none. */
  readonly parent?: string | null | undefined;
  /** The new id of the answer that the record is a part of, null for the old one. */
  readonly answer?: string | null;
  readonly preserved?: 'forgotten';
}

/** The bytes of a record. Refuses those that have to be mended first. */
export function recordBytes(
  { source, entries }: { readonly source: ByteSource; readonly entries: Entries },
  node: number,
): Buffer {
  const bytes = bytesAt(source, entries.offsets.at(node), entries.lengths.at(node));
  if (bytes.includes(0)) {
    refuse('The plan edits a record whose bytes are damaged; mend the file first');
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The splices of the change, in the file. */
export function changedRecord(
  entries: Entries,
  node: number,
  bytes: Buffer,
  { pieces = null, parent, answer = null, preserved }: RecordChange,
): Splice[] {
  const splices: Splice[] = [];
  const offset = entries.offsets.at(node);
  const put = ({ start, end }: Span, fresh: Uint8Array | string): void => {
    splices.push({ offset: offset + start, length: end - start, bytes: Buffer.from(fresh) });
  };
  if (parent !== undefined) {
    const span = pathSpan(bytes, ['parentUuid']);
    const text = JSON.stringify(parent);
    // A record without the member gets it in front of all others.
    if (span === null) put({ start: 1, end: 1 }, `"parentUuid":${text},`);
    else put(span, text);
  }
  if (answer !== null) {
    const span = pathSpan(bytes, ['message', 'id']);
    assert(span !== null, 'a record of an answer has its id');
    put(span, JSON.stringify(answer));
  }
  if (pieces !== null) {
    const span = pathSpan(bytes, contentPath(entries.flags.at(node)));
    if (span === null) putContent(entries.flags.at(node), bytes, pieces, put);
    else put(span, contentBytes(bytes.subarray(span.start, span.end), pieces));
  }
  if (preserved === 'forgotten') {
    for (const name of ['preservedMessages', 'preservedSegment']) {
      const span = pathSpan(bytes, ['compactMetadata', name]);
      if (span !== null) put(span, 'null');
    }
  }
  return splices;
}

/** A message without content gets one in front of its other members. */
function putContent(
  flags: number,
  bytes: Buffer,
  pieces: readonly Piece[],
  put: (span: Span, fresh: string) => void,
): void {
  const [outer, inner] = contentPath(flags);
  const holder = pathSpan(bytes, [outer]);
  if (holder === null || bytes[holder.start] !== byte.open) {
    refuse('The plan edits a message that has no content to edit');
  }
  const text = `"${inner}":${writtenJson(pieces.map(({ block }) => rawBlock(block)))}`;
  const isBare = memberSpans(bytes, holder.start).length === 0;
  const at = holder.start + 1;
  put({ start: at, end: at }, isBare ? text : `${text},`);
}

/** The splices that link records anew; each says that it is a guess. */
export function jointSplices(
  file: { readonly source: ByteSource; readonly entries: Entries },
  { joints, preserved }: Joints,
): readonly Splice[] {
  const { source, entries } = file;
  const change = (node: number, joint: Joint, what: RecordChange): Splice[] =>
    changedRecord(entries, node, recordBytes(file, node), what).map((splice) => ({
      ...splice,
      why: whyOf(entries, joint),
    }));
  const splices = joints.flatMap((joint) => {
    const { node, parent } = joint;
    const uuid = parent < 0 ? null : asWords(valueOf(source, entries, parent)['uuid']);
    return change(node, joint, { parent: uuid });
  });
  const [first] = joints;
  if (preserved === 'kept' || first === undefined) return splices;
  const told = entries.boundaries.flatMap(({ entry }) =>
    change(entry, { ...first, why: 'kept' }, { preserved: 'forgotten' }),
  );
  return [...splices, ...told].toSorted((one, other) => one.offset - other.offset);
}

function whyOf(entries: Entries, { parent, why }: Joint): NonNullable<Splice['why']> {
  const code = why === 'missing' || why === 'kept' ? 'MISSING_PARENT' : 'PARENT_CYCLE';
  if (why === 'kept' || why === 'hidden') {
    return { code, told: 'What a compaction said of its messages is written into their links.' };
  }
  const what =
    why === 'missing'
      ? 'The record that this one follows is not in the file'
      : 'The records in front of this one lead back to it';
  const line = parent < 0 ? 0 : entries.lines.at(parent);
  const told =
    parent < 0
      ? `${what}; it is taken for the beginning, as no record is in front that it could follow.`
      : `${what}; it is taken to follow line ${line}, which stood in front of it. ` +
        'This is a guess: look at it.';
  return { code, told };
}

/** The content with other pieces; what is kept keeps its bytes. */
function contentBytes(old: Buffer, pieces: readonly Piece[]): Buffer {
  const before = parseRecord(old);
  const [only] = pieces;
  if (typeof before === 'string' && pieces.length === 1 && only !== undefined) {
    if (isPlainText(only.block)) return Buffer.from(JSON.stringify(only.block['text']));
  }
  const elements = asList(before);
  const after = pieces.map((piece) => {
    // Of a text there are no elements; a null among them stays one.
    const isElement = piece.kind === 'kept' && piece.part < elements.length;
    return isElement ? elements[piece.part] : rawBlock(piece.block);
  });
  return respelled(old, before, after);
}

function isPlainText(block: ContentBlock): boolean {
  return block.type === 'text' && Object.keys(block).length === 2;
}
