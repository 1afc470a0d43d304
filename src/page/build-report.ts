/** From what was read, checked and planned to the report: verdict, words, and what to do. Pure. */
import type { TranscriptCode, TranscriptFinding } from '../integrity/finding.ts';
import type { ProfileName } from '../integrity/profile.ts';
import type { SnapshotSummary } from '../session/state.ts';
import type { TranscriptFacts } from '../transcript/transcript.ts';
import { counted, fileWord, grouped } from './figures.ts';
import type { Outline } from './outline.ts';
import { shellWord } from './shell-word.ts';
import type {
  Loss,
  NextStep,
  ReportCounts,
  ReportedPlan,
  ReportedSide,
  TranscriptReport,
  TranscriptVerdict,
} from './report.ts';

/** What a report is made from. */
export interface ReportInput {
  readonly path: string;
  /** The one that is meant, when the path holds several sessions of another tool. */
  readonly session: string | null;
  readonly format: string;
  readonly profile: ProfileName;
  readonly verdict: TranscriptVerdict;
  readonly facts: TranscriptFacts;
  /** Size of the file; null for a session of a store. */
  readonly bytes: number | null;
  readonly records: number;
  readonly outline: Outline;
  /** Of bytes, graph and messages. */
  readonly findings: readonly TranscriptFinding[];
  readonly sides: readonly ReportedSide[];
  readonly plan: ReportedPlan | null;
  readonly unplanned: string | null;
  readonly restorePoints: readonly SnapshotSummary[];
  /** Whether a repaired copy can be written in this format. */
  readonly written: 'own-format' | 'only-read' | 'store';
  /**
   * Where the format holds no copy that the provider takes: commands that import the session, mend
   * it, and export it. Null where it does.
   */
  readonly waysOut: readonly [string, string, string] | null;
}

/** Something stood there, and cannot be read any more. */
const gone: ReadonlySet<TranscriptCode> = new Set<TranscriptCode>([
  'TORN_RECORD',
  'NUL_RUN',
  'MALFORMED_RECORD',
  'OVERSIZED_RECORD',
  'UNREADABLE_CONTENT',
  'SEQUENCE_GAP',
]);
const byteCodes: ReadonlySet<TranscriptCode> = new Set<TranscriptCode>([
  'TORN_RECORD',
  'NUL_RUN',
  'FUSED_RECORDS',
  'MALFORMED_RECORD',
  'BAD_UTF8',
  'BYTE_ORDER_MARK',
  'OVERSIZED_RECORD',
  'NUMBER_ROUNDED',
  'DUPLICATE_KEY',
  'UNEXPECTED_RECORD',
]);

/** The report. */
export function buildReport(input: ReportInput): TranscriptReport {
  const { path, session, format, profile, verdict, facts, findings, sides, restorePoints } = input;
  const counts = countsOf(input);
  return {
    schema: 'holdfast.transcript-report/1',
    path: session === null ? path : `${path}#${session}`,
    format,
    profile,
    verdict,
    told: toldOf(input, counts),
    facts,
    counts,
    findings,
    sides,
    plan: input.plan,
    unplanned: input.unplanned,
    restorePoints,
    next: nextOf(input),
  };
}

function countsOf({ bytes, records, outline, findings }: ReportInput): ReportCounts {
  const count = (severity: string): number =>
    findings.filter((one) => one.severity === severity).length;
  return {
    bytes,
    records,
    messages: outline.messages,
    turns: outline.turns.length,
    calls: outline.calls.length,
    unanswered: outline.calls.filter(({ state }) => state === 'dangling').length,
    errors: count('error'),
    warnings: count('warning'),
    notes: count('note'),
  };
}

