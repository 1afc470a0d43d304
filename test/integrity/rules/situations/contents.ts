/** Situations of contents that are empty or out of shape. */
import {
  user,
  assistant,
  call,
  result,
  text,
  thinking,
  idA,
  idB,
} from '../../../helpers/conversation-words.ts';
import { ask, answer, thanks, claude } from './situation.ts';
import type { Situation } from './situation.ts';

/** Contents that are empty or out of shape. */
export const contents: Readonly<Record<string, Situation>> = {
  'a message without anything to see': {
    messages: [ask, assistant(' \n'), thanks, answer],
    expected: {
      'openai-chat': ['EMPTY_MESSAGE warning 1.-'],
      'openai-responses': ['EMPTY_MESSAGE warning 1.-'],
      generic: ['EMPTY_MESSAGE warning 1.-'],
      else: ['EMPTY_MESSAGE error 1.-'],
    },
  },

  'a message of no parts at all': {
    messages: [ask, assistant(), thanks, answer],
    expected: {
      'openai-responses': ['EMPTY_MESSAGE warning 1.-'],
      generic: ['EMPTY_MESSAGE warning 1.-'],
      else: ['EMPTY_MESSAGE error 1.-'],
    },
  },

  'blocks of a shape that nobody takes': {
    messages: [
      user({ type: 'image', source: null }, 'What is in my notes?'),
      assistant(call(idA)),
      user(result(idA, { content: null } as never)),
      answer,
      thanks,
      assistant(call(idB)),
      user(result(idB, { content: [{ type: 'thinking', thinking: 'Hm.' }] } as never)),
      answer,
    ],
    expected: {
      else: ['MALFORMED_BLOCK error 0.0', 'MALFORMED_BLOCK error 2.0', 'MALFORMED_BLOCK error 6.0'],
    },
  },

  'a result that tells in other words that it is an error': {
    messages: [ask, assistant(call(idA)), user(result(idA, { is_error: 'yes' } as never)), answer],
    expected: { else: ['MALFORMED_BLOCK error 2.0'] },
  },

  'an answer of reasoning alone': {
    messages: [ask, assistant(thinking({ signature: 'c2ln' })), thanks, answer],
    expected: {
      'openai-chat': ['EMPTY_MESSAGE error 1.-'],
      mistral: ['EMPTY_MESSAGE error 1.-'],
      else: [],
    },
  },

  'an answer of reasoning and a blank text': {
    messages: [ask, assistant(thinking({ signature: 'c2ln' }), ''), thanks, answer],
    expected: {
      ...claude('EMPTY_TEXT error 1.1'),
      gemini: ['EMPTY_TEXT error 1.1'],
      mistral: ['EMPTY_MESSAGE error 1.-', 'EMPTY_TEXT warning 1.1'],
      else: ['EMPTY_TEXT warning 1.1'],
    },
  },

  'an answer that was interrupted before its first word': {
    messages: [ask, assistant()],
    expected: { else: ['EMPTY_MESSAGE warning 1.-', 'UNFINISHED_TURN note 1.-'] },
  },

  'blank texts beside a call and in its result': {
    messages: [
      ask,
      assistant('\n\n', call(idA)),
      user(result(idA, { content: [text(''), text('three lines')] })),
      answer,
    ],
    expected: {
      ...claude('EMPTY_TEXT error 1.0', 'EMPTY_TEXT error 2.0'),
      gemini: ['EMPTY_TEXT error 1.0', 'EMPTY_TEXT error 2.0'],
      else: ['EMPTY_TEXT warning 1.0', 'EMPTY_TEXT warning 2.0'],
    },
  },

  'values that are no blocks, in a message and in a result': {
    messages: [
      user({ type: 'unknown', value: null }, 'What is in my notes?'),
      assistant(call(idA), { type: 'block_of_next_month' }),
      user(result(idA, { content: [null, text('three lines')] } as never)),
      answer,
    ],
    expected: {
      ...claude(
        'MALFORMED_BLOCK error 0.0',
        'CONTENT_AFTER_CALL error 1.1',
        'MALFORMED_BLOCK error 2.0',
      ),
      else: ['MALFORMED_BLOCK error 0.0', 'MALFORMED_BLOCK error 2.0'],
    },
  },

  'a result that printed nothing': {
    messages: [ask, assistant(call(idA)), user(result(idA, { content: '' })), answer],
    expected: {},
  },

  'an error that printed nothing': {
    messages: [
      ask,
      assistant(call(idA)),
      user(result(idA, { content: '', is_error: true })),
      answer,
    ],
    expected: { bedrock: ['EMPTY_TEXT error 2.0'] },
  },

  'an id with other characters': {
    messages: [ask, assistant(call('call:1.a|b')), user(result('call:1.a|b')), answer],
    expected: {
      ...claude('BAD_CALL_ID error 1.0'),
      mistral: ['BAD_CALL_ID error 1.0'],
    },
  },

  'an id with dots and colons': {
    messages: [ask, assistant(call('call:1.a')), user(result('call:1.a')), answer],
    expected: { anthropic: ['BAD_CALL_ID error 1.0'], mistral: ['BAD_CALL_ID error 1.0'] },
  },

  'an id of 41 characters': {
    messages: [ask, assistant(call('x'.repeat(41))), user(result('x'.repeat(41))), answer],
    expected: { 'openai-chat': ['BAD_CALL_ID error 1.0'], mistral: ['BAD_CALL_ID error 1.0'] },
  },

  'an id of 65 characters': {
    messages: [ask, assistant(call('x'.repeat(65))), user(result('x'.repeat(65))), answer],
    expected: { gemini: [], generic: [], else: ['BAD_CALL_ID error 1.0'] },
  },

  'a call without an id': {
    messages: [ask, assistant(call('', { id: null })), thanks, answer],
    expected: { else: ['BAD_CALL_ID error 1.0'] },
  },

  'a name of 65 characters': {
    messages: [ask, assistant(call(idA, { name: 'n'.repeat(65) })), user(result(idA)), answer],
    expected: {
      'openai-chat': ['BAD_TOOL_NAME error 1.0'],
      bedrock: ['BAD_TOOL_NAME error 1.0'],
      mistral: ['BAD_TOOL_NAME error 1.0'],
    },
  },

  'a call without a name': {
    messages: [ask, assistant(call(idA, { name: '' })), user(result(idA)), answer],
    expected: { else: ['BAD_TOOL_NAME error 1.0'] },
  },

  'arguments that are a list': {
    messages: [ask, assistant(call(idA, { input: ['notes.txt'] })), user(result(idA)), answer],
    expected: {
      ...claude('BAD_ARGUMENTS error 1.0'),
      gemini: ['BAD_ARGUMENTS error 1.0'],
      else: ['BAD_ARGUMENTS warning 1.0'],
    },
  },

  'arguments that are no JSON': {
    messages: [ask, assistant(call(idA, { input: '{"path": "no' })), user(result(idA)), answer],
    expected: {
      generic: ['BAD_ARGUMENTS warning 1.0'],
      else: ['BAD_ARGUMENTS error 1.0'],
    },
  },

  'a call without arguments': {
    messages: [ask, assistant(call(idA, { input: undefined })), user(result(idA)), answer],
    expected: {
      generic: ['BAD_ARGUMENTS warning 1.0'],
      else: ['BAD_ARGUMENTS error 1.0'],
    },
  },

  'half a character in a name': {
    messages: [ask, assistant(call(idA, { input: { '\ud800': 1 } })), user(result(idA)), answer],
    expected: { else: ['LONE_SURROGATE error 1.0'] },
  },
};
