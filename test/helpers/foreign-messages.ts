/**
 * Messages out of transcripts that agents leave on disk, as far as tests of restore points need them:
 * roles, texts, calls, results. Lines that are something else are passed over.
 */
import { readFileSync } from 'node:fs';
import type { Message } from '../../src/session/message.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** The conversation in a file; empty when nothing of it is known here. */
export function messagesOfFile(path: string): readonly Message[] {
  const text = readFileSync(path, 'utf8');
  return path.endsWith('.jsonl')
    ? text.split('\n').flatMap((line) => messageOf(parsed(line)))
    : listOf(parsed(text)).flatMap(messageOf);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isFields(value) && Array.isArray(value['messages'])) return value['messages'] as unknown[];
  return [];
}

function messageOf(value: unknown): readonly Message[] {
  if (!isFields(value)) return [];
  if (value['isSidechain'] === true) return [];
  const inner = value['message'];
  // Claude Code and pi wrap the message; Codex has `payload`; others are the message.
  if (isFields(inner) && 'role' in inner) return messageOf(inner);
  if (value['type'] === 'response_item' && isFields(value['payload']))
    return codex(value['payload']);
  if (typeof value['role'] !== 'string') return [];
  return openai(value) ?? [{ role: value['role'], content: blocks(value['content']) } as Message];
}

function blocks(content: unknown): unknown {
  if (!Array.isArray(content)) return typeof content === 'string' ? content : '';
  return content.filter(isFields).map((block) => {
    if (block['type'] === 'toolCall') {
      return { type: 'tool_use', id: block['id'], name: block['name'], input: block['arguments'] };
    }
    return block;
  });
}

/** OpenAI's way: `tool_calls` beside the content, and messages of role `tool`; also pi's results. */
function openai(value: Fields): readonly Message[] | null {
  if (value['role'] === 'tool' || value['role'] === 'toolResult') {
    const id = value['tool_call_id'] ?? value['toolCallId'];
    const block = {
      type: 'tool_result',
      tool_use_id: String(id),
      content: '',
      is_error: value['isError'] === true,
    };
    return [{ role: 'user', content: [block] } as Message];
  }
  if (!Array.isArray(value['tool_calls'])) return null;
  const calls = (value['tool_calls'] as unknown[]).filter(isFields).map((call) => {
    const given = isFields(call['function']) ? call['function'] : {};
    const input = parsed(String(given['arguments']));
    return { type: 'tool_use', id: call['id'], name: String(given['name']), input };
  });
  return [{ role: 'assistant', content: calls } as Message];
}

function codex(payload: Fields): readonly Message[] {
  const id = String(payload['call_id']);
  switch (payload['type']) {
    case 'message': {
      const parts = Array.isArray(payload['content']) ? (payload['content'] as unknown[]) : [];
      const text = parts
        .filter(isFields)
        .map((part) => String(part['text'] ?? ''))
        .join('\n');
      return [{ role: String(payload['role']), content: text }];
    }
    case 'function_call':
    case 'custom_tool_call': {
      const given = String(payload['arguments'] ?? payload['input']);
      const input = parsed(given) ?? { command: given };
      const block = { type: 'tool_use', id, name: String(payload['name']), input };
      return [{ role: 'assistant', content: [block] } as Message];
    }
    case 'function_call_output':
    case 'custom_tool_call_output':
      return [
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: id, content: '' }],
        } as Message,
      ];
    default:
      return [];
  }
}
