/**
 * Tools that the provider runs itself: call and result stand in one message of the assistant, and
 * the one without the other is refused. Web search goes back as it came; what other server tools
 * found is left out together with its call. Pure.
 */
import { asWords } from '../base/deep-json.ts';
import { isContent } from '../integrity/rules/rule.ts';
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
 * Calls and results of server tools: each with the block that is sent, or null where it is left
 * out. Throws INVALID for one without the other before the user speaks again.
 */
export function serverTools(pieces: readonly Piece[], leave: Leave): ServerTools {
  const found = new Map<Piece, AnthropicServerTool | AnthropicWebSearchResult | null>();
  let open = new Map<string, OpenCall>();
  let turn = 0;
  for (const [index, piece] of pieces.entries()) {
    if (pieces[index - 1]?.speaker !== piece.speaker) turn += 1;
    const { block } = piece;
    if (piece.speaker === 'user' && block.type !== 'tool_result' && isContent(block)) {
      requireAnswered(open);
      open = new Map();
    } else if (piece.speaker !== 'assistant') {
      continue;
    } else if (calls.has(block.type)) {
      const id = asWords((block as Fields)['id']);
      if (open.has(id)) found.set(piece, leave(piece, 'a second call with this id'));
      else open.set(id, { piece, turn, isAnswered: false });
    } else if (isServerResult(block)) {
      const call = open.get(asWords((block as Fields)['tool_use_id']));
      if (call === undefined) {
        refuse('UNPAIRED_SERVER_TOOL', piece, 'A result of a server tool stands behind its call');
      }
      if (call.isAnswered) found.set(piece, leave(piece, 'a second result of a call'));
      else settle(found, { call, result: piece, turn, leave });
      call.isAnswered = true;
    }
  }
  requireAnswered(open);
  return found;
}

type ServerTools = ReadonlyMap<Piece, AnthropicServerTool | AnthropicWebSearchResult | null>;

interface OpenCall {
  readonly piece: Piece;
  readonly turn: number;
  isAnswered: boolean;
}

const calls: ReadonlySet<string> = new Set(['server_tool_use', 'mcp_tool_use']);

function settle(
  found: Map<Piece, AnthropicServerTool | AnthropicWebSearchResult | null>,
  pair: {
    readonly call: OpenCall;
    readonly result: Piece;
    readonly turn: number;
    readonly leave: Leave;
  },
): void {
  const { call, result, turn, leave } = pair;
  // What stands apart is taken for one without the other, and refused.
  const sent = call.turn === turn ? searchPair(call.piece, result) : null;
  const why = 'only web searches are exported, with call and result in one turn';
  found.set(call.piece, sent?.call ?? leave(call.piece, why));
  found.set(result, sent?.result ?? leave(result, why));
}

function requireAnswered(open: ReadonlyMap<string, OpenCall>): void {
  for (const { piece, isAnswered } of open.values()) {
    if (isAnswered) continue;
    refuse('UNPAIRED_SERVER_TOOL', piece, 'A call of a server tool has its result in its turn');
  }
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
