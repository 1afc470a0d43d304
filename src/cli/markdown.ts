/** Messages as Markdown for reading: everything is there, code and results in fences. */
import { blocksOf } from '../session/blocks.ts';
import type { ContentBlock, Message } from '../session/message.ts';
import { plainText } from './entry-text.ts';
import { harmless, json, oneLine } from './text.ts';

/**
 * One message as a section, with an empty line before it. The note stands behind its heading, which
 * counts messages: sequences have gaps where restore points were taken.
 */
export function messageMarkdown(number: number, message: Message, note = ''): string {
  const model = typeof message.model === 'string' ? ` (${oneLine(message.model, 60)})` : '';
  const head = `\n## ${number}. ${oneLine(message.role, 60)}${model}${note}\n`;
  const blocks =
    typeof message.content === 'string'
      ? [text(message.content)]
      : blocksOf(message).map(blockMarkdown);
  return `${[head, ...blocks].join('\n')}`;
}

function blockMarkdown(block: ContentBlock): string {
  const fields = block as Readonly<Record<string, unknown>>;
  switch (block.type) {
    case 'text':
      return text(plainText(fields['text']));
    case 'thinking':
      return text(plainText(fields['thinking']).replace(/^/gm, '> '));
    case 'tool_use': {
      const call = `**Calls \`${oneLine(String(fields['name']), 80)}\`** (${idOf(fields['id'])})`;
      return `${call}\n\n${fenced(pretty(fields['input']), 'json')}`;
    }
    case 'tool_result': {
      const failed = fields['is_error'] === true ? ', failed' : '';
      const head = `**Result** (${idOf(fields['tool_use_id'])}${failed})`;
      return `${head}\n\n${fenced(plainText(fields['content']), '')}`;
    }
    default:
      return fenced(pretty(block), 'json');
  }
}

function idOf(value: unknown): string {
  return `\`${oneLine(String(value), 80)}\``;
}

function text(value: string): string {
  return `${harmless(value).trimEnd()}\n`;
}

function pretty(value: unknown): string {
  return json(value ?? null, 2);
}

/** A fence is longer than any run of backquotes inside. */
function fenced(value: string, language: string): string {
  let longest = 2;
  for (const [run] of value.matchAll(/`{3,}/g)) longest = Math.max(longest, run.length);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text(value)}${fence}\n`;
}
