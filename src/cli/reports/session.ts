/** From a session of a store to everything that its report tells. The store is only read. */
import { HoldfastError } from '../../base/errors.ts';
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { PolicyName } from '../../integrity/plan/edit.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import { ConversationChecker } from '../../integrity/rules/check.ts';
import { buildReport } from '../../page/build-report.ts';
import { outlineOf } from '../../page/outline.ts';
import type { ReportedPlan } from '../../page/report.ts';
import type { TranscriptPageInput } from '../../page/transcript-page.ts';
import type { Session } from '../../store/api.ts';
import { gapsOf, gapText } from '../../store/gaps.ts';
import { sessionRepairOf } from '../transcripts/session-repair.ts';
import { verdictOfCheck } from '../transcripts/verdict.ts';
import { reportedLosses } from './losses.ts';

/** What is asked of the report of a session. */
export interface SessionWish {
  readonly root: string;
  readonly profile: ProfileName;
  readonly policy: PolicyName;
  readonly version: string;
  readonly signal: AbortSignal;
}

/** Everything for the page of an open session. */
export async function sessionPageInput(
  session: Session,
  { root, profile, policy, version, signal }: SessionWish,
): Promise<TranscriptPageInput> {
  const { messages, plan } = await sessionRepairOf(session, profile, policy, signal);
  const known = new Map(session.state.openCalls.map((call) => [call.callId, call.progress]));
  const checker = new ConversationChecker(profile, {
    end: 'resumed',
    lookup: (callId) => (known.get(callId) === 'finished' ? 'finished' : 'unknown'),
  });
  for (const message of messages) checker.add(message);
  const check = checker.finish();
  const findings = [...(await gapFindings(session)), ...check.findings];
  const { name, cwd, model, entries } = session.state;
  const reported: ReportedPlan = { policy, edits: plan.edits, mends: [], ...reportedLosses(plan) };
  const outline = outlineOf(messages, null);
  const report = buildReport({
    path: root,
    session: null,
    format: 'holdfast',
    profile,
    verdict: verdictOfCheck(check),
    facts: { sessionId: session.id, title: name ?? session.id, cwd, version, model },
    bytes: null,
    records: entries,
    outline,
    findings,
    sides: session.state.cuts.map(([from, to]) => ({
      kind: 'rolled-back',
      id: `seq ${from} to ${to}`,
      messages: null,
    })),
    plan: reported,
    unplanned: null,
    restorePoints: await soundPoints(session),
    written: 'store',
    waysOut: null,
  });
  return { report, conversation: () => messages, outline };
}

async function gapFindings(session: Session): Promise<readonly TranscriptFinding[]> {
  const gaps = await gapsOf(session, session.state.cuts);
  return gaps.map((gap) => ({
    code: 'SEQUENCE_GAP',
    severity: 'warning',
    place: null,
    messageIndex: null,
    blockIndex: null,
    callId: null,
    meaning: `${gapText(gap)}.`,
    fix: null,
  }));
}

async function soundPoints(
  session: Session,
): Promise<TranscriptPageInput['report']['restorePoints']> {
  try {
    const damaged = await session.snapshots.damaged();
    return session.snapshots.list().filter(({ id }) => !damaged.includes(id));
  } catch (error) {
    // The conversation was read; that restore points cannot be is no reason to show nothing.
    if (!HoldfastError.is(error, 'DAMAGED')) throw error;
    return [];
  }
}
