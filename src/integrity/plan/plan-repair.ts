/**
 * Plans the repair of a conversation for a provider. What survives is decided first, then results
 * are added and moved, then ids are made to fit, then texts, thoughts, roles and ends are mended.
 * The passes run until one whole round changes nothing, so the plan for a repaired conversation is
 * empty by construction. Pure: the messages stay as they are.
 *
 * Nobody's answer is trimmed away, but for white space at its end: that a provider refuses an
 * answer at the end of a request is no fault of a history, as whoever goes on adds a message.
 */
import { assert } from '../../base/assert.ts';
import type { PlacedMessage } from '../conversation.ts';
import type { ProfileName } from '../profile.ts';
import { mendToolNames, wrapArguments } from './call-forms.ts';
import { makeBlocks } from './bare-values.ts';
import { nameCalls, renumberCalls } from './call-ids.ts';
import { signCalls } from './call-signatures.ts';
import { editsOf } from './draft-edits.ts';
import { Draft } from './draft.ts';
import type { PolicyName } from './edit.ts';
import { beginWithUser, removeEmptyMessages, trimEnd } from './ends.ts';
import { imagesBeyond } from './images.ts';
import { putBlocksOnTheirSide } from './misplaced-blocks.ts';
import { answerBetween } from './open-answers.ts';
import { mendShapes } from './part-shapes.ts';
import type { Mending, Pass } from './pass.ts';
import type { Plan, PlanOptions, Unmended } from './plan.ts';
import { providerNeeds } from './provider-needs.ts';
import { dropDamagedItems, dropIdleReasoning, separateItems } from './reasoning-items.ts';
import { dropDoubledResults, placeResults, settleOrphans } from './results.ts';
import { pairServerTools } from './server-tools.ts';
import { words } from './shapes.ts';
import { decideSurvivors } from './surviving-calls.ts';
import { dropBlankTexts, mendHalfCharacters, voiceErrors } from './texts.ts';
import { signThoughts, voiceThoughts } from './thoughts.ts';
import { answerResults, putCallsLast, takeTurns } from './turns.ts';
import { giveKnownRoles } from './unknown-roles.ts';

const passes: readonly Pass[] = [
  makeBlocks,
  mendShapes,
  giveKnownRoles,
  putBlocksOnTheirSide,
  nameCalls,
  decideSurvivors,
  dropDoubledResults,
  settleOrphans,
  answerBetween,
  placeResults,
  putCallsLast,
  renumberCalls,
  mendToolNames,
  wrapArguments,
  mendHalfCharacters,
  dropBlankTexts,
  voiceErrors,
  signThoughts,
  voiceThoughts,
  signCalls,
  pairServerTools,
  separateItems,
  dropDamagedItems,
  dropIdleReasoning,
  removeEmptyMessages,
  takeTurns,
  beginWithUser,
  answerResults,
  trimEnd,
];

/** A round mends what the one before brought about; more than a few would be a circle. */
const roundsMax = 12;

/** What is to be done so that the provider takes the conversation; nothing when it does. */
export function planRepair(
  messages: readonly PlacedMessage[],
  profile: ProfileName,
  policy: PolicyName,
  options: PlanOptions = {},
): Plan {
  const steps = planSteps(messages, profile, policy, options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * As `planRepair`, with a step behind each pass: over a long conversation a pass takes a while, and
 * whoever waits wants to hear a signal between two of them.
 */
export function* planSteps(
  messages: readonly PlacedMessage[],
  profile: ProfileName,
  policy: PolicyName,
  options: PlanOptions = {},
): Generator<void, Plan, void> {
  const draft = new Draft(messages);
  const needs = providerNeeds[profile];
  const manner = policy === 'drop' ? 'drop' : 'annotate';
  const outcomeOf = options.outcomeOf ?? ((): 'unknown' => 'unknown');
  yield* settle({ draft, needs, manner, policy, outcomeOf });
  // Something else stands in their place now.
  for (const message of draft.messages) {
    if (message.from !== null && messages[message.from]?.content.length === 0) {
      draft.loseUnread(message);
    }
  }
  const lost = draft.lost.toSorted(
    ({ at: one }, { at: other }) => one.message - other.message || one.block - other.block,
  );
  const unmended = [...imagesBeyond(messages, profile), ...unreadBeside(draft)];
  return { edits: editsOf(draft), lost, unmended };
}

/** Parts of messages that nobody can read, beside others that can: they stay as they are. */
function unreadBeside(draft: Draft): readonly Unmended[] {
  return draft.messages.flatMap((message) => {
    const unread = draft.unreadIn(message);
    const hasOthers = message.from !== null && draft.before[message.from]?.content.length !== 0;
    if (unread === null || !hasOthers) return [];
    const told = `A part of a message cannot be read and stays as it is: ${words(unread)}`;
    return [{ reason: 'UNREADABLE_CONTENT', told }];
  });
}

function* settle(mending: Mending): Generator<void, void, void> {
  for (let round = 0; round < roundsMax; round += 1) {
    const before = mending.draft.changes;
    for (const pass of passes) {
      pass(mending);
      yield;
    }
    if (mending.draft.changes === before) return;
  }
  assert(false, 'the passes of a repair come to rest');
}
