/** Calls and results: conversations that fire a rule, and that nearly do. */
import { user, assistant, text, call, result, ask, answer, thanks, at } from './words.mjs';

/** Calls and results that do not fit together, by code. */
export const pairing = {
  DANGLING_TOOL_CALL: {
    fires: {
      profile: 'anthropic',
      messages: [ask, assistant('Let me look.', call('toolu_1')), thanks, answer],
      expected: [at('DANGLING_TOOL_CALL', 'error', 1, 1, 'toolu_1')],
    },
    nearly: {
      profile: 'anthropic',
      messages: [
        ask,
        assistant(call('toolu_1')),
        assistant(call('toolu_2')),
        user(result('toolu_2')),
        user(result('toolu_1')),
        answer,
      ],
      expected: [],
    },
  },

  ORPHANED_TOOL_RESULT: {
    fires: {
      profile: 'openai-responses',
      messages: [ask, user(result('call_1')), answer],
      expected: [at('ORPHANED_TOOL_RESULT', 'error', 1, 0, 'call_1')],
    },
    nearly: {
      profile: 'openai-responses',
      messages: [ask, assistant(call('call_1')), user('Be quick.'), user(result('call_1')), answer],
      expected: [],
    },
  },

  DISPLACED_TOOL_RESULT: {
    fires: {
      profile: 'anthropic',
      messages: [
        ask,
        assistant(call('toolu_1'), call('toolu_2')),
        user(result('toolu_1')),
        answer,
        user(result('toolu_2')),
        assistant('As I said.'),
      ],
      expected: [at('DISPLACED_TOOL_RESULT', 'error', 4, 0, 'toolu_2')],
    },
    nearly: {
      profile: 'anthropic',
      messages: [
        ask,
        assistant(call('toolu_1'), call('toolu_2')),
        user(result('toolu_1')),
        { role: 'system', content: [text('Answer in one sentence.')] },
        user(result('toolu_2')),
        answer,
      ],
      expected: [],
    },
  },

  RESULT_BEFORE_CALL: {
    fires: {
      profile: 'openai-responses',
      messages: [ask, user(result('call_1')), assistant(call('call_1')), thanks, answer],
      expected: [at('RESULT_BEFORE_CALL', 'error', 1, 0, 'call_1')],
    },
    nearly: {
      profile: 'openai-responses',
      messages: [
        ask,
        assistant(call('call_1')),
        user(result('call_1')),
        assistant(call('call_2')),
        user(result('call_2')),
        answer,
      ],
      expected: [],
    },
  },

  DUPLICATE_TOOL_CALL_ID: {
    fires: {
      profile: 'anthropic',
      messages: [
        ask,
        assistant(call('toolu_1')),
        user(result('toolu_1')),
        assistant(call('toolu_1')),
        user(result('toolu_1')),
        answer,
      ],
      expected: [at('DUPLICATE_TOOL_CALL_ID', 'error', 3, 0, 'toolu_1')],
    },
    nearly: {
      profile: 'anthropic',
      messages: [
        ask,
        assistant(call('toolu_1'), call('toolu_l')),
        user(result('toolu_1'), result('toolu_l')),
        answer,
      ],
      expected: [],
    },
  },

  DUPLICATE_TOOL_RESULT: {
    fires: {
      profile: 'gemini',
      messages: [
        ask,
        assistant(call('1', { thought_signature: 'c2ln' })),
        user(result('1'), result('1')),
        answer,
      ],
      expected: [at('DUPLICATE_TOOL_RESULT', 'error', 2, 1, '1')],
    },
    nearly: {
      profile: 'openai-chat',
      messages: [
        ask,
        assistant(call('call_0')),
        user(result('call_0')),
        assistant(call('call_0')),
        user(result('call_0')),
        answer,
      ],
      expected: [at('DUPLICATE_TOOL_CALL_ID', 'warning', 3, 0, 'call_0')],
    },
  },

  UNFINISHED_TURN: {
    fires: {
      profile: 'generic',
      messages: [ask, assistant(call('call_1'), call('call_2')), user(result('call_1'))],
      expected: [
        at('DANGLING_TOOL_CALL', 'warning', 1, 1, 'call_2'),
        at('UNFINISHED_TURN', 'warning', 2, null),
      ],
    },
    nearly: {
      profile: 'generic',
      messages: [ask, assistant(call('call_1')), user(result('call_1')), answer],
      expected: [],
    },
  },
};
