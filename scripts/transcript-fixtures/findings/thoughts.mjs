/** Thoughts and signatures: conversations that fire a rule, and that nearly do. */
import {
  user,
  assistant,
  text,
  call,
  result,
  thinking,
  by,
  ask,
  answer,
  thanks,
  at,
} from './words.mjs';

const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} };
const found = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] };
const reasoning = (id) => ({ type: 'reasoning', id, summary: [], encrypted_content: 'Z3B0' });

/** Thoughts, signatures, and tools of the provider, by code. */
export const thoughts = {
  UNSIGNED_THINKING: {
    fires: {
      profile: 'anthropic',
      messages: [
        ask,
        assistant(thinking({}), call('toolu_1')),
        user(result('toolu_1')),
        assistant(thinking(), 'Three lines.'),
      ],
      expected: [at('UNSIGNED_THINKING', 'error', 1, 0)],
    },
    nearly: {
      profile: 'anthropic',
      messages: [
        ask,
        assistant(thinking(), call('toolu_1')),
        user(result('toolu_1')),
        assistant({ type: 'redacted_thinking', data: 'cmVkYWN0ZWQ=' }, 'Three lines.'),
      ],
      expected: [],
    },
  },

  FOREIGN_THINKING: {
    fires: {
      profile: 'anthropic',
      messages: [
        ask,
        by('claude-haiku-4-5', assistant(thinking(), call('toolu_1'))),
        user(result('toolu_1')),
        by('claude-opus-4-5', assistant(thinking(), 'Three lines.')),
      ],
      expected: [at('FOREIGN_THINKING', 'warning', 1, 0)],
    },
    nearly: {
      profile: 'anthropic',
      messages: [
        ask,
        by('claude-opus-4-5-20251101', assistant(thinking(), call('toolu_1'))),
        user(result('toolu_1')),
        by('us.anthropic.claude-opus-4-5-20251101-v1:0', assistant(thinking(), 'Three lines.')),
        by('<synthetic>', assistant('The request was interrupted.')),
      ],
      expected: [],
    },
  },

  MISSING_THOUGHT_SIGNATURE: {
    fires: {
      profile: 'gemini',
      messages: [
        ask,
        by('gemini-3-pro-preview', assistant(call('1'), call('2'))),
        user(result('1'), result('2')),
      ],
      expected: [
        at('MISSING_THOUGHT_SIGNATURE', 'error', 1, 0, '1'),
        at('UNFINISHED_TURN', 'note', 2, null),
      ],
    },
    nearly: {
      profile: 'gemini',
      messages: [
        ask,
        by('gemini-3-pro-preview', assistant(call('1'))),
        user(result('1')),
        answer,
        thanks,
        by('gemini-3-pro-preview', assistant(call('2', { thought_signature: 'c2ln' }), call('3'))),
        user(result('2'), result('3')),
      ],
      expected: [at('UNFINISHED_TURN', 'note', 6, null)],
    },
  },

  REASONING_WITHOUT_ITEM: {
    fires: {
      profile: 'openai-responses',
      messages: [ask, assistant(reasoning('rs_1')), thanks, answer],
      expected: [at('REASONING_WITHOUT_ITEM', 'error', 1, 0)],
    },
    nearly: {
      profile: 'openai-responses',
      messages: [
        ask,
        assistant(reasoning('rs_1')),
        assistant(reasoning('rs_2'), call('call_1')),
        user(result('call_1')),
        answer,
      ],
      expected: [],
    },
  },

  DUPLICATE_ITEM_ID: {
    fires: {
      profile: 'openai-responses',
      messages: [
        ask,
        assistant(reasoning('rs_1'), 'Three lines.'),
        thanks,
        assistant(reasoning('rs_1'), 'You are welcome.'),
      ],
      expected: [at('DUPLICATE_ITEM_ID', 'error', 3, 0)],
    },
    nearly: {
      profile: 'openai-responses',
      messages: [
        ask,
        assistant(reasoning('rs_1'), { ...text('Three lines.'), item_id: 'msg_1' }),
        thanks,
        assistant(reasoning('rs_2'), { ...text('You are welcome.'), item_id: 'msg_2' }),
      ],
      expected: [],
    },
  },

  UNPAIRED_SERVER_TOOL: {
    fires: {
      profile: 'anthropic',
      messages: [ask, assistant(search, 'Let me see.'), thanks, assistant(found, 'Three lines.')],
      expected: [
        at('UNPAIRED_SERVER_TOOL', 'error', 1, 0, 'srvtoolu_1'),
        at('UNPAIRED_SERVER_TOOL', 'error', 3, 0, 'srvtoolu_1'),
      ],
    },
    nearly: {
      profile: 'anthropic',
      messages: [
        ask,
        assistant(search, call('toolu_1')),
        user(result('toolu_1')),
        assistant(found, 'Three lines.'),
      ],
      expected: [],
    },
  },
};
