/** Rollouts of Codex that nobody damaged: whole, interrupted, of every version and kind. */
import {
  meta,
  item,
  event,
  started,
  context,
  prompt,
  reply,
  thought,
  call,
  output,
  lines,
  begin,
  begun,
} from './rollout.mjs';

/** By name: the bytes, and what must be found. */
export const turns = {
  clean: () => ({ text: lines(begin()), messages: begun() }),

  // Every kind of call, each with its output; searches of the provider need none.
  kinds: () => ({
    text: lines([
      meta('0198-thread'),
      item(prompt('Do it.')),
      item({
        type: 'custom_tool_call',
        status: 'completed',
        call_id: 'call_p',
        name: 'apply_patch',
        input: '*** Begin Patch',
      }),
      item({ type: 'custom_tool_call_output', call_id: 'call_p', output: 'Done!' }),
      item({
        type: 'local_shell_call',
        call_id: 'call_l',
        status: 'completed',
        action: { type: 'exec', command: ['ls'] },
      }),
      item(output('call_l', 'cart.ts')),
      item({
        type: 'tool_search_call',
        call_id: 'call_s',
        execution: 'client',
        arguments: { query: 'mail' },
      }),
      item({
        type: 'tool_search_output',
        call_id: 'call_s',
        status: 'completed',
        execution: 'client',
        tools: [],
      }),
      item({
        type: 'web_search_call',
        status: 'completed',
        action: { type: 'search', query: 'carts' },
      }),
      item(call('call_f', 'read', { path: 'cart.ts' })),
      item({
        type: 'function_call_output',
        call_id: 'call_f',
        output: [{ type: 'input_text', text: 'x' }],
      }),
      item({ type: 'new_kind_of_item', value: 1 }),
      item(reply('Done.')),
    ]),
    messages: [
      ['user', 'text Do it.'],
      ['assistant', 'tool_use call_p'],
      ['user', 'tool_result call_p'],
      ['assistant', 'tool_use call_l'],
      ['user', 'tool_result call_l'],
      ['assistant', 'tool_use call_s'],
      ['user', 'tool_result call_s'],
      ['assistant', 'web_search_call', 'tool_use call_f'],
      ['user', 'tool_result call_f'],
      ['assistant', 'new_kind_of_item', 'text Done.'],
    ],
  }),

  interrupted: () => ({
    text: lines([
      ...begin(),
      started('t2'),
      context('t2'),
      item(prompt('Test it.')),
      item(call('call_2', 'shell', { command: ['npm', 'test'] })),
    ]),
    messages: [...begun(), ['user', 'text Test it.'], ['assistant', 'tool_use call_2']],
    rules: [
      { code: 'UNFINISHED_TURN', line: 16 },
      { code: 'DANGLING_TOOL_CALL', line: 16 },
    ],
  }),

  // The user pressed Escape: Codex tells the model so, and the call stays open.
  aborted: () => ({
    text: lines([
      ...begin(),
      started('t2'),
      item(prompt('Test it.')),
      item(call('call_2')),
      event('turn_aborted', { turn_id: 't2', reason: 'interrupted' }),
      item(prompt('<turn_aborted>\nThe user stopped this turn.\n</turn_aborted>')),
      started('t3'),
      item(prompt('Never mind.')),
      item(reply('All right.')),
    ]),
    messages: [
      ...begun(),
      ['user', 'text Test it.'],
      ['assistant', 'tool_use call_2'],
      ['user', 'text <turn_aborted>\nThe user stopped this turn.\n</turn_aborted>'],
      ['user', 'text Never mind.'],
      ['assistant', 'text All right.'],
    ],
    rules: [{ code: 'DANGLING_TOOL_CALL', line: 15 }],
  }),

  'orphan-output': () => ({
    text: lines([
      meta('0198-thread'),
      item(prompt('Go on.')),
      item(output('call_9', 'late')),
      item(reply('On it.')),
    ]),
    messages: [
      ['user', 'text Go on.'],
      ['user', 'tool_result call_9'],
      ['assistant', 'text On it.'],
    ],
    rules: [{ code: 'ORPHANED_TOOL_RESULT', line: 3 }],
  }),

  'reasoning-without-item': () => ({
    text: lines([
      meta('0198-thread'),
      item(prompt('Go on.')),
      item(thought('rs_1')),
      item(prompt('Well?')),
    ]),
    messages: [
      ['user', 'text Go on.'],
      ['assistant', 'reasoning'],
      ['user', 'text Well?'],
    ],
    rules: [{ code: 'REASONING_WITHOUT_ITEM', line: 3 }],
  }),

  'ghost-snapshot': () => ({
    text: lines([
      meta('0198-thread'),
      item(prompt('Go on.')),
      item({ type: 'ghost_snapshot', ghost_commit: { id: 'f00' } }),
      item(reply('On it.')),
    ]),
    messages: [
      ['user', 'text Go on.'],
      ['assistant', 'text On it.'],
    ],
  }),

  // The first versions: a head without a type, items without an envelope, states in between.
  'first-version': () => ({
    text: lines([
      { id: '0150-thread', timestamp: '2025-05-07T17:24:21.000Z', instructions: null },
      prompt('Go on.'),
      { record_type: 'state' },
      call('call_1'),
      output('call_1', 'cart.ts'),
      reply('On it.'),
    ]),
    messages: [
      ['user', 'text Go on.'],
      ['assistant', 'tool_use call_1'],
      ['user', 'tool_result call_1'],
      ['assistant', 'text On it.'],
    ],
    sessionId: '0150-thread',
  }),

  'without-head': () => ({
    text: lines([item(prompt('Go on.')), 7, item(reply('On it.'))]),
    messages: [
      ['user', 'text Go on.'],
      ['assistant', 'text On it.'],
    ],
    findings: [
      { code: 'UNEXPECTED_RECORD', line: 2 },
      { code: 'UNEXPECTED_RECORD', line: null },
    ],
    sessionId: null,
  }),
};
