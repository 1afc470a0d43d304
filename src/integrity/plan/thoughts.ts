/**
 * Thoughts that go back to a provider: signed ones unchanged, others not at all. Where none are
 * sent they stay in the file, and an answer has something else as well.
 *
 * A thought without a signature goes; only since somebody last spoke, where the model still goes on
 * from it, does it become a text. Where a signed thought follows it in the same answer it goes all
 * the same: an answer that has signed thoughts has to begin with one.
 */
import type { Why } from './draft.ts';
import type { Pass } from './pass.ts';
import { heldIn, isPrompt, runsOf } from './runs.ts';
import { hasSignature, member, sideOf, textBlock, textMember } from './shapes.ts';
import type { ContentBlock } from '../../session/message.ts';

/** Mends or drops the thoughts that have no signature. */
export const signThoughts: Pass = ({ draft, needs, manner }) => {
  if (!needs.signedThoughts) return;
  const latest = new Set(draft.messages.slice(draft.messages.findLastIndex(isPrompt) + 1));
  for (const run of runsOf(draft, needs)) {
    if (run.side !== 'assistant') continue;
    const isLatest = run.messages.some((message) => latest.has(message));
    const blocks = heldIn(run.messages);
    const lastSigned = blocks.findLastIndex(({ block }) => isSigned(block.content));
    for (const [at, { message, block }] of blocks.entries()) {
      if (!isUnsigned(block.content)) continue;
      const words = textMember(block.content, 'thinking') ?? '';
      const reason = 'UNSIGNED_THINKING';
      if (isLatest && manner === 'annotate' && at > lastSigned && /\S/u.test(words)) {
        const told = 'A thought without a signature is refused; its words become a text.';
        draft.replace(block, textBlock(words), { reason, told });
      } else {
        const why: Why = { reason, told: 'A thought without a signature is refused; it goes.' };
        draft.takeOut(message, block, why, /\S/u.test(words) ? 'lost' : 'kept');
      }
    }
  }
};

function isSigned(block: ContentBlock): boolean {
  const isThought = block.type === 'thinking' || block.type === 'redacted_thinking';
  return isThought && !isUnsigned(block);
}

function isUnsigned(block: ContentBlock): boolean {
  if (block.type === 'thinking') return !hasSignature(block, 'signature');
  return block.type === 'redacted_thinking' && !hasSignature(block, 'data');
}

const mute = {
  reason: 'EMPTY_MESSAGE',
  told: 'An answer has reasoning and nothing else, which is refused; a text says so beside it.',
  gone: 'An answer has reasoning and nothing else, which is refused; the reasoning goes.',
  text: '[The answer ended in its reasoning.]',
} as const;

/** Gives an answer that holds thoughts alone a text, where those are not sent, or takes them. */
export const voiceThoughts: Pass = ({ draft, needs, manner }) => {
  if (!needs.spokenAnswers) return;
  for (const message of draft.messages) {
    const { blocks } = message;
    const isMute = blocks.length > 0 && blocks.every(({ content }) => isUnsent(content));
    if (sideOf(message.role) !== 'assistant' || !isMute) continue;
    const { reason, told, gone, text } = mute;
    if (manner === 'annotate') {
      draft.insert(message, blocks.length, textBlock(text), { reason, told });
      continue;
    }
    for (const block of blocks) draft.takeOut(message, block, { reason, told: gone }, 'lost');
  }
};

/** Beside the content, and none of it; thoughts in a list are a content of Mistral's own. */
function isUnsent(block: ContentBlock): boolean {
  return block.type === 'thinking' && !Array.isArray(member(block, 'thinking'));
}
