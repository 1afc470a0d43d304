/** From the facts of a scan to what recovery does about journals, and frames without a home. */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { frameType } from '../../src/format/control.ts';
import { nextChain } from '../../src/format/frame.ts';
import { emptyVouched } from '../../src/format/head.ts';
import type { JournalFacts } from '../../src/journal/journal-reader.ts';
import type { StorePlan } from '../../src/recovery/plan.ts';
import type { JournalScan, SessionScan } from '../../src/recovery/scan.ts';
import { streamFrameType } from '../../src/session/frame-types.ts';
import { loose, SegmentImage, text, writerId } from '../helpers/segment-image.ts';
import {
  image,
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
const rolesOf = ({ journals }: StorePlan): readonly string[] => journals.map(({ role }) => role);

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
    [{}, 'dead', 'damaged'],
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
