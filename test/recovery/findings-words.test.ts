/** Every finding with its code, weight, place and words: what `recover` prints, line by line. */
import { describe, expect, it } from 'vitest';
import { emptyVouched, newHead } from '../../src/format/head.ts';
import type { Head } from '../../src/format/head.ts';
import { journalFindings, sessionFindings, storeFindings } from '../../src/recovery/findings.ts';
import { layoutOf, sessionPaths } from '../../src/recovery/layout.ts';
import type { JournalPlan, SessionPlan, StorePlan } from '../../src/recovery/plan.ts';
import type { SessionReading } from '../../src/recovery/read-session.ts';
import type { SessionScan } from '../../src/recovery/scan.ts';

const layout = layoutOf('/store');
const writer = 'ab'.repeat(16);
const file = `journals/${writer}`;
const refused = Object.assign(new Error('EIO: read'), { code: 'EIO' });

const plan = (change: object = {}): StorePlan =>
  ({
    facts: { layout, strays: [], misplaced: [] },
    missingExpected: [],
    ...change,
  }) as unknown as StorePlan;

/** What is told of a journal of this kind. */
function ofJournal(change: object, scan: object = {}): unknown {
  const sound = { writer, owner: null, facts: null, error: null };
  const journal = { role: 'dead', verdict: 'closed', homeless: [], scan: { ...sound, ...scan } };
  return journalFindings(plan(), { ...journal, ...change } as unknown as JournalPlan);
}

const facts = (change: object): object => ({
  facts: {
    firstProblem: null,
    missing: null,
    deadBytes: 0,
    tailBytes: 0,
    durableMark: 0,
    lastSeq: 0,
    segments: [],
    ...change,
  },
});

const finding = (code: string, severity: string, place: object, message: string): object => {
  return { code, severity, file: null, offset: null, session: null, ...place, message };
};

describe('storeFindings', () => {
  it('storeFindings names sessions that should be there, and what Holdfast did not put there', () => {
    const missingExpected = [{ id: 'ghost', seq: 3 }];
    const strays = ['journals/x', 'sessions/a b'];
    const foreign = 'Holdfast did not put this here';
    const missing = 'Session ghost should hold at least entry 3 and is not there';
    expect(
      storeFindings(plan({ missingExpected, facts: { layout, strays, misplaced: [] } })),
    ).toEqual([
      finding('BELOW_EXPECTED', 'error', { session: 'ghost' }, missing),
      finding('STRAY_FILE', 'warning', { file: 'journals/x' }, foreign),
      finding('STRAY_FILE', 'warning', { file: 'sessions/a b' }, foreign),
    ]);
    expect(storeFindings(plan())).toEqual([]);
  });
});

