/** Entries of a session as text for a terminal. */
import { unreachable } from '../base/assert.ts';
import { blocksOf } from '../session/blocks.ts';
import type { Entry } from '../session/event.ts';
import type { ContentBlock, Message } from '../session/message.ts';
import type { Style } from './talk.ts';
import { counted, bytes, harmless, json, number, oneLine, time } from './text.ts';

const textLinesMax = 40;
const resultLinesMax = 8;
const lineCharactersMax = 400;

/** One entry, without a line end behind it. */
export function entryText(entry: Entry, style: Style): string {
  const { seq, timeMs, event } = entry;
  const head = (what: string): string =>
    `${style.dim(`#${seq}`)} ${what}  ${style.dim(time(timeMs))}`;
  switch (event.kind) {
    case 'message': {
      const role = style.bold(style.cyan(oneLine(event.message.role, 40)));
      return [head(role), ...bodyOf(event.message, style)].join('\n');
    }
    case 'metadata':
      return head(`metadata ${oneLine(json(event.metadata), 200)}`);
    case 'intent':
      return head(`about to run ${callText(event.call.id, event.call.name, event.call.input)}`);
    case 'outcome':
      return head(`outcome of ${oneLine(event.callId, 60)}: ${event.outcome.status}`);
    case 'status':
      return head(`status ${oneLine(event.status, 80)}`);
    case 'custom':
      return head(`${oneLine(event.name, 80)} ${oneLine(json(event.data ?? null), 200)}`);
    case 'compaction':
      return head(`compaction ${oneLine(event.compaction.summary, 200)}`);
    case 'snapshot': {
      const { action, label = null } = event.snapshot;
      const told = label === null ? '' : ` [${oneLine(label, 80)}]`;
      return head(`snapshot${told} ${oneLine(action, 200)}`);
    }
    case 'label':
      return head(
        `label of snapshot #${event.snapshot}: ${event.label === null ? '(none)' : oneLine(event.label, 80)}`,
      );
    case 'forget':
      return head(`forgets ${counted(event.snapshots.length, 'snapshot')}`);
    case 'rewind':
      return head(`rewind to #${event.rewind.to}`);
    default:
      return unreachable(event);
  }
}

function bodyOf(message: Message, style: Style): readonly string[] {
  if (typeof message.content === 'string') return cut(message.content, textLinesMax, '  ', style);
  const lines = blocksOf(message).flatMap((block) => blockLines(block, style));
  return lines.length === 0 ? [style.dim('  (empty)')] : lines;
}

function blockLines(block: ContentBlock, style: Style): readonly string[] {
  const field = (name: string): unknown => (block as Readonly<Record<string, unknown>>)[name];
  const text = (name: string): string => {
    const value = field(name);
    return typeof value === 'string' ? value : '';
  };
  switch (block.type) {
    case 'text':
      return cut(text('text'), textLinesMax, '  ', style);
    case 'thinking':
      return cut(text('thinking'), resultLinesMax, '  ', style).map((line) => style.dim(line));
    case 'tool_use': {
      const told = callText(text('id'), text('name'), field('input'));
      return [`  ${style.yellow('→')} ${told}`];
    }
    case 'tool_result': {
      const sign = field('is_error') === true ? style.red('✗') : style.green('←');
      const lines = cut(plainText(field('content')), resultLinesMax, '    ', style);
      return [`  ${sign} ${oneLine(text('tool_use_id'), 60)}`, ...lines];
    }
    default:
      return [style.dim(`  [${oneLine(block.type, 60)}, ${bytes(json(block).length)}]`)];
  }
}

function callText(id: string, name: string, input: unknown): string {
  const told = input === undefined ? '' : ` ${oneLine(json(input), 160)}`;
  return `${oneLine(name, 60)} (${oneLine(id, 60)})${told}`;
}

/** The words of a tool's result; other blocks are named only. */
export function plainText(content: unknown): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return json(content);
  return content
    .map((block: ContentBlock) => {
      const text = (block as Readonly<Record<string, unknown>>)['text'];
      return typeof text === 'string' ? text : `[${block.type}]`;
    })
    .join('\n');
}

/** The first lines of a text of any length, and how much more there is. */
function cut(text: string, linesMax: number, indent: string, style: Style): readonly string[] {
  const shown: string[] = [];
  let at = 0;
  while (at < text.length && shown.length < linesMax) {
    const end = text.indexOf('\n', at);
    const stop = end < 0 ? text.length : end;
    const line = text.slice(at, Math.min(stop, at + lineCharactersMax));
    shown.push(`${indent}${harmless(line)}${stop - at > lineCharactersMax ? '…' : ''}`);
    at = stop + 1;
  }
  const rest = text.length - at;
  if (rest > 0) shown.push(style.dim(`${indent}… ${number(rest)} more characters`));
  return shown;
}
