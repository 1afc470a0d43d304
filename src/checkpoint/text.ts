/**
 * The words of a message that a person or a model wrote, apart from what a runtime puts among them:
 * notices, environment, output of commands. What is looked at is bounded, whatever the message.
 */
import { toWellFormed } from '../format/well-formed.ts';
import type { ContentBlock, Message } from '../session/message.ts';

/** Words of one message that are looked at, in UTF-16 code units. */
const textCharsMax = 16_384;

/** An action is one line of at most this many UTF-16 code units. */
export const actionCharsMax = 200;

/** Runtimes wrap what they add in tags; these hold the person's own words all the same. */
const wrappers = /<\/?(?:user_query|user-query|task|feedback|user_message|message|answer)>/gi;

/** `<tag …>…</tag>`, for a tag of more than one letter, at the start of what is left. */
const tagged = /^\s*<([a-z][\w-]+)(?:\s[^>]*|\/)?>/i;

/** Texts of a runtime that carry no tag. */
const notices: readonly string[] = [
  'Caveat: The messages below',
  'This session is being continued from a previous',
  '# AGENTS.md instructions',
  'Base directory for this skill',
  '[Image: ',
];

/** What a person wrote into the message; empty when a runtime wrote it. */
export function personText(message: Message): string {
  if (message['isMeta'] === true || message['isCompactSummary'] === true) return '';
  const parts = textsOf(message).map(withoutNotices);
  return parts
    .filter((part) => part !== '')
    .join('\n')
    .slice(0, textCharsMax);
}

/** What the model said in the message: its text, without thoughts and calls. */
export function modelText(message: Message): string {
  return textsOf(message).join('\n').slice(0, textCharsMax);
}

/** The texts of a block of content, which may be a string, blocks, or nothing that is known. */
export function textOfContent(content: unknown): string {
  if (typeof content === 'string') return content.slice(0, textCharsMax);
  if (!Array.isArray(content)) return '';
  const texts = (content as readonly unknown[]).map((block) => textOf(block as ContentBlock));
  return texts.join('\n').slice(0, textCharsMax);
}

/** One line of at most `actionCharsMax` code units, well-formed. */
export function oneLine(text: string, charsMax: number = actionCharsMax): string {
  const line = text
    .slice(0, 4 * charsMax)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (line.length <= charsMax) return toWellFormed(line);
  // A pair of surrogates that is cut in the middle leaves with its first half.
  const cut = line.slice(0, charsMax - 1).replace(/[\uD800-\uDBFF]$/, '');
  return `${toWellFormed(cut.trimEnd())}…`;
}

function textsOf({ content }: Message): readonly string[] {
  if (typeof content === 'string') return [content.slice(0, textCharsMax)];
  return Array.isArray(content) ? content.map(textOf) : [];
}

function textOf(block: ContentBlock | null | undefined): string {
  if (block === null || typeof block !== 'object' || block.type !== 'text') return '';
  return typeof block['text'] === 'string' ? block['text'].slice(0, textCharsMax) : '';
}

/** Takes tagged notices off the front, one after the other. */
function withoutNotices(text: string): string {
  let rest = text.replace(wrappers, '');
  for (let tag = tagged.exec(rest); tag !== null; tag = tagged.exec(rest)) {
    const end = rest.indexOf(`</${tag[1]}>`);
    const isClosed = tag[0].endsWith('/>');
    if (isClosed) rest = rest.slice(tag[0].length);
    else if (end < 0) return '';
    else rest = rest.slice(end + (tag[1]?.length ?? 0) + 3);
  }
  rest = rest.trim();
  return notices.some((notice) => rest.startsWith(notice)) ? '' : rest;
}
