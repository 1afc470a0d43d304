/**
 * Conversations for the rules: for every code one that fires it, and one that nearly does and must
 * not. What is expected is written by hand here; nothing is taken from the rules themselves.
 */

const user = (...content) => ({ role: 'user', content: content.map(block) });
const assistant = (...content) => ({ role: 'assistant', content: content.map(block) });
const block = (content) => (typeof content === 'string' ? text(content) : content);
const text = (words) => ({ type: 'text', text: words });
const call = (id, more = {}) => ({
  type: 'tool_use',
  id,
  name: 'read_file',
  input: { path: 'notes.txt' },
  ...more,
});
const result = (id, more = {}) => ({
  type: 'tool_result',
  tool_use_id: id,
  content: 'three lines',
  ...more,
});
const thinking = (more = { signature: 'c2lnbmF0dXJl' }) => ({
  type: 'thinking',
  thinking: 'The notes may tell.',
  ...more,
});
const by = (model, message) => ({ ...message, model });

const ask = user('What is in my notes?');
const answer = assistant('Three lines.');
const thanks = user('Thank you.');

/** An expected finding: its code, how much it weighs, the message and the block. */
const at = (code, severity, message, block, callId = null) => ({
  code,
  severity,
  message,
  block,
  callId,
});

/** The first bytes of a PNG of this size; nothing reads further. */
function png(width, height) {
  const bytes = Buffer.alloc(33);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  bytes.writeUInt32BE(13, 8);
  bytes.write('IHDR', 12, 'latin1');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  const source = { type: 'base64', media_type: 'image/png', data: bytes.toString('base64') };
  return { type: 'image', source };
}

const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} };
const found = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] };
const reasoning = (id) => ({ type: 'reasoning', id, summary: [], encrypted_content: 'Z3B0' });

