/** How the plan names what it takes away. Pure. */
import type { ContentBlock } from '../../session/message.ts';
import type { Lost } from './plan.ts';
import { asFound, member, resultWords, textMember, words } from './shapes.ts';

/** What the block is and says, for somebody who is told that it is lost. */
export function lostOf(block: ContentBlock): Pick<Lost, 'kind' | 'callId' | 'text'> {
  switch (block.type) {
    case 'text':
      return { kind: 'text', callId: null, text: textMember(block, 'text') ?? '' };
    case 'tool_use':
      return { kind: 'call', callId: textMember(block, 'id'), text: callWords(block) };
    case 'tool_result': {
      const callId = textMember(block, 'tool_use_id');
      return { kind: 'result', callId, text: resultWords(block) };
    }
    case 'thinking':
    case 'redacted_thinking':
    case 'reasoning':
      return { kind: 'thinking', callId: null, text: thoughtWords(block) };
    default:
      return { kind: 'other', callId: null, text: words(asFound(block)) };
  }
}

/** A call as a person reads it: the name of the tool and its arguments. */
export function callWords(block: ContentBlock): string {
  return `${words(member(block, 'name') ?? 'a tool')}(${words(member(block, 'input'))})`;
}

/** What was thought, as far as it can be read: encrypted thoughts have no words. */
export function thoughtWords(block: ContentBlock): string {
  if (block.type !== 'reasoning') return textMember(block, 'thinking') ?? '';
  const parts = [member(block, 'summary'), member(block, 'content')];
  const texts = parts.flatMap((part) => (Array.isArray(part) ? (part as unknown[]) : [part]));
  return texts.map(summaryText).filter(Boolean).join('\n');
}

function summaryText(part: unknown): string {
  if (typeof part === 'string') return part;
  if (typeof part !== 'object' || part === null || !('text' in part)) return '';
  return typeof part.text === 'string' ? part.text : '';
}
