/** Situations of who speaks when, of thoughts, and of tools of the provider. */
import {
  user,
  assistant,
  system,
  call,
  result,
  thinking,
  text,
  by,
  idA,
  idB,
} from '../../../helpers/conversation-words.ts';
import { ask, answer, thanks, claude } from './situation.ts';
import type { Situation } from './situation.ts';

/** Who speaks when, thoughts, and tools of the provider. */
export const turns: Readonly<Record<string, Situation>> = {
  'an answer in front of everything': {
    messages: [system('Be brief.'), answer, thanks, answer],
    expected: {
      ...claude('LEADING_ASSISTANT error 1.-'),
      gemini: ['LEADING_ASSISTANT error 1.-'],
      mistral: [],
    },
  },

  'an answer at the end that is sent': {
    messages: [ask, assistant('Three lines.\n')],
    end: 'sent',
    expected: {
      ...claude('TRAILING_ASSISTANT error 1.-', 'TRAILING_WHITESPACE error 1.0'),
      gemini: ['TRAILING_ASSISTANT error 1.-'],
      mistral: ['TRAILING_ASSISTANT error 1.-'],
    },
  },

  'an answer at the end that is kept': {
    messages: [ask, assistant('Three lines.\n')],
    expected: claude('TRAILING_WHITESPACE warning 1.0'),
  },

  'words behind a call': {
    messages: [ask, assistant(call(idA), 'I am looking.'), user(result(idA)), answer],
    expected: claude('CONTENT_AFTER_CALL error 1.1'),
  },

  'thinking without a signature in an older turn': {
    messages: [ask, assistant(thinking({}), 'Three lines.'), thanks, answer],
    expected: claude('UNSIGNED_THINKING error 1.0'),
  },

  'thinking without a signature in the turn that goes on': {
    messages: [
      ask,
      assistant(thinking({ signature: '' }), call(idA)),
      user(result(idA)),
      assistant({ type: 'redacted_thinking' }, 'Three lines.'),
    ],
    expected: claude('UNSIGNED_THINKING error 1.0', 'UNSIGNED_THINKING error 3.0'),
  },

  'a signature, and an encrypted content, of which bytes are lost': {
    messages: [
      ask,
      assistant(thinking({ signature: 'c2l\uFFFD' }), call(idA)),
      user(result(idA)),
      assistant(
        { type: 'redacted_thinking', data: '\uFFFDA=' },
        { type: 'reasoning', encrypted_content: 'gA\uFFFD' },
        'Done.',
      ),
    ],
    expected: {
      ...claude('UNSIGNED_THINKING error 1.0', 'UNSIGNED_THINKING error 3.0'),
      'openai-responses': ['UNSIGNED_THINKING error 3.1'],
    },
  },

  'thinking of a model that was left': {
    messages: [
      ask,
      by('claude-haiku-4.5', assistant(thinking(), 'Three lines.')),
      thanks,
      by('anthropic/claude-opus-4-5@20251101', assistant('You are welcome.')),
    ],
    expected: {
      ...claude('FOREIGN_THINKING note 1.0'),
      'openai-responses': ['FOREIGN_THINKING note 1.0'],
    },
  },

  'thinking as the last words': {
    messages: [ask, assistant(thinking())],
    expected: {
      ...claude('UNFINISHED_TURN note 1.-', 'REASONING_WITHOUT_ITEM warning 1.0'),
      'openai-chat': ['EMPTY_MESSAGE warning 1.-', 'UNFINISHED_TURN note 1.-'],
      mistral: ['EMPTY_MESSAGE warning 1.-', 'UNFINISHED_TURN note 1.-'],
      else: ['UNFINISHED_TURN note 1.-'],
    },
  },

  'calls without the signature of Gemini': {
    messages: [
      ask,
      assistant(call(idA, { thought_signature: undefined })),
      user(result(idA)),
      assistant(call(idB), call('k9L0m1N2o', { thought_signature: undefined })),
      user(result(idB), result('k9L0m1N2o')),
    ],
    expected: {
      gemini: ['MISSING_THOUGHT_SIGNATURE error 1.0', 'UNFINISHED_TURN note 4.-'],
      else: ['UNFINISHED_TURN note 4.-'],
    },
  },

  'calls of an older Gemini': {
    messages: [
      ask,
      by('gemini-2.5-pro', assistant(call(idA, { thought_signature: undefined }))),
      user(result(idA)),
    ],
    expected: { else: ['UNFINISHED_TURN note 2.-'] },
  },

  'reasoning without what came of it': {
    messages: [
      ask,
      assistant({ type: 'reasoning', id: 'rs_1' }),
      thanks,
      assistant({ type: 'reasoning' }),
      thanks,
      answer,
    ],
    expected: {
      'openai-responses': [
        'REASONING_WITHOUT_ITEM error 1.0',
        'REASONING_WITHOUT_ITEM warning 3.0',
      ],
    },
  },

  'reasoning of the user': {
    messages: [user('Read.', { type: 'reasoning', id: 'rs_1' }), answer, thanks, answer],
    expected: { else: ['ROLE_ORDER error 0.1'] },
  },

  'items with one id': {
    messages: [
      ask,
      assistant({ ...text('Three lines.'), item_id: 'msg_1' }),
      thanks,
      assistant({ ...text('You are welcome.'), item_id: 'msg_1' }),
    ],
    expected: { 'openai-responses': ['DUPLICATE_ITEM_ID error 3.0'] },
  },

  'a tool of the provider at the end': {
    messages: [ask, assistant({ type: 'server_tool_use', id: 's1', name: 'web_search' })],
    expected: {
      anthropic: ['UNPAIRED_SERVER_TOOL warning 1.0'],
      bedrock: ['UNPAIRED_SERVER_TOOL note 1.0'],
    },
  },

  'a role that nobody knows': {
    messages: [ask, { role: 'narrator', content: 'A pause.' }, answer],
    expected: { else: ['UNKNOWN_ROLE warning 1.-'] },
  },

  'two messages of the user in a row': {
    messages: [ask, thanks, answer],
    expected: { bedrock: ['ROLE_ORDER error 1.-'] },
  },
};