describe('journalFindings', () => {
  it.each([
    ['live', { owner: { pid: 7 } }, 'LIVE_WRITER', 'info', 'In use: process 7 is alive'],
    ['live', { owner: { pid: null } }, 'LIVE_WRITER', 'info', 'In use: its owner is alive'],
    ['live', {}, 'LIVE_WRITER', 'info', 'In use: its owner is alive'],
    ['unknown', {}, 'OWNER_UNKNOWN', 'warning', 'Locks are not available here: it may be in use'],
    ['missing', {}, 'MISSING_JOURNAL', 'error', 'This journal counts and is not there'],
    [
      'unreadable',
      { error: refused },
      'UNREADABLE',
      'error',
      'The machine refused: Error: EIO: read',
    ],
    ['newer', {}, 'NEWER_FORMAT', 'error', 'A newer version of Holdfast wrote this'],
    ['leftover', {}, 'STRAY_FILE', 'info', 'A journal that does not count: it goes'],
  ])('journalFindings tells of one that is %s, %j', (role, scan, code, severity, message) => {
    const told = ofJournal({ role, verdict: null }, scan);
    expect(told).toEqual([finding(code, severity, { file }, message)]);
  });

  it('journalFindings says that a writer died, but for one that closed its journal', () => {
    const died = finding('UNCLEAN_STOP', 'info', { file }, 'Its writer died without closing it');
    expect(ofJournal({ verdict: 'closed' }, facts({}))).toEqual([]);
    expect(ofJournal({ verdict: 'unclean' }, facts({}))).toEqual([died]);
    expect(ofJournal({ verdict: 'unclean' })).toEqual([died]);
    const torn = { kind: 'tail', segment: 1, offset: 9000, reason: 'header at 9000' };
    const message =
      '48 bytes of an unfinished batch: never acknowledged, unless the medium lost its mark';
    const at = { file: `${file}/0000000001.segment`, offset: 9000 };
    expect(ofJournal({ verdict: 'torn' }, facts({ firstProblem: torn, tailBytes: 48 }))).toEqual([
      died,
      finding('TORN_TAIL', 'warning', at, message),
    ]);
  });

  it.each([
    ['tail', 'DAMAGED_FRAME'],
    ['header', 'DAMAGED_HEADER'],
    ['size', 'SHORT_FILE'],
    ['missing', 'MISSING_SEGMENT'],
    ['chain', 'CHAIN_BROKEN'],
    ['identity', 'CHAIN_BROKEN'],
    ['newer', 'NEWER_FORMAT'],
  ])('journalFindings tells of a problem with its %s by %s', (kind, code) => {
    const firstProblem = { kind, segment: 12, offset: 64, reason: 'why it stopped' };
    const at = { file: `${file}/0000000012.segment`, offset: 64 };
    expect(ofJournal({ verdict: 'damaged' }, facts({ firstProblem }))).toEqual([
      finding(code, 'error', at, 'why it stopped'),
    ]);
  });

  it('journalFindings tells of a mark beyond the end, and of dead bytes', () => {
    const marked = facts({ durableMark: 9, lastSeq: 4, deadBytes: 16 });
    expect(ofJournal({ verdict: 'damaged' }, marked)).toEqual([
      finding(
        'DAMAGED_FRAME',
        'error',
        { file },
        'Entries up to 9 were durable, and only 4 are there',
      ),
      finding(
        'DEAD_BYTES',
        'info',
        { file },
        '16 bytes of a write that failed; they never counted',
      ),
    ]);
  });

  it('journalFindings names a segment that is missing once, whoever misses it', () => {
    const at = { file: `${file}/0000000003.segment` };
    const words = 'segment 3, which a seal names, is not there';
    const missing = { kind: 'missing', segment: 3, offset: 0, reason: words };
    const damaged = { verdict: 'damaged' };
    const gone = { number: 3, reason: words };
    expect(ofJournal(damaged, facts({ firstProblem: missing, missing: gone }))).toEqual([
      finding('MISSING_SEGMENT', 'error', { ...at, offset: 0 }, words),
    ]);
    const tail = { ...missing, kind: 'tail', segment: 2, reason: 'bad' };
    expect(ofJournal(damaged, facts({ firstProblem: tail, missing: gone }))).toEqual([
      finding('DAMAGED_FRAME', 'error', { file: `${file}/0000000002.segment`, offset: 0 }, 'bad'),
      finding('MISSING_SEGMENT', 'error', at, words),
    ]);
  });

  it('journalFindings warns of segments of which one header block serves alone', () => {
    const segments = [0, 1, 2].map((soundHeaderBlocks) => {
      return { soundHeaderBlocks, path: `/store/${file}/${soundHeaderBlocks}` };
    });
    const message = 'One of two header blocks is damaged; the other one serves';
    expect(ofJournal({}, facts({ segments }))).toEqual([
      finding('DAMAGED_HEADER', 'warning', { file: `${file}/1`, offset: 0 }, message),
    ]);
  });

  it('journalFindings names what has no home, with the session if that is known', () => {
    const frames = [1, 2, 4].map((streamSeq) => ({ streamSeq }));
    const homeless = [
      { sessionId: 's', frames, lacks: 'gone' },
      { sessionId: null, frames: frames.slice(0, 1), lacks: 'gone' },
      { sessionId: 'o', frames: frames.slice(0, 2), lacks: 'history' },
    ];
    const end = 'have no home here any more; recovery sets them aside';
    expect(ofJournal({ homeless }, facts({}))).toEqual([
      finding(
        'SET_ASIDE',
        'error',
        { file, session: 's' },
        `Entries 1 to 2, 4 of session s ${end}`,
      ),
      finding('SET_ASIDE', 'error', { file }, `Entries 1 of a session ${end}`),
      finding(
        'SET_ASIDE',
        'error',
        { file, session: 'o' },
        'Entries 1 to 2 of session o are not in its history, which is an older or another one; ' +
          'recovery sets them aside',
      ),
    ]);
  });
});