function toldOf(
  { profile, verdict, findings, plan, waysOut }: ReportInput,
  { warnings, notes }: ReportCounts,
): string {
  if (verdict === 'clean') {
    const parts = [counted(warnings, 'warning'), counted(notes, 'note')];
    const more = parts.filter((part) => !part.startsWith('0 ')).join(' and ');
    const rest = more === '' ? 'and nothing was found' : `with ${more} to look at`;
    return `This session is sound: ${profile} takes it as it is, ${rest}.`;
  }
  const isGone =
    verdict === 'damaged' &&
    findings.some(({ code, severity }) => severity !== 'note' && gone.has(code));
  const [lost, unmended] = [plan?.lost.length ?? 0, plan?.unmended.length ?? 0];
  const told = [`This session has ${whatIsWrong(findings, profile)}.`];
  if (isGone) told.push('What stood in the damaged places cannot be read any more.');
  if (lost > 0) told.push(`The repair takes away ${counted(lost, 'piece')}, listed as lost.`);
  if (unmended > 0) told.push(`No repair can decide about ${counted(unmended, 'thing')}.`);
  if (waysOut !== null) {
    told.push(`The format of this file has no words for what ${profile} takes.`);
  } else if (plan !== null && lost + unmended === 0) {
    told.push(afterwards(findings, isGone ? 'gone' : 'there'));
  }
  return told.join(' ');
}

/** What is left when the repair takes nothing away. */
function afterwards(findings: readonly TranscriptFinding[], damaged: 'gone' | 'there'): string {
  if (damaged === 'gone') return 'The rest can go on after the repair.';
  const isAbsent = findings.some(
    ({ code, severity }) => severity !== 'note' && code === 'MISSING_PARENT',
  );
  if (!isAbsent) return 'The repair mends all of it.';
  return 'A record that others follow is not in the file; the rest can go on after the repair.';
}

/** `2 damaged places, 3 tool calls without result and 1 other thing that anthropic refuses`. */
function whatIsWrong(findings: readonly TranscriptFinding[], profile: ProfileName): string {
  const count = { places: 0, records: 0, calls: 0, refused: 0, odd: 0 };
  for (const { code, severity, messageIndex } of findings) {
    if (severity === 'note') continue;
    if (byteCodes.has(code)) count.places += 1;
    else if (messageIndex === null) count.records += 1;
    else if (code === 'DANGLING_TOOL_CALL') count.calls += 1;
    else if (severity === 'error') count.refused += 1;
    else count.odd += 1;
  }
  const other = count.places + count.records + count.calls > 0 ? 'other ' : '';
  const parts = [
    told(count.places, 'damaged place'),
    told(count.records, 'record out of place', 'records out of place'),
    told(count.calls, 'tool call without result', 'tool calls without result'),
    told(
      count.refused,
      `${other}thing that ${profile} refuses`,
      `${other}things that ${profile} refuses`,
    ),
    told(count.odd, `${other}thing to mend`, `${other}things to mend`),
  ].filter((part) => part !== '');
  const last = parts.pop() ?? 'something to mend';
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
}

function told(count: number, one: string, many?: string): string {
  return count === 0 ? '' : counted(count, one, many);
}

function nextOf(input: ReportInput): readonly NextStep[] {
  const { verdict, plan, written } = input;
  const changes = plan === null ? 0 : plan.edits.length + plan.mends.length;
  if (verdict === 'clean') {
    const nothing = { why: 'Nothing has to be done.', line: null };
    if (changes === 0 || written !== 'own-format') return resumeSteps(input) ?? [nothing];
    const why = `Nothing has to be done. Whoever likes can have ${counted(changes, 'small thing')} mended in a copy:`;
    return [{ ...copyStep(input), why }];
  }
  if (input.waysOut !== null) return foreignSteps(input.waysOut, input.profile);
  if (changes === 0) {
    const grave = input.findings.find(({ severity }) => severity === 'error');
    return [
      {
        why: 'No repair mends this by itself. What the first finding means, and what can be done:',
        line: `recover explain ${grave?.code ?? 'CODE'}`,
      },
    ];
  }
  if (written === 'store') return storeSteps(input);
  if (written === 'only-read') return importSteps(input);
  return [copyStep(input), proofStep(input)];
}

