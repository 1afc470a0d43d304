/** Situations of calls and results: together, apart, and with something in between. */
import {
  user,
  assistant,
  system,
  call,
  result,
  idA,
  idB,
} from '../../../helpers/conversation-words.ts';
import { ask, answer, thanks, claude } from './situation.ts';
import type { Situation } from './situation.ts';

/** Calls and results: together, apart, and with something in between. */
export const calls: Readonly<Record<string, Situation>> = {
  'calls and results in their places': {
    messages: [
      ask,
      assistant('Let me look.', call(idA), call(idB)),
      user(result(idB), result(idA)),
      answer,
      thanks,
      answer,
    ],
    expected: {},
  },

  'parallel calls in messages of their own': {
    messages: [
      ask,
      assistant(call(idA)),
      assistant(call(idB)),
      user(result(idA), result(idB)),
      answer,
    ],
    expected: {
      bedrock: ['ROLE_ORDER error 2.-'],
      'openai-chat': ['DISPLACED_TOOL_RESULT error 3.0'],
      mistral: ['DISPLACED_TOOL_RESULT error 3.0'],
    },
  },

  'results in messages of their own': {
    messages: [ask, assistant(call(idA), call(idB)), user(result(idA)), user(result(idB)), answer],
    expected: { bedrock: ['ROLE_ORDER error 3.-'] },
  },

  'a role that nobody knows between call and result': {
    messages: [
      ask,
      assistant(call(idA)),
      { role: 'narrator', content: 'A pause.' },
      user(result(idA)),
      answer,
    ],
    expected: { else: ['UNKNOWN_ROLE warning 2.-'] },
  },

  'a role that nobody knows between two calls of a turn': {
    messages: [
      ask,
      assistant(call(idA)),
      { role: 'narrator', content: [call('lost')] },
      assistant(call(idB)),
      user(result(idA), result(idB)),
      answer,
    ],
    expected: {
      anthropic: ['UNKNOWN_ROLE warning 2.-'],
      bedrock: ['UNKNOWN_ROLE warning 2.-', 'ROLE_ORDER error 3.-'],
      'openai-chat': ['UNKNOWN_ROLE warning 2.-', 'DISPLACED_TOOL_RESULT error 4.0'],
      mistral: [
        'UNKNOWN_ROLE warning 2.-',
        'BAD_CALL_ID error 2.0',
        'DISPLACED_TOOL_RESULT error 4.0',
      ],
      else: ['UNKNOWN_ROLE warning 2.-'],
    },
  },

  'a role that nobody knows behind results, and nothing of the user': {
    messages: [
      ask,
      assistant(call(idA)),
      user(result(idA)),
      { role: 'narrator', content: 'A pause.' },
      answer,
    ],
    expected: { else: ['UNKNOWN_ROLE warning 3.-'] },
  },

  'words of the user between call and result': {
    messages: [ask, assistant(call(idA)), user('Be quick.', result(idA)), answer],
    expected: {
      ...claude('CONTENT_BEFORE_RESULT error 2.1'),
      'openai-chat': ['CONTENT_BEFORE_RESULT error 2.1'],
      mistral: ['CONTENT_BEFORE_RESULT error 2.1'],
      gemini: ['CONTENT_BEFORE_RESULT warning 2.1'],
    },
  },

  'instructions between call and result': {
    messages: [ask, assistant(call(idA)), system('Be brief.'), user(result(idA)), answer],
    expected: {
      'openai-chat': ['CONTENT_BEFORE_RESULT error 3.0'],
      mistral: ['ROLE_ORDER error 2.-', 'CONTENT_BEFORE_RESULT error 3.0'],
    },
  },

  'a result behind the next answer': {
    messages: [ask, assistant(call(idA)), thanks, answer, user(result(idA)), answer],
    expected: {
      'openai-responses': [],
      generic: [],
      else: ['DISPLACED_TOOL_RESULT error 4.0'],
    },
  },

  'a result in a message of the assistant': {
    messages: [ask, assistant(call(idA), result(idA)), thanks, answer],
    expected: {
      ...claude('CONTENT_AFTER_CALL error 1.1', 'DISPLACED_TOOL_RESULT error 1.1'),
      'openai-responses': ['ROLE_ORDER error 1.1'],
      generic: ['ROLE_ORDER error 1.1'],
      else: ['DISPLACED_TOOL_RESULT error 1.1'],
    },
  },

  'a call of the user': {
    messages: [user('Read my notes.', call(idA)), user(result(idA)), answer],
    expected: {
      else: ['ROLE_ORDER error 0.1'],
      bedrock: ['ROLE_ORDER error 0.1', 'ROLE_ORDER error 1.-'],
      mistral: ['ROLE_ORDER error 0.1'],
    },
  },

  'a result without a call, and one that names none': {
    messages: [ask, user(result(idA)), user(result(idA, { tool_use_id: undefined })), answer],
    expected: {
      bedrock: [
        'ROLE_ORDER error 1.-',
        'ORPHANED_TOOL_RESULT error 1.0',
        'ROLE_ORDER error 2.-',
        'ORPHANED_TOOL_RESULT error 2.0',
      ],
      else: ['ORPHANED_TOOL_RESULT error 1.0', 'ORPHANED_TOOL_RESULT error 2.0'],
    },
  },

  'an interruption behind a result': {
    messages: [ask, assistant(call(idA)), user(result(idA), '[interrupted by user]')],
    expected: {
      mistral: ['UNFINISHED_TURN note 2.-', 'ROLE_ORDER error 2.1'],
      else: ['UNFINISHED_TURN note 2.-'],
    },
  },

  'calls at the end that may still be answered': {
    messages: [ask, assistant(call(idA), call(idB)), user(result(idA))],
    expected: { else: ['DANGLING_TOOL_CALL warning 1.1', 'UNFINISHED_TURN warning 2.-'] },
  },

  'calls at the end before a message of the user': {
    messages: [ask, assistant(call(idA), call(idB)), user(result(idA))],
    end: 'resumed',
    expected: { else: ['DANGLING_TOOL_CALL error 1.1', 'UNFINISHED_TURN note 2.-'] },
  },

  'an id that comes again in a later turn': {
    messages: [
      ask,
      assistant(call(idA)),
      user(result(idA)),
      assistant(call(idA)),
      user(result(idA)),
      answer,
    ],
    expected: {
      ...claude('DUPLICATE_TOOL_CALL_ID error 3.0'),
      'openai-responses': ['DUPLICATE_TOOL_CALL_ID error 3.0'],
      else: ['DUPLICATE_TOOL_CALL_ID warning 3.0'],
    },
  },
};
