/** A store for the page: damaged, with a writer that died, and names that try to be more than names. */
import { FileMap } from '../../src/page/file-map.ts';
import type { StorePageInput } from '../../src/page/store-page.ts';
import type { Finding, SessionReport } from '../../src/recovery/report.ts';
import { attacks } from './hostile-samples.ts';

function session(id: string, told: Partial<SessionReport>): SessionReport {
  return {
    id,
    verdict: 'clean',
    messages: 412,
    entries: 420,
    lastSeq: 420,
    kept: [],
    inDoubt: null,
    lost: [],
    unknownOutcomes: [],
    ...told,
  };
}

/** A file whose first share is sound, with a damaged place in it. */
function file(
  path: string,
  bytes: number,
  damaged: number | null,
): StorePageInput['files'][number] {
  const map = new FileMap(bytes);
  for (let at = 0; at < bytes * 0.8; at += bytes / 100) map.add('sound', at, bytes / 100);
  if (damaged !== null) map.add('bad', damaged, bytes / 50);
  return { path, map, frames: 80 };
}

/** The store; `words` are what its tools and findings say. */
export function damagedStore(words: readonly string[] = ['Write']): StorePageInput {
  const history = 'sessions/ledger/history';
  const findings: readonly Finding[] = [
    {
      code: 'DAMAGED_FRAME',
      severity: 'error',
      file: history,
      offset: 24_000,
      session: 'ledger',
      message: 'Payload damaged',
    },
    {
      code: 'TORN_TAIL',
      severity: 'warning',
      file: 'journals/1f3a5b7c/0000000001.segment',
      offset: 610_000,
      session: null,
      message: '1,040 bytes of a batch that was not finished',
    },
    ...words.map(
      (message): Finding => ({
        code: 'STRAY_FILE',
        severity: 'info',
        file: message,
        offset: null,
        session: null,
        message,
      }),
    ),
  ];
  return {
    report: {
      schema: 'holdfast.recovery/1',
      root: '/home/ada/.local/state/holdfast',
      verdict: 'damaged',
      changed: false,
      historiesRead: true,
      writers: [
        {
          writer: '1f3a5b7c9d0e1f3a5b7c9d0e1f3a5b7c',
          state: 'dead',
          verdict: 'torn',
          owner: { pid: 4711, host: 'here', since: '2026-11-21T07:00:00Z' },
          segments: 2,
          durableMark: 418,
          lastSeq: 420,
          cut: { bytes: 1040, entries: 1 },
        },
      ],
      sessions: [
        session('parser', {}),
        session('ledger', { verdict: 'damaged', lost: [{ from: 37, to: 41 }] }),
        session('notes', {
          verdict: 'healable',
          kept: [{ from: 400, to: 420 }],
          inDoubt: { from: 421, to: 421 },
          unknownOutcomes: words.map((name) => ({ callId: name, name, seq: 420 })),
        }),
      ],
      findings,
      bytesNeeded: 8192,
    },
    told: 'In this store: 1 session damaged; everything else may be used.',
    next: [
      { why: 'Either get out all that can be had:', line: 'recover salvage STORE --to NEWDIR' },
      { why: 'Or see what going on without it gives up:', line: 'recover accept-loss STORE' },
    ],
    files: [
      file(history, 80_000, 24_000),
      file('sessions/parser/history', 64_000, null),
      file('journals/1f3a5b7c/0000000001.segment', 1_048_576, null),
    ],
    filesLeft: 3,
    restorePoints: [
      {
        session: 'parser',
        points: words.map((action, index) => ({
          id: 40 + index,
          timeMs: Date.UTC(2026, 10, 21, 7, 7, index),
          messageIndex: 30 + index,
          action,
          trigger: null,
          label: action,
          contentDigest: '0'.repeat(64),
          onBranch: index % 2 === 0,
        })),
      },
    ],
  };
}

/** The same with names that try to be markup. */
export function hostileStore(): StorePageInput {
  return damagedStore(attacks);
}
