/**
 * Tools that the provider runs itself: call and result stand in one message of the assistant, and
 * the one without the other is refused. Web search goes back as it came; what other server tools
 * found is left out together with its call. Pure.
 */
import type { ContentBlock } from '../session/message.ts';
import { refuse } from './exported.ts';
import type { Leave } from './exported.ts';
import type { Piece } from './piece.ts';
import { jsonValue } from './results.ts';

/** A search that the provider ran. */
export interface AnthropicServerTool {
  type: 'server_tool_use';
  id: string;
  name: 'web_search';
  input: unknown;
}

/** What a search found; its text is encrypted, and only the provider reads it. */
export interface AnthropicWebSearchResult {
  type: 'web_search_tool_result';
  tool_use_id: string;
  content: AnthropicFound[] | { type: 'web_search_tool_result_error'; error_code: SearchError };
}

/** One page that was found. */
export interface AnthropicFound {
  type: 'web_search_result';
  url: string;
  title: string;
  encrypted_content: string;
  page_age?: string;
}

type SearchError =
  | 'invalid_tool_input'
  | 'unavailable'
  | 'max_uses_exceeded'
  | 'too_many_requests'
  | 'query_too_long'
  | 'request_too_large';

const searchErrors: readonly string[] = [
  'invalid_tool_input',
  'unavailable',
  'max_uses_exceeded',
  'too_many_requests',
  'query_too_long',
  'request_too_large',
];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Calls and results of server tools: each with the block that is sent, or null where the pair is
 * left out. Throws INVALID for one without the other.
 */
export function serverTools(
  pieces: readonly Piece[],
  leave: Leave,
): ReadonlyMap<Piece, AnthropicServerTool | AnthropicWebSearchResult | null> {
  const found = new Map<Piece, AnthropicServerTool | AnthropicWebSearchResult | null>();
  const calls = new Map<string, Piece>();
  for (const piece of pieces) {
    const fields = piece.block as Fields;
    if (piece.block.type === 'server_tool_use') {
      const id = String(fields['id']);
      if (calls.has(id)) refuse('DUPLICATE_TOOL_CALL_ID', piece, 'Ids of calls differ');
      calls.set(id, piece);
    } else if (isServerResult(piece.block)) {
      const id = String(fields['tool_use_id']);
      const call = calls.get(id);
      calls.delete(id);
      if (call === undefined || call.message !== piece.message) {
        refuse('UNPAIRED_SERVER_TOOL', piece, 'A result of a server tool stands behind its call');
      }
      const sent = searchPair(call, piece);
      found.set(call, sent?.call ?? leave(call, 'only web searches are exported'));
      found.set(piece, sent?.result ?? leave(piece, 'only results of web searches are exported'));
    }
  }
  for (const call of calls.values()) {
    refuse('UNPAIRED_SERVER_TOOL', call, 'A call of a server tool has its result in its message');
  }
  return found;
}

function isServerResult({ type }: ContentBlock): boolean {
  return type.endsWith('_tool_result') && type !== 'tool_result';
}

function searchPair(call: Piece, result: Piece) {
  const { id, name, input } = call.block as Fields;
  const { type, content } = result.block as Fields;
  if (call.speaker !== 'assistant' || result.speaker !== 'assistant') return null;
  if (name !== 'web_search' || type !== 'web_search_tool_result') return null;
  const sent = searchContent(content);
  if (sent === null || typeof id !== 'string') return null;
  return {
    call: { type: 'server_tool_use', id, name, input: jsonValue(input) } as const,
    result: { type, tool_use_id: id, content: sent } as const,
  };
}

function searchContent(content: unknown): AnthropicWebSearchResult['content'] | null {
  if (!Array.isArray(content)) {
    const { type, error_code: code } = (content ?? {}) as Fields;
    if (type !== 'web_search_tool_result_error' || !isSearchError(code)) return null;
    return { type, error_code: code };
  }
  const pages = content.map(foundPage);
  return pages.every((page) => page !== null) ? pages : null;
}

function isSearchError(code: unknown): code is SearchError {
  return typeof code === 'string' && searchErrors.includes(code);
}

function foundPage(value: unknown): AnthropicFound | null {
  const { type, url, title, encrypted_content: text, page_age: age } = (value ?? {}) as Fields;
  if (type !== 'web_search_result' || typeof url !== 'string') return null;
  if (typeof title !== 'string' || typeof text !== 'string') return null;
  const page: AnthropicFound = { type, url, title, encrypted_content: text };
  if (typeof age === 'string') page.page_age = age;
  return page;
}
