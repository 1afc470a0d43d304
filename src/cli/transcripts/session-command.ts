/** `recover plan` and `recover apply` for a session of a store. */
import { shellWord } from '../../page/shell-word.ts';
import { HoldfastError } from '../../base/errors.ts';
import type { PolicyName } from '../../integrity/plan/edit.ts';
import { planLines } from '../../integrity/plan/plan-text.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import type { Session } from '../../store/api.ts';
import type { RewindResult } from '../../store/restore-api.ts';
import type { Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { withSessionOf } from '../one-session.ts';
import type { Style } from '../talk.ts';
import { counted, json } from '../text.ts';
import { policyOf, profileOf } from './options.ts';
import { coloured } from './repair-text.ts';
import type { RepairTarget } from './repair-target.ts';
import { firstTouched, newEndOf, sessionRepairOf } from './session-repair.ts';
import type { SessionRepair } from './session-repair.ts';

type SessionTarget = Extract<RepairTarget, { kind: 'session' }>;

/** Most messages that go on behind a rewind in one batch. */
const branchMax = 4094;

/** Shows the plan; changes nothing. */
export function planSession(context: Context, target: SessionTarget): Promise<ExitCode> {
  return withSessionOf(context, { ...target, mode: 'read' }, async (session) => {
    const [profile, policy] = wanted(context);
    const repair = await sessionRepairOf(session, profile, policy, context.io.signal);
    const told = { target, profile, policy, repair };
    await tell(context, told, null);
    if (repair.plan.unmended.length > 0) return 20 as const;
    return repair.plan.edits.length === 0 ? (0 as const) : (10 as const);
  });
}

/** Carries the plan out as a rewind with a new end. */
export function applySession(context: Context, target: SessionTarget): Promise<ExitCode> {
  return withSessionOf(context, { ...target, mode: 'write' }, async (session) => {
    const [profile, policy] = wanted(context);
    const repair = await sessionRepairOf(session, profile, policy, context.io.signal);
    const told = { target, profile, policy, repair };
    const done = repair.plan.edits.length === 0 ? null : await carriedOut(session, repair);
    await tell(context, told, done);
    return repair.plan.unmended.length > 0 ? (20 as const) : (0 as const);
  });
}

/** A session does not say which provider it talks to, so nothing is guessed. */
function wanted({ args }: Context): [ProfileName, PolicyName] {
  return [profileOf(args) ?? 'generic', policyOf(args)];
}

async function carriedOut(session: Session, repair: SessionRepair): Promise<RewindResult> {
  const first = firstTouched(repair.plan.edits, repair.messages.length);
  // A rewind never parts a call from its result: then it goes back further, and more is repeated.
  const { messagesAfter: keep } = await session.rewind({ to: { messages: first }, dryRun: true });
  const { append } = newEndOf(repair, keep);
  if (append.length > branchMax) {
    const message =
      `Cannot mend session ${session.id} in place: ${append.length} messages would be repeated ` +
      `behind the first edit, and at most ${branchMax} fit into one batch; export it instead`;
    throw new HoldfastError('TOO_LARGE', message, { bytes: append.length, bytesMax: branchMax });
  }
  return session.rewind({ to: { messages: keep }, append });
}

interface Told {
  readonly target: SessionTarget;
  readonly profile: ProfileName;
  readonly policy: PolicyName;
  readonly repair: SessionRepair;
}

async function tell({ talk }: Context, told: Told, done: RewindResult | null): Promise<void> {
  const { target, profile, policy, repair } = told;
  const { edits, lost, unmended } = repair.plan;
  if (talk.json) {
    const schema = done === null ? 'holdfast.plan/1' : 'holdfast.apply/1';
    const head = { schema, store: target.root, session: target.id, profile, policy };
    await talk.data(`${json({ ...head, edits, lost, unmended, rewind: done })}\n`);
  } else await talk.data(`${textOf(told, done, talk.style)}\n`);
}

function textOf(told: Told, done: RewindResult | null, style: Style): string {
  const { target, profile, policy, repair } = told;
  const { edits, unmended } = repair.plan;
  const head = `${style.bold(target.id)} for ${profile}, ${policy}: `;
  if (edits.length === 0) {
    if (unmended.length === 0) return `${style.green('✓')} ${head}nothing to do`;
    const lines = planLines(repair.messages, repair.plan);
    return [`${style.red('✗')} ${head}no plan can mend it`, ...lines].join('\n');
  }
  const where = `${shellWord(target.root)} --session ${target.id}`;
  const next =
    done === null
      ? `Next: recover apply ${where} --profile ${profile}` +
        (policy === 'annotate' ? '' : ` --policy ${policy}`)
      : `Done: the conversation has ${counted(done.messagesAfter, 'message')} now; ` +
        `holdfast rewind ${target.id} ${shellWord(target.root)} --undo takes it back`;
  return [
    `${style.yellow('●')} ${head}${counted(edits.length, 'edit')}`,
    ...planLines(repair.messages, repair.plan).map((line) => coloured(line, style)),
    next,
  ].join('\n');
}