function copyStep({ path, profile, plan }: ReportInput): NextStep {
  const policy = plan === null || plan.policy === 'annotate' ? '' : ` --policy ${plan.policy}`;
  const to = shellWord(repairedName(path));
  return {
    why: 'Write a repaired copy. The original stays as it is.',
    line: `recover apply ${shellWord(path)} --profile ${profile}${policy} --to ${to}`,
  };
}

function proofStep({ path, profile, plan }: ReportInput): NextStep {
  const stays = plan?.unmended ?? [];
  return {
    why: stays.length === 0 ? 'See that the copy is accepted.' : staysWords(stays, profile),
    line: `recover verify ${shellWord(repairedName(path))} --profile ${profile}`,
  };
}

/** What a look at the copy comes to where no repair mends all of it. */
function staysWords(stays: readonly Loss[], profile: ProfileName): string {
  const [first, ...more] = stays;
  const where = first?.place === undefined || first.place === null ? null : fileWord(first.place);
  const one = `${where === null ? '' : `${where}: `}${first?.told ?? ''}`.replace(/\.$/, '');
  const all = more.length === 0 ? one : `${one}; and ${grouped(more.length)} more`;
  // What a provider refuses has no place among the bytes.
  const isInBytes = stays.every(({ place }) => place !== undefined);
  const rest = isInBytes ? `; ${profile} takes the conversation` : '';
  return (
    'See what the copy still has. This exits with 20, because no repair mends all of it ' +
    `(${all})${rest}.`
  );
}

function importSteps({ path, session, facts }: ReportInput): readonly NextStep[] {
  const id = facts.sessionId ?? 'ID';
  const why =
    'This format is only read, so no repaired copy can be written in it. Bring the session into ' +
    'a store; there it goes on, and is exported.';
  const from = session === null ? '' : ` --from-session ${shellWord(session)}`;
  return [{ why, line: `holdfast import ${shellWord(path)}${from} --session ${shellWord(id)}` }];
}

function foreignSteps(
  [bring, mend, hand]: readonly [string, string, string],
  profile: ProfileName,
): readonly NextStep[] {
  return [
    { why: 'No repaired copy can be written in this format. Bring it into a store:', line: bring },
    { why: 'Mend it there.', line: mend },
    { why: `Export it as ${profile} takes it.`, line: hand },
  ];
}

function storeSteps({ facts, profile, path, plan }: ReportInput): readonly NextStep[] {
  const policy = plan === null || plan.policy === 'annotate' ? '' : ` --policy ${plan.policy}`;
  const id = shellWord(facts.sessionId ?? 'ID');
  const why =
    'Append the repair: the session goes back to the first place that it touches, and on from ' +
    'there. ' +
    'What was there stays, and `holdfast rewind --undo` takes the repair back.';
  const line = `recover apply ${shellWord(path)} --session ${id} --profile ${profile}${policy}`;
  return [{ why, line }];
}

/** How the tool itself goes on with a session, where it has a command for that. */
function resumeSteps({ format, facts }: ReportInput): readonly NextStep[] | null {
  const { sessionId } = facts;
  const command = format === 'claude-code' ? 'claude --resume' : 'codex resume';
  if (sessionId === null || (format !== 'claude-code' && format !== 'codex')) return null;
  return [
    {
      why: 'Nothing has to be done. The session goes on with',
      line: `${command} ${shellWord(sessionId)}`,
    },
  ];
}

/** `a/b.jsonl` becomes `b.repaired.jsonl`, in the directory where the command is given. */
function repairedName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const [, stem = name, end = ''] = /^(.*?)(\.[A-Za-z0-9]{1,8})?$/s.exec(name) ?? [];
  return `${stem}.repaired${end}`;
}
