/** From the facts of a scan to what recovery does about sessions and the store. */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { frameBytes } from '../../src/format/frame.ts';
import { emptyVouched } from '../../src/format/head.ts';
import { expectedSeq } from '../../src/recovery/plan.ts';
import type { Expectations, StorePlan } from '../../src/recovery/plan.ts';
import type { JournalScan, SessionScan } from '../../src/recovery/scan.ts';
import { streamFrameType } from '../../src/session/frame-types.ts';
import { SegmentImage, writerId } from '../helpers/segment-image.ts';
import {
  told,
  three,
  factsOf,
  damaged,
  journal,
  session,
  stranger,
  vouchedTo,
  plan,
  refused,
} from './plan-lab.ts';

beforeAll(initChecksum);

describe('the verdict over a session', () => {
  const of = (
    scan: SessionScan,
    journals: readonly JournalScan[] = [],
    expected: Expectations = {},
  ): StorePlan['sessions'][number] | undefined => plan(journals, [scan], expected).sessions[0];
  const whole = [{ from: 1, to: null }];

  it.each([
    ['missing', 'its history is gone'],
    ['gone', 'its directory is gone'],
    ['damaged', 'both blocks of its head are damaged'],
    ['foreign', 'something else stands in its place'],
  ] as const)('is damaged when it is %s', (fault, reason) => {
    const head = fault === 'foreign' ? {} : { head: null };
    const found = of(session({}, { fault, ...head }), [journal()]);
    expect(found).toMatchObject({ verdict: 'damaged', reason, lost: whole, replay: null });
    expect(found).toMatchObject({ journal: null, unreached: [] });
  });

  it('is that it cannot be read, or judged', () => {
    const unread = session({}, { fault: 'unreadable', head: null, error: refused });
    expect(of(unread)).toMatchObject({ verdict: 'unreadable', reason: 'Error: EIO', lost: [] });
    const newer = session({}, { fault: 'newer', head: null });
    expect(of(newer)).toMatchObject({ verdict: 'unsupported', reason: 'newer format', lost: [] });
    expect(of(session(), [journal({ facts: null, error: refused })])).toMatchObject({
      verdict: 'unreadable',
      reason: 'Error: EIO',
      lost: [],
    });
  });

  it('is clean without a journal, unless its head tells of damage or too little is there', () => {
    expect(of(session({ attached: null }))).toMatchObject({
      verdict: 'clean',
      reason: null,
      lost: [],
      journal: null,
    });
    expect(of(session())?.verdict).toBe('clean');
    const damage = { from: 2, to: 3, writer: writerId };
    expect(of(session({ damage }))).toMatchObject({
      verdict: 'damaged',
      reason: 'acknowledged entries are gone',
      lost: [],
    });
    const few = [{ from: 3, to: 5 }];
    expect(of(session(vouchedTo(2)), [], { s: 5 })).toMatchObject({
      verdict: 'damaged',
      reason: 'fewer entries than expected',
      lost: few,
      unreached: few,
    });
    expect(of(session(vouchedTo(5)), [], { s: 5 })).toMatchObject({ verdict: 'clean', lost: [] });
    // A living writer may hold more than anybody can see.
    const living = of(session(vouchedTo(2)), [journal({ state: 'live' })], { s: 5 });
    expect(living).toMatchObject({ verdict: 'clean', lost: [], unreached: [] });
    expect(living?.journal?.role).toBe('live');
  });

  it('is damaged from the vouched end on when its journal is gone', () => {
    expect(of(session(vouchedTo(2)), [journal({ state: 'missing', facts: null })])).toMatchObject({
      verdict: 'damaged',
      reason: 'its journal is gone',
      lost: [{ from: 3, to: null }],
      unreached: [],
    });
  });

  it('is healable when its journal has everything, damaged when it does not', () => {
    expect(of(session(), [journal()])).toMatchObject({
      verdict: 'healable',
      reason: null,
      lost: [],
      unreached: [],
      replay: { lastSeq: 3, forked: false },
    });
    expect(of(session(), [journal({ facts: damaged() })])).toMatchObject({
      verdict: 'damaged',
      reason: 'acknowledged entries are gone',
      lost: [{ from: 2, to: 2 }],
      unreached: [],
    });
    const damage = { from: 1, to: 1, writer: writerId };
    expect(of(session({ damage }), [journal()])).toMatchObject({ verdict: 'damaged', lost: [] });
    expect(of(session(), [journal()], { s: 4 })).toMatchObject({
      verdict: 'damaged',
      lost: [{ from: 4, to: 4 }],
      unreached: [{ from: 4, to: 4 }],
    });
    expect(of(session(), [journal()], { s: 3 })?.verdict).toBe('healable');
    const other = { ...emptyVouched, seq: 1, chain: 99n };
    expect(of(session({ vouched: other }), [journal()])).toMatchObject({
      verdict: 'damaged',
      reason: 'journal and history disagree',
      replay: { forked: true },
    });
  });

  it('is deleted when a tombstone says so, and the store is to be healed then', () => {
    const gone = journal({ facts: factsOf(told(three(), streamFrameType.delete)) });
    const found = plan([gone], [session()]);
    expect(found.sessions).toMatchObject([{ verdict: 'deleted', lost: [], replay: null }]);
    expect(found.verdict).toBe('healable');
  });

  it('does not come from a journal that is another writer’s, or that does not count', () => {
    const other = journal({ writer: '01'.repeat(16) });
    expect(of(session(), [other])).toMatchObject({ verdict: 'clean', journal: null });
    const leftover = journal({ listed: false });
    expect(of(session(vouchedTo(3)), [leftover])).toMatchObject({
      verdict: 'clean',
      journal: null,
    });
  });
});

