/**
 * Which calls survive, which is decided before any result is added or moved.
 *
 * `drop`: a call without a result goes. The thoughts that led to it go with it, when nothing else
 * of what they led to is left: a provider that signs thoughts refuses them without what followed.
 *
 * `truncate-to-last-complete-turn`: everything behind the last turn in which every call is answered
 * goes, for every provider at the same place. A turn is what the model answered in a row, with the
 * results of its calls and what the user said then; the messages in front of the first answer are
 * a turn that is always complete. A result from behind the cut that answers a call in front of it
 * stays, to be moved to its call.
 */
import type { Draft, DraftBlock, Why } from './draft.ts';
import { pairCalls } from './pairing.ts';
import type { Pass } from './pass.ts';
import { heldIn, runsOf } from './runs.ts';
import type { Held } from './runs.ts';
import { isThought } from './shapes.ts';

/** Takes out what the policy does not let survive; `annotate` lets everything. */
export const decideSurvivors: Pass = (mending) => {
  if (mending.policy === 'drop') dropDanglingCalls(mending);
  if (mending.policy === 'truncate-to-last-complete-turn') truncate(mending);
};

const dropDanglingCalls: Pass = ({ draft, needs }) => {
  const { calls } = pairCalls(draft, needs);
  const open = new Map(
    calls.filter(({ answer }) => answer === null).map(({ block, id }) => [block, id]),
  );
  if (open.size === 0) return;
  for (const run of runsOf(draft, needs)) {
    if (run.side !== 'assistant') continue;
    for (const { thoughts, deeds } of strands(heldIn(run.messages))) {
      const going = deeds.filter(({ block }) => open.has(block));
      if (going.length === 0) continue;
      for (const held of going) {
        const told = `The call ${JSON.stringify(open.get(held.block))} has no result; it is dropped.`;
        takeOut(draft, held, { reason: 'DANGLING_TOOL_CALL', told });
      }
      if (going.length < deeds.length) continue;
      const told = 'All that this thought led to is dropped; a thought alone would be refused.';
      for (const held of thoughts) takeOut(draft, held, { reason: 'DANGLING_TOOL_CALL', told });
    }
  }
};

interface Strand {
  readonly thoughts: Held[];
  readonly deeds: Held[];
}

/** A turn of the model as thoughts, each with what came of them. */
function strands(blocks: readonly Held[]): readonly Strand[] {
  const all: Strand[] = [{ thoughts: [], deeds: [] }];
  for (const held of blocks) {
    const last = all.at(-1);
    const isThinking = isThought(held.block.content);
    if (last === undefined || (isThinking && last.deeds.length > 0)) {
      all.push({ thoughts: [held], deeds: [] });
    } else {
      (isThinking ? last.thoughts : last.deeds).push(held);
    }
  }
  return all;
}

const truncate: Pass = ({ draft, needs }) => {
  const { calls } = pairCalls(draft, needs);
  // Where a turn ends is the same for every provider, however answers are sent.
  const runs = runsOf(draft, { ...needs, joinsAnswers: true, systemApart: true });
  const numbers = new Map(
    runs.flatMap(({ messages }, run) => messages.map((message) => [message, run] as const)),
  );
  const runOf = ({ message }: Held): number => numbers.get(message) ?? -1;
  const openRuns = new Set(calls.filter(({ answer }) => answer === null).map(runOf));
  let kept = runs.length;
  for (let turn = runs.length - 1; turn >= 0; turn -= 1) {
    if (runs[turn]?.side !== 'assistant') continue;
    if (!openRuns.has(turn)) break;
    kept = turn;
  }
  if (kept === runs.length) return;
  const stays = new Set<DraftBlock>();
  for (const call of calls) {
    if (runOf(call) < kept && call.answer !== null) stays.add(call.answer.block);
  }
  const from = draft.messages.findIndex((message) => runs[kept]?.messages[0] === message);
  const why: Why = {
    reason: 'UNFINISHED_TURN',
    told: 'Everything behind the last turn in which every call is answered is cut off.',
  };
  for (const message of draft.messages.slice(from)) {
    const going = message.blocks.filter((block) => !stays.has(block));
    for (const block of going) draft.takeOut(message, block, why, 'lost');
    if (message.blocks.length === 0) draft.removeMessage(message, why);
  }
};

function takeOut(draft: Draft, { message, block }: Held, why: Why): void {
  draft.takeOut(message, block, why, 'lost');
}
