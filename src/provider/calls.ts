/**
 * Calls and their results in the order that providers ask for. These checks only look; whoever
 * wants a history mended plans a repair before. Pure.
 */
import { asWords } from '../base/deep-json.ts';
import type { ProfileName } from '../integrity/profile.ts';
import { severityOf } from '../integrity/rules/severity-table.ts';
import { traits } from '../integrity/rules/traits.ts';
import { isToolResult, isToolUse } from '../session/blocks.ts';
import { refuse } from './exported.ts';
import type { Piece } from './piece.ts';
import type { Turn } from './turns.ts';

/** What a provider takes as the id and the name of a call. */
export interface CallRules {
  readonly id: RegExp;
  readonly name: RegExp;
  /** Where no two calls may share an id: in the whole history, or in one turn. */
  readonly unique: 'history' | 'turn';
  /** Where results stand in their turn: in front of everything else, or anywhere. */
  readonly results: 'first' | 'anywhere';
}

/** The rules of a profile, as `recover verify` applies them. */
export function callRulesOf(profile: ProfileName): CallRules {
  const { callId, toolName } = traits[profile];
  const isUnique = severityOf('DUPLICATE_TOOL_CALL_ID', profile) === 'error';
  const unique = isUnique ? 'history' : 'turn';
  const isRefused = severityOf('CONTENT_BEFORE_RESULT', profile) === 'error';
  const results = isRefused ? 'first' : 'anywhere';
  return { id: callId.pattern, name: toolName.pattern, unique, results };
}

/**
 * Throws INVALID unless every call is answered once, in the turn behind its own, and every result
 * answers a call of the turn before it and stands in front of everything else in its turn.
 */
export function requireDirectResults(turns: readonly Turn<unknown>[], rules: CallRules): void {
  const ids = new Set<string>();
  const called = new Set<string>();
  const results = resultsOf(turns);
  let open = new Map<string, Piece>();
  for (const turn of turns) {
    const answered = new Set<string>();
    let before: Piece | null = null;
    for (const { piece } of turn.parts) {
      const { block } = piece;
      if (!isToolResult(block)) {
        requireCaller(piece);
        before = piece;
        continue;
      }
      const id = block.tool_use_id;
      if (answered.has(id)) refuse('DUPLICATE_TOOL_RESULT', piece, 'A call takes one result');
      if (!open.has(id)) {
        const code = called.has(id) ? 'DISPLACED_TOOL_RESULT' : 'ORPHANED_TOOL_RESULT';
        refuse(code, piece, 'A result answers a call of the turn before it');
      }
      if (before !== null && rules.results === 'first') {
        refuse('CONTENT_BEFORE_RESULT', before, 'Results stand first in their turn');
      }
      answered.add(id);
    }
    requireAnswered(open, answered, results);
    for (const id of open.keys()) called.add(id);
    open = new Map<string, Piece>();
    if (rules.unique === 'turn') ids.clear();
    for (const { piece } of turn.parts) {
      if (isToolUse(piece.block)) open.set(requireCall(piece, ids, rules), piece);
    }
  }
  requireAnswered(open, new Set(), results);
}

/** Throws INVALID unless every call is answered once, somewhere behind it. */
export function requireLaterResults(pieces: readonly Piece[], rules: CallRules): void {
  const ids = new Set<string>();
  const open = new Map<string, Piece>();
  const early = new Map<string, Piece>();
  for (const piece of pieces) {
    const { block } = piece;
    if (isToolUse(block)) {
      const id = requireCall(piece, ids, rules);
      const result = early.get(id);
      if (result !== undefined) {
        refuse('RESULT_BEFORE_CALL', result, 'A result stands behind its call');
      }
      open.set(id, piece);
    } else if (isToolResult(block)) {
      const id = block.tool_use_id;
      if (ids.has(id) && !open.delete(id)) {
        refuse('DUPLICATE_TOOL_RESULT', piece, 'A call takes one result');
      }
      if (!ids.has(id)) early.set(id, piece);
    }
  }
  for (const piece of early.values()) {
    refuse('ORPHANED_TOOL_RESULT', piece, 'A result answers a call');
  }
  requireAnswered(open, new Set(), early);
}

/** `results`: those of the whole history; one of an open call stands in the wrong place. */
function requireAnswered(
  open: ReadonlyMap<string, Piece>,
  answered: ReadonlySet<string>,
  results: ReadonlyMap<string, Piece>,
): void {
  for (const [id, call] of open) {
    if (answered.has(id)) continue;
    const result = results.get(id);
    if (result === undefined) refuse('DANGLING_TOOL_CALL', call, 'A call needs its result');
    refuse('DISPLACED_TOOL_RESULT', result, 'A result answers a call of the turn before it');
  }
}

function resultsOf(turns: readonly Turn<unknown>[]): ReadonlyMap<string, Piece> {
  const results = new Map<string, Piece>();
  for (const { parts } of turns) {
    for (const { piece } of parts) {
      if (isToolResult(piece.block)) results.set(piece.block.tool_use_id, piece);
    }
  }
  return results;
}

function requireCaller(piece: Piece): void {
  if (!isToolUse(piece.block) || piece.speaker === 'assistant') return;
  refuse('ROLE_ORDER', piece, 'Only the assistant calls tools');
}

/** Checks the call by itself; answers with its id. */
function requireCall(piece: Piece, ids: Set<string>, rules: CallRules): string {
  const { block } = piece;
  const id = typeof block['id'] === 'string' ? block['id'] : '';
  requireCaller(piece);
  if (ids.has(id)) refuse('DUPLICATE_TOOL_CALL_ID', piece, 'Ids of calls differ');
  if (!rules.id.test(id)) refuse('BAD_CALL_ID', piece, 'The provider refuses this id of a call');
  if (!rules.name.test(asWords(block['name']))) {
    refuse('BAD_TOOL_NAME', piece, 'The provider refuses this name of a tool');
  }
  ids.add(id);
  return id;
}
