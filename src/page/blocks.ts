/**
 * One block of a conversation as markup: texts cut at their bound with a note of how much is left
 * out, nothing foreign unescaped, no picture loaded. Pure.
 */
import { asWords } from '../base/deep-json.ts';
import type { ContentBlock } from '../session/message.ts';
import { counted, grouped, sizeText } from './figures.ts';
import { jsonText } from './json-text.ts';
import type { Allowance, PageLimits } from './limits.ts';
import { cutText, element, foreign } from './markup.ts';

/** What blocks of one page share. */
export interface BlockContext {
  readonly limits: PageLimits;
  readonly allowance: Allowance;
}

/** A text above this, in characters or lines, is folded. */
const foldCharacters = 1500;
const foldLines = 18;
/** What is shown of it then. */
const peekCharacters = 700;
const peekLines = 10;
const argumentsMax = 24;

/** A block that is neither a call nor a result; those are paired by the timeline. */
export function blockHtml(block: ContentBlock, context: BlockContext): string {
  switch (block.type) {
    case 'text':
      return textHtml(asWords(block.text), 'said', context);
    case 'thinking': {
      const signed = typeof block.signature === 'string' && block.signature !== '';
      const state = signed ? 'signed' : 'not signed';
      return folded(`Thinking, ${state}`, asWords(block.thinking), context);
    }
    case 'redacted_thinking':
      return aside('Thinking that the provider encrypted');
    case 'reasoning':
      return folded('Reasoning item', jsonText(block), context);
    case 'image':
      return aside(imageText(block));
    default:
      return folded(
        `Block of type ${foreign(cutText(block.type, 80).shown)}`,
        jsonText(block),
        context,
      );
  }
}

/** The arguments of a call: each on its own, texts as they are and everything else as JSON. */
export function argumentsHtml(input: unknown, context: BlockContext): string {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    const text = typeof input === 'string' ? input : jsonText(input);
    return textHtml(text, 'raw', context, context.limits.tool);
  }
  const all = Object.entries(input);
  const rows = all.slice(0, argumentsMax).map(([name, value]: [string, unknown]) => {
    const text = typeof value === 'string' ? value : jsonText(value);
    const shown = textHtml(text, 'raw', context, context.limits.tool);
    return `<div><dt>${foreign(cutText(name, 120).shown)}</dt><dd>${shown}</dd></div>`;
  });
  if (all.length === 0) return '';
  const left = all.length - rows.length;
  const more = left > 0 ? aside(`${counted(left, 'more argument')} left out`) : '';
  return `<dl class="arguments">${rows.join('')}</dl>${more}`;
}

/** What a result says: its text, and the names of what is no text. */
export function resultHtml(block: ContentBlock, context: BlockContext): string {
  const content: unknown = block['content'];
  if (content === undefined || content === '') return aside('No output');
  if (typeof content === 'string') return textHtml(content, 'raw', context, context.limits.tool);
  if (!Array.isArray(content)) return textHtml(jsonText(content), 'raw', context);
  const parts = content.slice(0, context.limits.blocks).map((part: unknown) => {
    if (typeof part !== 'object' || part === null) return textHtml(jsonText(part), 'raw', context);
    if ('text' in part && typeof part.text === 'string') {
      return textHtml(part.text, 'raw', context, context.limits.tool);
    }
    if ('type' in part && part.type === 'image') return aside(imageText(part));
    return textHtml(jsonText(part), 'raw', context, context.limits.tool);
  });
  const left = content.length - parts.length;
  if (left > 0) parts.push(aside(`${counted(left, 'more part')} left out`));
  return parts.length === 0 ? aside('No output') : parts.join('');
}

/** A text, folded when it is long, cut when it is longer; `dir` keeps its direction to itself. */
export function textHtml(
  text: string,
  kind: 'said' | 'raw',
  { allowance, limits }: BlockContext,
  charactersMax: number = limits.text,
): string {
  if (text.trim() === '') return aside(text === '' ? 'Empty text' : 'Only white space');
  const { shown, left } = cutText(text, allowance.take(text.length, charactersMax));
  const content = element('pre', { class: kind, dir: 'auto' }, foreign(shown));
  const size = grouped(text.length);
  const peek = peekOf(shown);
  if (peek === null) {
    const note = `<p class="cut">Cut here: ${grouped(left)} of ${size} characters are not in this page.</p>`;
    return left === 0 ? content : content + note;
  }
  const whole = left === 0 ? `All ${size}` : `The first ${grouped(shown.length)} of ${size}`;
  const rest = left === 0 ? '' : `<p class="cut">The rest is not in this page.</p>`;
  return (
    element('pre', { class: `${kind} peek`, dir: 'auto' }, `${foreign(peek)}…`) +
    `<details class="long"><summary><span class="fold">${whole} characters</span>` +
    `<span class="unfold">Less</span></summary>${content}${rest}</details>`
  );
}

/** The beginning that stands for a folded text; null when it is short enough to stand whole. */
function peekOf(text: string): string | null {
  const lines = text.split('\n', foldLines + 1);
  if (text.length <= foldCharacters && lines.length <= foldLines) return null;
  return cutText(lines.slice(0, peekLines).join('\n'), peekCharacters).shown;
}

function folded(name: string, text: string, context: BlockContext): string {
  const { shown, left } = cutText(text, context.allowance.take(text.length, context.limits.tool));
  const size = text === '' ? 'empty' : counted(text.length, 'character');
  const note = left === 0 ? '' : `<p class="cut">Cut here: ${grouped(left)} more characters.</p>`;
  const content = element('pre', { class: 'raw', dir: 'auto' }, foreign(shown));
  return `<details class="more"><summary>${name}, ${size}</summary>${content}${note}</details>`;
}

function aside(text: string): string {
  return `<p class="aside">${text}</p>`;
}

function imageText(block: object): string {
  const source: unknown = 'source' in block ? block.source : null;
  if (typeof source !== 'object' || source === null) return 'Image';
  const type = 'media_type' in source ? foreign(cutText(asWords(source.media_type), 60).shown) : '';
  const data = 'data' in source && typeof source.data === 'string' ? source.data.length : 0;
  const size = data === 0 ? '' : `, ${sizeText(Math.floor(data * 0.75))}`;
  return `Image${type === '' ? '' : `, ${type}`}${size}, not shown here`;
}