/** By code: what fires it, and what nearly does. */
const cases = {
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
  EMPTY_MESSAGE: {
    fires: {
      profile: 'anthropic',
      messages: [ask, assistant('\n\n'), thanks, answer],
      expected: [at('EMPTY_MESSAGE', 'error', 1, null)],
    },
    nearly: {
      profile: 'anthropic',
      messages: [
        ask,
        assistant(call('toolu_1')),
        user(result('toolu_1', { content: '' })),
        assistant(png(8, 8)),
      ],
      expected: [],
    },
  },
  EMPTY_TEXT: {
    fires: {
      profile: 'anthropic',
      messages: [
        ask,
        assistant('\n\n', call('toolu_1')),
        user(result('toolu_1', { content: [text('')] })),
        answer,
      ],
      expected: [at('EMPTY_TEXT', 'error', 1, 0), at('EMPTY_TEXT', 'error', 2, 0)],
    },
    nearly: {
      profile: 'anthropic',
      messages: [
        ask,
        assistant('.', call('toolu_1')),
        user(result('toolu_1', { content: '' })),
        answer,
      ],
      expected: [],
    },
  },
  BAD_CALL_ID: {
    fires: {
      profile: 'mistral',
      messages: [ask, assistant(call('call_12345')), user(result('call_12345')), answer],
      expected: [at('BAD_CALL_ID', 'error', 1, 0, 'call_12345')],
    },
    nearly: {
      profile: 'mistral',
      messages: [ask, assistant(call('a1B2c3D4e')), user(result('a1B2c3D4e')), answer],
      expected: [],
    },
  },
  BAD_TOOL_NAME: {
    fires: {
      profile: 'openai-chat',
      messages: [
        ask,
        assistant(call('call_1', { name: 'notes.read' })),
        user(result('call_1')),
        answer,
      ],
      expected: [at('BAD_TOOL_NAME', 'error', 1, 0, 'call_1')],
    },
    nearly: {
      profile: 'gemini',
      messages: [
        ask,
        assistant(call('call_1', { name: 'notes.read', thought_signature: 'c2ln' })),
        user(result('call_1')),
        answer,
      ],
      expected: [],
    },
  },
  BAD_ARGUMENTS: {
    fires: {
      profile: 'anthropic',
      messages: [
        ask,
        assistant(call('toolu_1', { input: '{"path": "no' })),
        user(result('toolu_1')),
        answer,
      ],
      expected: [at('BAD_ARGUMENTS', 'error', 1, 0, 'toolu_1')],
    },
    nearly: {
      profile: 'anthropic',
      messages: [ask, assistant(call('toolu_1', { input: {} })), user(result('toolu_1')), answer],
      expected: [],
    },
  },
  ROLE_ORDER: {
    fires: {
      profile: 'mistral',
      messages: [ask, assistant(call('a1B2c3D4e')), user(result('a1B2c3D4e'), 'Be quick.'), answer],
      expected: [at('ROLE_ORDER', 'error', 2, 1)],
    },
    nearly: {
      profile: 'mistral',
      messages: [
        ask,
        assistant(call('a1B2c3D4e'), call('e4D3c2B1a')),
        user(result('a1B2c3D4e')),
        user(result('e4D3c2B1a')),
        assistant('Three lines.'),
        thanks,
        user('That was all.'),
        answer,
      ],
      expected: [],
    },
  },
  LEADING_ASSISTANT: {
    fires: {
      profile: 'anthropic',
      messages: [answer, thanks, assistant('You are welcome.')],
      expected: [at('LEADING_ASSISTANT', 'error', 0, null)],
    },
    nearly: {
      profile: 'anthropic',
      messages: [{ role: 'system', content: [text('Answer in one sentence.')] }, ask, answer],
      expected: [],
    },
  },
  TRAILING_ASSISTANT: {
    fires: {
      profile: 'mistral',
      end: 'sent',
      messages: [ask, answer],
      expected: [at('TRAILING_ASSISTANT', 'error', 1, null)],
    },
    nearly: { profile: 'mistral', end: 'resumed', messages: [ask, answer], expected: [] },
  },
  TRAILING_WHITESPACE: {
    fires: {
      profile: 'anthropic',
      messages: [ask, assistant('Three lines. ')],
      expected: [at('TRAILING_WHITESPACE', 'warning', 1, 0)],
    },
    nearly: {
      profile: 'anthropic',
      messages: [ask, assistant('Three lines. '), thanks, assistant('You are welcome.')],
      expected: [],
    },
  },
  CONTENT_AFTER_CALL: {
    fires: {
      profile: 'anthropic',
      messages: [ask, assistant(call('toolu_1'), 'I am looking.'), user(result('toolu_1')), answer],
      expected: [at('CONTENT_AFTER_CALL', 'error', 1, 1)],
    },
    nearly: {
      profile: 'anthropic',
      messages: [
        ask,
        assistant('I am looking.', call('toolu_1'), call('toolu_2')),
        user(result('toolu_1'), result('toolu_2')),
        answer,
      ],
      expected: [],
    },
  },
  CONTENT_BEFORE_RESULT: {
    fires: {
      profile: 'anthropic',
      messages: [
        ask,
        assistant(call('toolu_1')),
        user('Be quick.'),
        user(result('toolu_1')),
        answer,
      ],
      expected: [at('CONTENT_BEFORE_RESULT', 'error', 3, 0, 'toolu_1')],
    },
    nearly: {
      profile: 'anthropic',
      messages: [ask, assistant(call('toolu_1')), user(result('toolu_1'), 'Be quick.'), answer],
      expected: [],
    },
  },
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
  LONE_SURROGATE: {
    fires: {
      profile: 'openai-chat',
      messages: [
        ask,
        assistant(call('call_1', { input: { path: 'notes \ud83d' } })),
        user(result('call_1')),
        answer,
      ],
      expected: [at('LONE_SURROGATE', 'error', 1, 0)],
    },
    nearly: {
      profile: 'openai-chat',
      messages: [
        ask,
        assistant(call('call_1', { input: { path: 'notes \ud83d\ude00' } })),
        user(result('call_1')),
        answer,
      ],
      expected: [],
    },
  },
  IMAGE_LIMIT: {
    fires: {
      profile: 'anthropic',
      messages: [
        user(png(2001, 100)),
        assistant(call('toolu_1')),
        user(result('toolu_1', { content: Array.from({ length: 20 }, () => png(100, 100)) })),
        answer,
      ],
      expected: [at('IMAGE_LIMIT', 'error', 0, 0)],
    },
    nearly: {
      profile: 'anthropic',
      messages: [
        user(png(2001, 8000)),
        assistant(call('toolu_1')),
        user(result('toolu_1', { content: Array.from({ length: 19 }, () => png(100, 100)) })),
        answer,
      ],
      expected: [],
    },
  },
  // A text with `times` stands for itself so many times: nobody wants a file of 32 MiB.
  REQUEST_TOO_LARGE: {
    fires: {
      profile: 'anthropic',
      messages: [ask, answer, user({ ...text('notes '), times: 5_700_000 }), answer],
      expected: [at('REQUEST_TOO_LARGE', 'warning', 2, null)],
    },
    nearly: {
      profile: 'anthropic',
      messages: [ask, answer, user({ ...text('notes '), times: 5_500_000 }), answer],
      expected: [],
    },
  },
  UNKNOWN_ROLE: {
    fires: {
      profile: 'generic',
      messages: [ask, { role: 'narrator', content: [text('A pause.')] }, answer],
      expected: [at('UNKNOWN_ROLE', 'warning', 1, null)],
    },
    nearly: {
      profile: 'generic',
      messages: [{ role: 'developer', content: [text('Answer briefly.')] }, ask, answer],
      expected: [],
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

const conversation = ({ profile, end, messages, expected }) =>
  Buffer.from(`${JSON.stringify({ profile, end, messages, expected }, null, 2)}\n`);

/** Every file below `fixtures/transcripts/`. */
export const files = Object.entries(cases).flatMap(([code, { fires, nearly }]) => [
  { path: `findings/${code}/fires.json`, bytes: conversation(fires) },
  { path: `findings/${code}/nearly.json`, bytes: conversation(nearly) },
]);
