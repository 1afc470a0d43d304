/** From the facts of a scan to what recovery will do: every role, verdict and bound by itself. */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { attachType, frameType } from '../../src/format/control.ts';
import { frameBytes, nextChain } from '../../src/format/frame.ts';
import { emptyVouched, newHead } from '../../src/format/head.ts';
import type { Head } from '../../src/format/head.ts';
import { linkSegments, segmentFacts } from '../../src/journal/journal-reader.ts';
import type { JournalFacts } from '../../src/journal/journal-reader.ts';
import { encodeIntroduction } from '../../src/journal/streams.ts';
import { layoutOf, sessionPaths } from '../../src/recovery/layout.ts';
import { expectedSeq, planStore } from '../../src/recovery/plan.ts';
import type { Expectations, StorePlan } from '../../src/recovery/plan.ts';
import type { JournalScan, SessionScan, StoreFacts } from '../../src/recovery/scan.ts';
import { streamFrameType } from '../../src/session/frame-types.ts';
import { loose, SegmentImage, streamKey, text, writerId } from '../helpers/segment-image.ts';

beforeAll(initChecksum);

const layout = layoutOf('/store');
const writer = '07'.repeat(16);
const nothing = new Uint8Array(0);

/** A journal that introduces session `s` behind this sequence. */
function image(base = 0): SegmentImage {
  const one = new SegmentImage().origin();
  one.streamSeq = base;
  return one.frames([loose(encodeIntroduction(0n, text('s')), 1, base, attachType)]);
}

/** Its attached session goes, as its writer says. */
function told(one: SegmentImage, type: number): SegmentImage {
  return one.frames([loose(nothing, one.lastSeq + 1, one.streamSeq, type)]);
}

const three = (base = 0): SegmentImage =>
  image(base).batch(text('a')).batch(text('b')).batch(text('c'));

function factsOf({ bytes }: SegmentImage): JournalFacts {
  return linkSegments('/j', [segmentFacts('/j/1', 1, bytes)]);
}

/** The second of three entries rotted, and a mark says that all of them were durable. */
function damaged(): JournalFacts {
  const one = image().batch(text('a'));
  const at = one.offset;
  one.batch(text('b')).batch(text('c'));
  one.control(frameType.mark, { durableMark: one.lastSeq });
  one.bytes[at + 70] = 0xee;
  return factsOf(one);
}

function journal(change: Partial<JournalScan> = {}): JournalScan {
  const sound = { writer, listed: true, state: 'dead', owner: null, error: null } as const;
  return { ...sound, facts: factsOf(three()), ...change };
}

