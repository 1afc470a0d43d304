/** Roles and places: conversations that fire a rule, and that nearly do. */
import { user, assistant, text, call, result, ask, answer, thanks, at } from './words.mjs';

/** Roles, and blocks in a place where they may not stand, by code. */
export const order = {
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
};
