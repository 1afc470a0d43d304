/** Contents by themselves: conversations that fire a rule, and that nearly do. */
import { user, assistant, text, call, result, ask, answer, thanks, at } from './words.mjs';

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

/** Contents that are empty, malformed or too large, by code. */
export const shapes = {
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

  MALFORMED_BLOCK: {
    fires: {
      profile: 'anthropic',
      messages: [
        user('What is in my notes?', { type: 'unknown', value: null }),
        assistant('Three lines.', { type: 'unknown', value: { words: 'No type.' } }),
      ],
      expected: [at('MALFORMED_BLOCK', 'error', 0, 1), at('MALFORMED_BLOCK', 'error', 1, 1)],
    },
    nearly: {
      profile: 'anthropic',
      messages: [user('What is in my notes?', { type: 'block_of_next_month', x: 1 }), answer],
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
};