describe('the plan of a store', () => {
  it('has the gravest verdict of all that is in it', () => {
    const unread = stranger({ fault: 'unreadable', head: null, error: refused });
    const broken = stranger({ id: 'b', fault: 'damaged', head: null });
    const newer = stranger({ id: 'n', fault: 'newer', head: null });
    expect(plan([], [stranger()]).verdict).toBe('clean');
    expect(plan([journal()], [session(), newer]).verdict).toBe('unsupported');
    expect(plan([journal()], [session(), newer, broken]).verdict).toBe('damaged');
    expect(plan([journal()], [session(), newer, broken, unread]).verdict).toBe('unreadable');
    expect(plan([journal()], [session()], { ghost: 1 }).verdict).toBe('damaged');
    expect(plan([], [stranger()], { ghost: 0 }).verdict).toBe('clean');
  });

  it('names the sessions that should be there and are not', () => {
    const found = plan([], [stranger()], { ghost: 3, o: 0, none: 0 });
    expect(found.missingExpected).toEqual([{ id: 'ghost', seq: 3 }]);
    const expected = { s: 4 };
    expect(expectedSeq(expected, 's')).toBe(4);
    for (const id of ['o', 'constructor', 'toString']) expect(expectedSeq(expected, id)).toBe(0);
  });

  it('needs room for what is settled, for a torn tail in part, and for damage as a whole', () => {
    const files = 16 * 1024;
    expect(plan([], [session()]).bytesNeeded).toBe(0);
    const settled = 3 * (frameBytes(1) + 40) + 8192;
    expect(plan([journal()], [session()]).bytesNeeded).toBe(settled + files);
    const torn = three();
    torn.put(new Uint8Array(48).fill(0x5a));
    const facts = factsOf(torn);
    expect(plan([journal({ facts })], [session()]).bytesNeeded).toBe(settled + 48 + files);
    const long = new SegmentImage({ bytes: 4 * 1024 * 1024 }).origin();
    long.put(new Uint8Array(2 * 1024 * 1024).fill(0x5a));
    const tail = factsOf(long);
    expect(plan([journal({ facts: tail })], []).bytesNeeded).toBe(1024 * 1024 + files);
    // Two of three entries are left, and all of the file is set aside.
    const whole = plan([journal({ facts: damaged() })], [session()]).bytesNeeded;
    expect(whole).toBe(2 * (frameBytes(1) + 40) + 8192 + 16_384 + files);
    expect(plan([journal()], []).bytesNeeded).toBe(16_384 + files);
    expect(plan([journal({ state: 'live' })], []).bytesNeeded).toBe(0);
    expect(plan([journal({ listed: false })], []).bytesNeeded).toBe(0);
  });

  it('needs no room for what it writes over scratch behind the vouched end of a history', () => {
    const files = 16 * 1024;
    const settled = 3 * (frameBytes(1) + 40) + 8192;
    const end = emptyVouched.endOffset;
    const of = (fileBytes: number): number =>
      plan([journal()], [session({}, { fileBytes })]).bytesNeeded;
    expect(of(end)).toBe(settled + files);
    expect(of(end + 100)).toBe(settled - 100 + files);
    expect(of(end + settled)).toBe(0);
    // Scratch gives no room to others, which may be settled before.
    const other = session({ incarnation: new Uint8Array(16).fill(8) }, { id: 'o' });
    const long = session({}, { fileBytes: end + 1024 * 1024 });
    expect(plan([journal()], [other, long]).bytesNeeded).toBe(8192 + files);
    // A history that is shorter than its head says has no scratch.
    expect(of(end - 100)).toBe(settled + files);
  });
});
