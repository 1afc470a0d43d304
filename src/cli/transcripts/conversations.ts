/** `recover verify --profile`: every conversation of a store before the rules of a provider. */
import { shellWord } from '../../page/shell-word.ts';
import { HoldfastError } from '../../base/errors.ts';
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import { ConversationChecker } from '../../integrity/rules/check.ts';
import type { ConversationCheck } from '../../integrity/rules/check.ts';
import { placedOf } from '../../integrity/session-messages.ts';
import type { Session, StoreApi } from '../../store/api.ts';
import type { Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { progressLine } from '../progress.ts';
import { storeDirectory } from '../store-directory.ts';
import type { Style } from '../talk.ts';
import { counted, json } from '../text.ts';
import { exitOfTranscript, verdictOfCheck } from './verdict.ts';
import { findingsText, tallyText } from './finding-text.ts';

const schema = 'holdfast.conversation/1';

/** Tells of each conversation that the provider would refuse; the exit code of the worst. */
export async function verifyConversations(
  context: Context,
  profile: ProfileName,
): Promise<ExitCode> {
  const { args, engine, io, talk } = context;
  const root = storeDirectory(args, io);
  const progress = progressLine(io, talk);
  await using store = await engine.openStore(root, { mode: 'read', signal: io.signal });
  let [sound, refused] = [0, 0];
  let worst: ExitCode = 0;
  const wanted = args.text('session');
  for await (const { id } of store.sessions({ signal: io.signal })) {
    if (wanted !== undefined && wanted !== id) continue;
    progress.onProgress?.({ what: `checking ${id}`, done: sound + refused, total: null });
    const check = await checkOf(store, id, profile, io.signal);
    // What cannot be read was told by the report in front of this.
    if (check === null) continue;
    const { findings, counters } = check;
    const exit = exitOfTranscript[verdictOfCheck(check)];
    worst = exit > worst ? exit : worst;
    if (check.errors === 0) sound += 1;
    else refused += 1;
    await progress.clear();
    if (talk.json) await talk.data(`${json({ schema, id, profile, ...counters, findings })}\n`);
    else if (check.errors > 0) {
      await talk.data(`${refusedText({ root, id, profile }, findings, talk.style)}\n`);
    }
  }
  await progress.clear();
  if (!talk.json) {
    const others = refused === 0 ? '' : `, ${counted(refused, 'session')} would be refused`;
    await talk.data(`  ${counted(sound, 'conversation')} as ${profile} takes them${others}\n`);
  }
  return worst;
}

async function checkOf(
  store: StoreApi,
  id: string,
  profile: ProfileName,
  signal: AbortSignal,
): Promise<ConversationCheck | null> {
  try {
    await using session = await store.openSession(id, { mode: 'read' });
    return await checked(session, profile, signal);
  } catch (error) {
    if (HoldfastError.is(error, 'DAMAGED') || HoldfastError.is(error, 'NOT_FOUND')) return null;
    throw error;
  }
}

async function checked(
  session: Session,
  profile: ProfileName,
  signal: AbortSignal,
): Promise<ConversationCheck> {
  const { openCalls } = session.state;
  const known = new Map(openCalls.map(({ callId, progress }) => [callId, progress]));
  const checker = new ConversationChecker(profile, {
    end: 'resumed',
    // That a call was never started is only known where it was announced.
    lookup: (callId) => (known.get(callId) === 'finished' ? 'finished' : 'unknown'),
  });
  let index = 0;
  for await (const { seq, message } of session.messages({ signal })) {
    checker.add(placedOf(message, seq, index));
    index += 1;
  }
  return checker.finish();
}

function refusedText(
  which: { readonly root: string; readonly id: string; readonly profile: ProfileName },
  findings: readonly TranscriptFinding[],
  style: Style,
): string {
  const { root, id, profile } = which;
  const plan = `recover plan ${shellWord(root)} --session ${id} --profile ${profile}`;
  return [
    `${style.red('✗')} ${style.bold(id)}: ${tallyText(findings)}; ${plan} shows what mends it`,
    findingsText(findings, style),
  ].join('\n');
}
