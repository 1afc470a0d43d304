/** Random rollouts of Codex, often with something unusual, always readable. */
import fc from '../../helpers/fast-check.ts';

/** What a rollout is made of. */
interface Rollout {
  readonly records: readonly unknown[];
  readonly isPaginated: boolean;
}

const text = fc.constantFrom(
  'hello',
  'look at this',
  '',
  'ß 🙂',
  '<environment_context>x</environment_context>',
);
const call = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f').map((name) => `call_${name}`);

function message(role: string, texts: readonly string[]): unknown {
  const type = role === 'assistant' ? 'output_text' : 'input_text';
  return { type: 'message', role, content: texts.map((said) => ({ type, text: said })) };
}

/** Items of the Responses API. */
const item: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(text, { minLength: 1, maxLength: 2 }).map((all) => message('user', all)),
  },
  {
    weight: 3,
    arbitrary: fc
      .array(text, { minLength: 1, maxLength: 3 })
      .map((all) => message('assistant', all)),
  },
  fc.constant(message('developer', ['<permissions instructions>all</permissions instructions>'])),
  fc.tuple(call, fc.nat({ max: 99 })).map(([id, n]) => {
    return { type: 'reasoning', id: `rs_${id}_${n}`, summary: [], encrypted_content: 'gAAAA' };
  }),
  call.map((id) => ({
    type: 'function_call',
    name: 'shell',
    arguments: '{ "cmd": "ls" }',
    call_id: id,
  })),
  call.map((id) => ({
    type: 'function_call',
    id: `fc_${id}`,
    name: 'bad',
    arguments: '*** ',
    call_id: id,
  })),
  call.map((id) => ({ type: 'function_call_output', call_id: id, output: 'done' })),
  call.map((id) => {
    return {
      type: 'function_call_output',
      call_id: id,
      output: [{ type: 'input_text', text: 'x' }],
    };
  }),
  call.map((id) => {
    return {
      type: 'custom_tool_call',
      status: 'completed',
      call_id: `p${id}`,
      name: 'patch',
      input: '***',
    };
  }),
  call.map((id) => ({ type: 'custom_tool_call_output', call_id: `p${id}`, output: 'ok' })),
  call.map((id) => {
    return {
      type: 'tool_search_call',
      call_id: `s${id}`,
      execution: 'client',
      arguments: { query: 'q' },
    };
  }),
  call.map((id) => {
    return {
      type: 'local_shell_call',
      call_id: `l${id}`,
      status: 'completed',
      action: { type: 'exec' },
    };
  }),
  fc.constant({ type: 'web_search_call', status: 'completed', action: { type: 'search' } }),
  fc.constant({ type: 'ghost_snapshot', ghost_commit: { id: '1' } }),
  fc.constant({ type: 'message', role: 'system', content: [] }),
);

const turn = fc.nat({ max: 3 }).map((n) => `turn-${n}`);

/** A record without its envelope. */
const piece: fc.Arbitrary<readonly [string, unknown]> = fc.oneof(
  { weight: 24, arbitrary: item.map((payload) => ['response_item', payload] as const) },
  {
    weight: 2,
    arbitrary: turn.map((id) => ['event_msg', { type: 'task_started', turn_id: id }] as const),
  },
  turn.map((id) => ['event_msg', { type: 'task_complete', turn_id: id }] as const),
  turn.map((id) => ['turn_context', { turn_id: id, model: 'gpt-5.5' }] as const),
  fc.constant(['event_msg', { type: 'token_count', info: null }] as const),
  fc.constant(['world_state', { full: true }] as const),
  fc
    .nat({ max: 3 })
    .map((n) => ['event_msg', { type: 'thread_rolled_back', num_turns: n }] as const),
  fc.array(item, { maxLength: 5 }).map((replacement_history) => {
    return ['compacted', { message: '', replacement_history }] as const;
  }),
  fc.constant(['compacted', { message: 'what was done' }] as const),
);

function stamped(at: number): string {
  return new Date(Date.UTC(2026, 4, 11, 8, 0, 0) + at * 1000).toISOString();
}

/** Rollouts of up to 24 records. */
export const randomRollout: fc.Arbitrary<Rollout> = fc
  .record({ pieces: fc.array(piece, { maxLength: 24 }), isPaginated: fc.boolean() })
  .map(({ pieces, isPaginated }) => {
    const mode = isPaginated ? 'paginated' : 'legacy';
    const meta = { id: 'thread-1', cwd: '/repo', cli_version: '0.147.0', history_mode: mode };
    const all: readonly (readonly [string, unknown])[] = [['session_meta', meta], ...pieces];
    const records = all.map(([type, payload], at) => {
      const head = isPaginated ? { ordinal: at } : {};
      return { timestamp: stamped(at), ...head, type, payload };
    });
    return { records, isPaginated };
  });