describe('sessionFindings', () => {
  const at = { session: 's', file: 'sessions/s/history' };
  const of = { salt: 1n, incarnation: new Uint8Array(16), attached: null, sessionId: 's' };
  const head: Head = { ...newHead({ ...of, createdMs: 0 }), vouched: { ...emptyVouched, seq: 5 } };

  function ofSession(
    scan: Partial<SessionScan>,
    change: Partial<SessionPlan> = {},
    reading: object | null = null,
  ): unknown {
    const paths = sessionPaths(layout, 's');
    const whole = { id: 's', paths, head, fault: null, stray: null, soundBlocks: 2, error: null };
    const found = { ...whole, fileBytes: 8192, ...scan };
    const session = { scan: found, verdict: 'clean', journal: null, replay: null, reason: null };
    const planned = { ...session, lost: [], unreached: [], ...change };
    const read = reading === null ? null : (readingOf(reading) as SessionReading);
    return sessionFindings(plan(), planned as unknown as SessionPlan, read);
  }

  function readingOf(walk: object): unknown {
    const { undecodable = [], badBases = [], ...rest } = walk as Record<string, unknown>;
    const empty = { lastSeq: 5, damage: null, lost: [], accepted: [], damagedDerived: [] };
    return { walk: { ...empty, ...rest }, undecodable, badBases };
  }

  const told = (code: string, severity: string, message: string, offset: number | null = null) =>
    finding(code, severity, { ...at, offset }, message);

  it.each([
    ['missing', 'MISSING_HISTORY', 'The history is not there'],
    ['damaged', 'DAMAGED_HEADER', 'Both blocks of the head are damaged'],
    ['foreign', 'STRAY_FILE', 'This is not the history of this session'],
    ['newer', 'NEWER_FORMAT', 'A newer version of Holdfast wrote this'],
    ['unreadable', 'UNREADABLE', 'The machine refused: Error: EIO: read'],
  ] as const)('sessionFindings tells of one that is %s', (fault, code, message) => {
    const scan = { fault, head: null, soundBlocks: 1, error: refused };
    expect(ofSession(scan)).toEqual([told(code, 'error', message)]);
  });

  it('sessionFindings has nothing to say of one that is whole, read or not', () => {
    expect(ofSession({})).toEqual([]);
    expect(ofSession({}, {}, {})).toEqual([]);
    expect(ofSession({ soundBlocks: 0 })).toEqual([]);
  });

  it('sessionFindings tells of half a head, and of a file that ends early', () => {
    expect(ofSession({ soundBlocks: 1 })).toEqual([
      told('DAMAGED_HEADER', 'warning', 'One of two head blocks is damaged; the other one serves'),
    ]);
    expect(ofSession({ fileBytes: 8191 })).toEqual([
      told('SHORT_FILE', 'error', 'The head vouches for 8192 bytes, the file has 8191'),
    ]);
  });

  it('sessionFindings tells losses by who says so', () => {
    const one = { from: 7, to: 7 };
    const more = { from: 9, to: 12 };
    const proven = { from: 3, to: 4 };
    const lost = [proven, one, more];
    expect(ofSession({}, { lost, unreached: [one, more] })).toEqual([
      told('BELOW_EXPECTED', 'error', 'Entry 7 is expected, and nothing here tells of it'),
      told(
        'BELOW_EXPECTED',
        'error',
        'Entries 9 to 12 are expected, and nothing here tells of them',
      ),
      told('DAMAGED_FRAME', 'error', 'Entries 3 to 4 were acknowledged and are gone'),
    ]);
    const replay = { forked: true } as unknown as SessionPlan['replay'];
    expect(ofSession({}, { replay })).toEqual([
      told('FORKED', 'error', 'Journal and history disagree'),
    ]);
  });

  it('sessionFindings tells what reading found, where it stands', () => {
    const reading = {
      damage: { offset: 9000, reason: 'payload damaged' },
      lost: [{ from: 2, to: 2 }],
      accepted: [
        { from: 3, to: 4 },
        { from: 5, to: null },
      ],
      damagedDerived: [8192],
      badBases: [8192, 9600],
      undecodable: [1],
    };
    expect(ofSession({}, {}, reading)).toEqual([
      told('DAMAGED_FRAME', 'error', 'Entry 2 was acknowledged and is gone'),
      told('DAMAGED_FRAME', 'error', 'payload damaged', 9000),
      told('LOSS_ACCEPTED', 'info', 'Entries 3 to 4 are known to be lost'),
      told('LOSS_ACCEPTED', 'info', 'Entries 5 to ? are known to be lost'),
      told(
        'DAMAGED_FRAME',
        'warning',
        'A base or a restore point is damaged; nothing of the conversation is lost',
        8192,
      ),
      told(
        'DAMAGED_FRAME',
        'warning',
        'There is no base here that holds; nothing is lost, it is made again',
        9600,
      ),
      told(
        'UNDECODABLE_PAYLOAD',
        'error',
        'The checksums of entry 1 hold, its payload does not decode',
      ),
    ]);
  });

  it('sessionFindings lists a thousand alike, counts the others, and every kind by itself', () => {
    const undecodable = Array.from({ length: 1002 }, (_, at) => at + 1);
    const damagedDerived = Array.from({ length: 1000 }, (_, at) => 8 * at);
    const all = ofSession({}, {}, { undecodable, damagedDerived }) as readonly object[];
    expect(all).toHaveLength(1000 + 1000 + 1);
    expect(all.at(-1)).toEqual(
      told('UNDECODABLE_PAYLOAD', 'error', '2 more of this kind are not listed'),
    );
    expect(all.at(-2)).toMatchObject({ message: expect.stringContaining('entry 1000 hold') });
  });
});
