/**
 * Messages out of transcripts that agents leave on disk, as far as tests of restore points need them:
 * roles, texts, calls, results. Lines that are something else are passed over. Known are Claude Code,
 * Codex, pi, Gemini CLI, Cline, Kimi, Copilot CLI, and OpenAI's messages, also those of SWE-agent.
 */
import { readFileSync } from 'node:fs';
import type { ContentBlock, Message } from '../../src/session/message.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The conversation in a file; empty when nothing of it is known here. */
export function messagesOfFile(path: string): readonly Message[] {
  const text = readFileSync(path, 'utf8');
  const records = path.endsWith('.jsonl') ? text.split('\n').map(parsed) : recordsOf(parsed(text));
  const messages: Message[] = [];
  for (const record of records) {
    if (!isFields(record) || record['isSidechain'] === true) continue;
    for (const message of messagesOf(record)) put(messages, message);
  }
  return messages;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A torn or foreign line; transcripts have some.
    return null;
  }
}

function recordsOf(value: unknown): readonly unknown[] {
  const { messages, history } = fieldsOf(value);
  return listOf(Array.isArray(value) ? value : (messages ?? history));
}

/** Claude Code writes each block of an answer in a line of its own; they are one message. */
function put(messages: Message[], message: Message): void {
  const last = messages.at(-1);
  const isSame = message.id !== undefined && last?.id === message.id;
  if (!isSame || !Array.isArray(last.content) || !Array.isArray(message.content)) {
    messages.push(message);
    return;
  }
  const content = [...(last.content as ContentBlock[]), ...(message.content as ContentBlock[])];
  messages[messages.length - 1] = { ...last, content };
}

function messagesOf(record: Fields): readonly Message[] {
  const { type, message, payload, data, event } = record;
  if (isFields(message) && typeof message['role'] === 'string') {
    return plain({
      ...message,
      isMeta: record['isMeta'],
      isCompactSummary: record['isCompactSummary'],
    });
  }
  if (type === 'response_item') return codex(fieldsOf(payload));
  if (type === 'gemini' || (type === 'user' && record['content'] !== undefined))
    return gemini(record);
  if (typeof type === 'string' && isFields(data)) return copilot(type, data);
  if (type === 'context.append_loop_event') return kimi(fieldsOf(event));
  return typeof record['role'] === 'string' ? plain(record) : [];
}

/** Anthropic's shape, OpenAI's, and pi's between them. */
function plain(value: Fields): readonly Message[] {
  const { role, content, id, isMeta, isCompactSummary } = value;
  if (role === 'tool' || role === 'toolResult') {
    const callId =
      value['tool_call_id'] ?? value['toolCallId'] ?? listOf(value['tool_call_ids'])[0];
    return [answered(callId, textsOf(content), value['isError'] === true)];
  }
  const blocks = Array.isArray(content) ? content.filter(isFields).map(block) : text(content);
  const calls = listOf(value['tool_calls']).map((call) => {
    const given = fieldsOf(fieldsOf(call)['function']);
    const input = parsed(String(given['arguments'])) ?? String(given['arguments']);
    return called(fieldsOf(call)['id'], given['name'], input);
  });
  const message = { role: String(role), content: [...blocks, ...calls] };
  const own = typeof id === 'string' ? { id } : {};
  return [{ ...message, ...own, isMeta, isCompactSummary }];
}

function block(value: Fields): ContentBlock {
  if (value['type'] !== 'toolCall') return value as unknown as ContentBlock;
  return called(value['id'], value['name'], value['arguments']);
}

function codex(payload: Fields): readonly Message[] {
  const { call_id: id, name } = payload;
  switch (payload['type']) {
    case 'message':
      return [{ role: String(payload['role']), content: text(textsOf(payload['content'])) }];
    case 'function_call':
    case 'custom_tool_call': {
      const given = String(payload['arguments'] ?? payload['input']);
      return [asked(called(id, name, parsed(given) ?? given))];
    }
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const told = textsOf(payload['output']);
      const failed = /exited with code [1-9]|"exit_code":\s*[1-9]|^aborted/.test(told);
      return [answered(id, told, failed)];
    }
    default:
      return [];
  }
}

function gemini(record: Fields): readonly Message[] {
  if (record['type'] === 'user')
    return [{ role: 'user', content: text(textsOf(record['content'])) }];
  const made = listOf(record['toolCalls']).map(fieldsOf);
  const calls = made.map((call) => called(call['id'], call['name'], call['args']));
  const answer = asked(...text(textsOf(record['content'])), ...calls);
  const results = made.map((call) => {
    return result(call['id'], textsOf(call['resultDisplay']), call['status'] === 'error');
  });
  return results.length === 0 ? [answer] : [answer, { role: 'user', content: results }];
}

function copilot(type: string, data: Fields): readonly Message[] {
  const { toolCallId: id, toolName: name, success, content } = data;
  if (type === 'user.message') return [{ role: 'user', content: text(content) }];
  if (type === 'assistant.message') return [asked(...text(content))];
  if (type === 'tool.execution_start') return [asked(called(id, name, data['arguments']))];
  const told = textsOf(fieldsOf(data['result'])['content']);
  return type === 'tool.execution_complete' ? [answered(id, told, success === false)] : [];
}

function kimi({
  type,
  toolCallId: id,
  name,
  args,
  result: given,
  part,
}: Fields): readonly Message[] {
  if (type === 'tool.call') return [asked(called(id, name, args))];
  const { output, isError } = fieldsOf(given);
  if (type === 'tool.result') return [answered(id, textsOf(output), isError === true)];
  const said = type === 'content.part' ? fieldsOf(part)['text'] : undefined;
  return typeof said === 'string' ? [asked(...text(said))] : [];
}

function called(id: unknown, name: unknown, input: unknown): ContentBlock {
  return { type: 'tool_use', id: String(id), name: String(name), input };
}

function result(id: unknown, content: string, isError: boolean): ContentBlock {
  return { type: 'tool_result', tool_use_id: String(id), content, is_error: isError };
}

function asked(...content: readonly ContentBlock[]): Message {
  return { role: 'assistant', content };
}

function answered(id: unknown, content: string, isError: boolean): Message {
  return { role: 'user', content: [result(id, content, isError)] };
}

function text(value: unknown): readonly ContentBlock[] {
  return typeof value === 'string' && value !== '' ? [{ type: 'text', text: value }] : [];
}

function textsOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => fieldsOf(part)['text'])
    .filter((part) => typeof part === 'string')
    .join('\n');
}
