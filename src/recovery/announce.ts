/** Recoveries on their channel: told when something was carried out, and not for every look. */
import type { SeqRange } from '../base/errors.ts';
import { isWanted, publishSoon } from '../platform/diagnostics.ts';
import type { RecoveryReport } from './report.ts';

/** How many dead writers this run recovered: not those that it could not read, or never counted. */
export function recoveredWriters({ changed, writers }: RecoveryReport): number {
  if (!changed) return 0;
  return writers.filter(({ state, verdict }) => {
    if (state === 'live' || state === 'unknown') return false;
    return verdict !== 'leftover' && verdict !== 'newer';
  }).length;
}

/** Tells whoever listens what a recovery did. */
export function announceRecovery(report: RecoveryReport, durationMs: number): void {
  const recovered = recoveredWriters(report);
  if (recovered === 0 || !isWanted('recover')) return;
  const { root, verdict, writers, sessions } = report;
  const kept = sessions.flatMap((session) => session.kept);
  const inDoubt = sessions.flatMap((session) => session.inDoubt ?? []);
  publishSoon('recover', {
    root,
    verdict,
    writers: recovered,
    sessions: sessions.length,
    entriesKept: entriesIn(kept),
    entriesInDoubt: entriesIn(inDoubt),
    sessionsDamaged: sessions.filter((session) => session.verdict === 'damaged').length,
    cutBytes: writers.reduce((sum, { cut }) => sum + cut.bytes, 0),
    unknownOutcomes: sessions.reduce((sum, session) => sum + session.unknownOutcomes.length, 0),
    durationMs,
  });
}

/** Of ranges whose end is known. */
function entriesIn(ranges: readonly SeqRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + (to === null ? 0 : to - from + 1), 0);
}
