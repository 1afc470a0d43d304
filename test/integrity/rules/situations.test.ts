/**
 * One situation after the other, and what each provider makes of it: what is no fault for one is
 * fatal for another.
 */
import { describe, expect, test } from 'vitest';
import { type ProfileName, profileNames } from '../../../src/integrity/profile.ts';
import { type CheckOptions, checkConversation } from '../../../src/integrity/rules/check.ts';
import { placed, type PlainMessage } from '../../helpers/placed.ts';
import * as words from '../../helpers/conversation-words.ts';

const { user, assistant, system, call, result, thinking, text, by, idA, idB } = words;
const [ask, answer, thanks] = [user('Read my notes.'), assistant('Three lines.'), user('Thanks.')];

/** Findings as `CODE severity message.block`, by profile; `else` for those that are not named. */
type Expected = { readonly [profile in ProfileName | 'else']?: readonly string[] };

interface Situation {
  readonly messages: readonly PlainMessage[];
  readonly expected: Expected;
  readonly end?: CheckOptions['end'];
}

const claude = (...found: readonly string[]): Expected => ({ anthropic: found, bedrock: found });

const situations: Readonly<Record<string, Situation>> = {
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
    expected: claude('UNSIGNED_THINKING warning 1.0'),
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
  'half a character in a name': {
    messages: [ask, assistant(call(idA, { input: { '\ud800': 1 } })), user(result(idA)), answer],
    expected: { else: ['LONE_SURROGATE error 1.0'] },
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

function found({ messages, end }: Situation, profile: ProfileName): readonly string[] {
  const check = checkConversation(placed(messages), profile, end === undefined ? {} : { end });
  return check.findings.map(
    ({ code, severity, messageIndex, blockIndex }) =>
      `${code} ${severity} ${String(messageIndex)}.${blockIndex === null ? '-' : String(blockIndex)}`,
  );
}

describe('checkConversation', () => {
  const cases = Object.entries(situations).flatMap(([name, situation]) =>
    profileNames.map((profile) => [name, profile, situation] as const),
  );

  test.each(cases)('checkConversation judges %s for %s', (_name, profile, situation) => {
    const expected = situation.expected[profile] ?? situation.expected.else ?? [];
    expect(found(situation, profile)).toEqual(expected);
  });
});
