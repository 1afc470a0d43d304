/**
 * What the payload of a frame says, by the type of the frame. Damage of the payload was ruled out
 * before.
 */
import { HoldfastError } from '../base/errors.ts';
import { toHex } from '../format/bytes.ts';
import { decodeCommit, decodeControl, frameType } from '../format/control.ts';
import type { Frame } from '../format/frame.ts';
import { decodeBase } from '../history/base-frame.ts';
import { decodeLoss, decodeRecovered } from '../history/history-frames.ts';
import { decodeIntroduction } from '../journal/streams.ts';
import { decodeEvent } from '../session/event-codec.ts';
import { decodeFold } from '../session/fold-value.ts';
import { eventFrameType, streamFrameType } from '../session/frame-types.ts';

type Detail = Readonly<Record<string, unknown>>;

const names: ReadonlyMap<number, string> = new Map(
  Object.entries({ ...frameType, ...streamFrameType, ...eventFrameType }).map(([name, type]) => [
    type,
    name,
  ]),
);

/** The name of a frame type, or `type 99` for one that is not known. */
export function frameTypeName(type: number): string {
  return names.get(type) ?? `type ${type}`;
}

/** The members of the payload; `{ fault }` when its checksum holds and it cannot be decoded. */
export function explainPayload(frame: Frame): Detail {
  return explain(frame) ?? { fault: 'the payload has not the layout of its type' };
}

function explain(frame: Frame): Detail | null {
  const { type, payload } = frame;
  switch (type) {
    case frameType.commit:
      return commitDetail(payload);
    case frameType.origin:
    case frameType.mark:
    case frameType.seal:
    case frameType.close: {
      const control = decodeControl(payload);
      if (control === null) return null;
      const { salt, checksum, ...rest } = control;
      return { ...rest, salt: salt.toString(16), checksum: checksum.toString(16) };
    }
    case streamFrameType.attach: {
      const told = decodeIntroduction(payload);
      return told === null ? null : { session: new TextDecoder().decode(told.introduction) };
    }
    case streamFrameType.recovered: {
      const note = decodeRecovered(payload);
      return note === null ? null : { ...note, writer: toHex(note.writer) };
    }
    case streamFrameType.loss:
      return decodeLoss(payload);
    case streamFrameType.base:
      return baseDetail(frame);
    case streamFrameType.detach:
    case streamFrameType.delete:
      return { payload: toHex(payload.subarray(0, 64)) };
    default:
      return eventDetail(type, payload);
  }
}

function baseDetail(frame: Frame): Detail | null {
  const base = decodeBase(frame);
  const fold = base === null ? null : decodeFold(base.fold);
  if (base === null || fold === null) return null;
  const { place, earlier, blocks } = base;
  const { entries, messages, contentDigest } = fold;
  return { ...place, entries, messages, contentDigest, earlier, blocks: blocks.seqs.length };
}

function commitDetail(payload: Uint8Array): Detail | null {
  const commit = decodeCommit(payload);
  if (commit === null) return null;
  const { firstSeq, lastSeq, durableMark, firstSegment, directory, writer } = commit;
  const frames = directory.map(({ key, streamSeq, type, payloadBytes }) => ({
    stream: toHex(key),
    streamSeq,
    type: frameTypeName(type),
    payloadBytes,
  }));
  return { firstSeq, lastSeq, durableMark, firstSegment, writer: toHex(writer), frames };
}

function eventDetail(type: number, payload: Uint8Array): Detail {
  try {
    return { ...decodeEvent(type, payload) };
  } catch (error) {
    if (!HoldfastError.is(error)) throw error;
    // What cannot be decoded is a fact about these bytes, and is shown as one.
    return { fault: error.message };
  }
}