function session(change: Partial<Head> = {}, scan: Partial<SessionScan> = {}): SessionScan {
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
const stranger = (scan: Partial<SessionScan> = {}): SessionScan =>
  session({ incarnation: new Uint8Array(16).fill(8), attached: null }, { id: 'o', ...scan });

const vouchedTo = (seq: number): Pick<Head, 'vouched'> => ({ vouched: { ...emptyVouched, seq } });

function plan(
  journals: readonly JournalScan[],
  sessions: readonly SessionScan[],
  expected: Expectations = {},
): StorePlan {
  const facts: StoreFacts = { layout, store: null, writers: [], journals, sessions, strays: [] };
  return planStore(facts, expected);
}

const rolesOf = ({ journals }: StorePlan): readonly string[] => journals.map(({ role }) => role);
const refused = new Error('EIO');

describe('the role of a journal', () => {
  it.each([
    [{ state: 'live' }, 'live', 'clean'],
    [{ state: 'live', listed: false }, 'live', 'clean'],
    [{ state: 'unknown' }, 'unknown', 'clean'],
    [{ state: 'unknown', facts: null, error: refused }, 'unknown', 'clean'],
    [{ listed: false }, 'leftover', 'clean'],
    [{ listed: false, facts: null }, 'leftover', 'clean'],
    [{ state: 'missing', facts: null }, 'missing', 'healable'],
    [{ facts: null, error: refused }, 'unreadable', 'unreadable'],
    [{}, 'dead', 'healable'],
  ] as const)('planStore gives %j the role %s', (change, role, verdict) => {
    const found = plan([journal(change as Partial<JournalScan>)], []);
    expect(rolesOf(found)).toEqual([role]);
    expect(found.verdict).toBe(verdict);
    const [one] = found.journals;
    expect(one?.verdict).toBe(role === 'dead' ? 'unclean' : null);
    if (role !== 'dead') expect(one).toMatchObject({ analysis: null, homeless: [] });
  });

  it('is newer when a frame in it is, and nothing is done then', () => {
    const one = image();
    const facts = factsOf(one.frames([loose(text('x'), 2, 1, 90)]));
    const found = plan([journal({ facts })], [session()]);
    expect(found.journals).toMatchObject([{ role: 'newer', verdict: 'newer', analysis: null }]);
    expect(found.verdict).toBe('unsupported');
    expect(found.sessions).toMatchObject([
      { verdict: 'unsupported', reason: 'its journal has a newer format', lost: [] },
    ]);
  });

  it('is unreadable when it is missing and a session cannot be read, which may tell of it', () => {
    const unread = stranger({ fault: 'unreadable', head: null, error: refused });
    const found = plan([journal({ state: 'missing', facts: null })], [stranger(), unread]);
    expect(found.journals).toMatchObject([{ role: 'unreadable', scan: { error: refused } }]);
  });
});

describe('frames without a home', () => {
  const homeless = (sessions: readonly SessionScan[], facts = factsOf(three())): number =>
    plan([journal({ facts })], sessions).journals[0]?.homeless.length ?? -1;

  it('are those of a session that is gone, that lost its head, or that lives another life', () => {
    expect(homeless([])).toBe(1);
    expect(homeless([stranger()])).toBe(1);
    expect(homeless([session()])).toBe(0);
    expect(homeless([stranger(), session()])).toBe(0);
    expect(homeless([session({ incarnation: new Uint8Array(16).fill(8) })])).toBe(1);
    expect(homeless([session({}, { fault: 'foreign' })])).toBe(1);
    expect(homeless([session({}, { fault: 'damaged', head: null })])).toBe(1);
  });

  it('have one in a history that names their writer, or that holds all of them', () => {
    const facts = factsOf(three(4));
    const other = new Uint8Array(16).fill(1);
    expect(homeless([session(vouchedTo(3))], facts)).toBe(0);
    expect(homeless([session(vouchedTo(5))], facts)).toBe(0);
    let chain = 0n;
    for (const frame of facts.frames) if (frame.type === 32) chain = nextChain(chain, frame);
    const whole = { vouched: { ...emptyVouched, seq: 7, chain } };
    for (const attached of [null, other]) {
      expect(homeless([session({ attached, ...vouchedTo(3) })], facts)).toBe(1);
      expect(homeless([session({ attached, ...vouchedTo(4) })], facts)).toBe(1);
      expect(homeless([session({ attached, ...vouchedTo(6) })], facts)).toBe(1);
      expect(homeless([session({ attached, ...whole })], facts)).toBe(0);
      expect(homeless([session({ attached, ...vouchedTo(9) })], facts)).toBe(0);
      // As many entries, and others.
      expect(homeless([session({ attached, ...vouchedTo(7) })], facts)).toBe(1);
    }
  });

  it('have none in a history without them when nothing tells where they begin', () => {
    const nameless = factsOf(new SegmentImage().origin().batch(text('a')));
    expect(homeless([session({ attached: null })], nameless)).toBe(1);
    expect(homeless([session({ attached: null, ...vouchedTo(1) })], nameless)).toBe(0);
  });

  it('are those that a session took before it was closed, and that its history lacks now', () => {
    const closed = told(three(), streamFrameType.detach);
    expect(homeless([session({ attached: null, ...vouchedTo(3) })], factsOf(closed))).toBe(0);
    expect(homeless([session({ attached: null, ...vouchedTo(2) })], factsOf(closed))).toBe(1);
  });

  it('need none when their session was left or deleted, or when there are none', () => {
    expect(homeless([], factsOf(told(three(), streamFrameType.detach)))).toBe(0);
    expect(homeless([], factsOf(told(three(), streamFrameType.delete)))).toBe(0);
    expect(homeless([], factsOf(image()))).toBe(0);
  });

  it('wait for a home that cannot be read or judged, and for no other', () => {
    const at = (
      scan: Partial<SessionScan>,
      facts = factsOf(three()),
    ): StorePlan['journals'][number] | undefined =>
      plan([journal({ facts })], [stranger(scan)]).journals[0];
    const unread = { fault: 'unreadable', head: null, error: refused } as const;
    const newer = { fault: 'newer', head: null } as const;
    expect(at({ ...unread, id: 's' })).toMatchObject({
      role: 'unreadable',
      scan: { error: refused },
      verdict: null,
    });
    expect(at({ ...newer, id: 's' })).toMatchObject({ role: 'newer', verdict: 'newer' });
    expect(at({ ...unread, id: 'o' })?.role).toBe('dead');
    expect(at({ ...newer, id: 'o' })?.role).toBe('dead');
    expect(at({ fault: 'damaged', head: null, id: 's' })?.role).toBe('dead');
    // A damaged journal may have held entries of anybody.
    expect(at({ ...unread, id: 'o' }, damaged())?.role).toBe('unreadable');
    expect(at({ ...newer, id: 'o' }, damaged())?.role).toBe('newer');
    // One whose introduction is lost may be anybody's.
    const nameless = new SegmentImage().origin().batch(text('a'));
    expect(at({ ...unread, id: 'o' }, factsOf(nameless))?.role).toBe('unreadable');
  });
});

describe('a journal that the writers file does not list', () => {
  const role = (scan: SessionScan, facts: JournalFacts | null = factsOf(three())): unknown =>
    rolesOf(plan([journal({ listed: false, facts })], [stranger(), scan]))[0];

  it('counts when a session that is attached to it lacks entries of it', () => {
    expect(role(session())).toBe('dead');
    expect(role(session(vouchedTo(2)))).toBe('dead');
    expect(plan([journal({ listed: false })], [session()]).sessions).toMatchObject([
      { verdict: 'healable', replay: { lastSeq: 3 }, journal: { scan: { listed: true } } },
    ]);
  });

  it('is a leftover when nobody lacks anything of it', () => {
    expect(role(session(vouchedTo(3)))).toBe('leftover');
    expect(role(session({ attached: null }))).toBe('leftover');
    expect(role(session({}, { fault: 'foreign' }))).toBe('leftover');
    expect(role(session({ damage: { from: 1, to: 1, writer: writerId } }))).toBe('leftover');
    expect(role(session({ incarnation: new Uint8Array(16).fill(8) }))).toBe('leftover');
    expect(role(session(), null)).toBe('leftover');
    expect(role(session(), factsOf(told(three(), streamFrameType.detach)))).toBe('leftover');
    expect(role(session(), factsOf(told(three(), streamFrameType.delete)))).toBe('leftover');
    expect(role(session(), factsOf(image()))).toBe('leftover');
  });

  it('is needed for what was acknowledged only, when it looks damaged', () => {
    expect(role(session(vouchedTo(2)), damaged())).toBe('dead');
    const one = image().batch(text('a'));
    const at = one.offset;
    one.batch(text('b')).batch(text('c'));
    one.control(frameType.mark, { durableMark: 3 });
    one.bytes[at + 70] = 0xee;
    // The mark goes as far as the second entry, and the third is beyond it.
    expect(role(session(vouchedTo(2)), factsOf(one))).toBe('leftover');
    expect(role(session(vouchedTo(0)), factsOf(one))).toBe('dead');
  });
});

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
});
