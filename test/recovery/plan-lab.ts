/** Facts of a scan, made by hand, and what recovery plans for them. */
import { attachType, frameType } from '../../src/format/control.ts';
import { emptyVouched, newHead } from '../../src/format/head.ts';
import type { Head } from '../../src/format/head.ts';
import { linkSegments, segmentFacts } from '../../src/journal/journal-reader.ts';
import type { JournalFacts } from '../../src/journal/journal-reader.ts';
import { encodeIntroduction } from '../../src/journal/streams.ts';
import { layoutOf, sessionPaths } from '../../src/recovery/layout.ts';
import { planStore } from '../../src/recovery/plan.ts';
import type { Expectations, StorePlan } from '../../src/recovery/plan.ts';
import type { JournalScan, SessionScan, StoreFacts } from '../../src/recovery/scan.ts';
import { loose, SegmentImage, streamKey, text, writerId } from '../helpers/segment-image.ts';

/** Where the store stands. */
export const layout = layoutOf('/store');

/** Who wrote the journal. */
export const writer = '07'.repeat(16);

/** No bytes. */
export const nothing = new Uint8Array(0);

/** A journal that introduces session `s` behind this sequence. */
export function image(base = 0): SegmentImage {
  const one = new SegmentImage().origin();
  one.streamSeq = base;
  return one.frames([loose(encodeIntroduction(0n, text('s')), 1, base, attachType)]);
}

/** Its attached session goes, as its writer says. */
export function told(one: SegmentImage, type: number): SegmentImage {
  return one.frames([loose(nothing, one.lastSeq + 1, one.streamSeq, type)]);
}

/** The same with three entries. */
export const three = (base = 0): SegmentImage =>
  image(base).batch(text('a')).batch(text('b')).batch(text('c'));

/** What a scan finds in this image. */
export function factsOf({ bytes }: SegmentImage): JournalFacts {
  return linkSegments('/j', [segmentFacts('/j/1', 1, bytes)]);
}

/** The second of three entries rotted, and a mark says that all of them were durable. */
export function damaged(): JournalFacts {
  const one = image().batch(text('a'));
  const at = one.offset;
  one.batch(text('b')).batch(text('c'));
  one.control(frameType.mark, { durableMark: one.lastSeq });
  one.bytes[at + 70] = 0xee;
  return factsOf(one);
}

/** A journal of three entries whose writer is dead. */
export function journal(change: Partial<JournalScan> = {}): JournalScan {
  const sound = { writer, listed: true, state: 'dead', owner: null, error: null } as const;
  return { ...sound, facts: factsOf(three()), ...change };
}

/** A session that is attached to it, with nothing settled. */
export function session(change: Partial<Head> = {}, scan: Partial<SessionScan> = {}): SessionScan {
  const id = scan.id ?? 's';
  const of = { salt: 1n, incarnation: streamKey, attached: writerId, sessionId: id, createdMs: 1 };
  return {
    id,
    paths: sessionPaths(layout, id),
    head: { ...newHead(of), ...change },
    fault: null,
    stray: null,
    soundBlocks: 2,
    fileBytes: 8192,
    error: null,
    ...scan,
  };
}

/** A session of another life, which has nothing to do with the journal. */
export const stranger = (scan: Partial<SessionScan> = {}): SessionScan =>
  session({ incarnation: new Uint8Array(16).fill(8), attached: null }, { id: 'o', ...scan });

/** The head vouches up to this sequence. */
export const vouchedTo = (seq: number): Pick<Head, 'vouched'> => ({
  vouched: { ...emptyVouched, seq },
});

/** What recovery will do. */
export function plan(
  journals: readonly JournalScan[],
  sessions: readonly SessionScan[],
  expected: Expectations = {},
): StorePlan {
  const facts: StoreFacts = {
    layout,
    store: null,
    writers: [],
    journals,
    sessions,
    strays: [],
    misplaced: [],
  };
  return planStore(facts, expected);
}

/** A read that the machine refuses. */
export const refused = new Error('EIO');
