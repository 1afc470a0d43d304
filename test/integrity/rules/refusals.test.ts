/** What providers answer, and how somebody who pastes it finds the code. */
import { describe, expect, test } from 'vitest';
import { profileNames } from '../../../src/integrity/profile.ts';
import { codesForError, refusals } from '../../../src/integrity/rules/refusals.ts';
import { messageCodes, severityOf } from '../../../src/integrity/rules/severity-table.ts';

describe('refusals', () => {
  test('refusals stand only where the table has something to say', () => {
    for (const { code, profile, text } of refusals) {
      expect(severityOf(code, profile), `${profile}: ${text}`).not.toBe(null);
    }
  });

  test('refusals name what each provider with a published text says of an unanswered call', () => {
    const providers = refusals
      .filter(({ code }) => code === 'DANGLING_TOOL_CALL')
      .map(({ profile }) => profile);
    expect(new Set(providers)).toEqual(new Set(profileNames.filter((name) => name !== 'generic')));
  });

  test('refusals of Anthropic cover every code that it refuses', () => {
    for (const code of messageCodes.filter((one) => severityOf(one, 'anthropic') === 'error')) {
      const own = refusals.filter((one) => one.code === code && one.profile === 'anthropic');
      expect(own.length, code).toBeGreaterThan(0);
    }
  });
});

describe('codesForError', () => {
  test('codesForError finds each refusal by its own text', () => {
    for (const { code, text } of refusals) {
      expect(codesForError(text.replaceAll('…', 'x1')), text).toContain(code);
    }
  });

  test('codesForError finds each refusal inside a log line', () => {
    for (const { code, text } of refusals) {
      const message = `messages.12: ${text.replaceAll('…', 'toolu_01AbC')}`;
      const error = { type: 'error', error: { type: 'invalid_request_error', message } };
      const line = `API Error: 400 ${JSON.stringify(error)} at generate (cli.js:1299:12578)`;
      expect(codesForError(line), line).toContain(code);
    }
  });

  test.each([
    ['tool_use ids were found without tool_result', 'DANGLING_TOOL_CALL'],
    ['must be followed by tool messages', 'DANGLING_TOOL_CALL'],
    ['No tool output found for function call call_k20FunjGZouIu7PaUIAHz2G6.', 'DANGLING_TOOL_CALL'],
    ['number of function response parts is equal', 'DANGLING_TOOL_CALL'],
    [
      'Expected toolResult blocks at messages.2.content for the following Ids',
      'DANGLING_TOOL_CALL',
    ],
    ['unexpected tool_use_id found in tool_result blocks: toolu_01', 'ORPHANED_TOOL_RESULT'],
    ['No tool call found for function call output with call_id call_1', 'ORPHANED_TOOL_RESULT'],
    ['Found multiple tool_result blocks', 'DUPLICATE_TOOL_RESULT'],
    ['tool_use ids must be unique', 'DUPLICATE_TOOL_CALL_ID'],
    ['text content blocks must be non-empty', 'EMPTY_TEXT'],
    ['messages: text content blocks must contain non-whitespace text', 'EMPTY_TEXT'],
    ['The text field in the ContentBlock object at messages.0.content.0 is blank', 'EMPTY_TEXT'],
    ['redacted_thinking blocks in the latest assistant message', 'UNSIGNED_THINKING'],
    [
      "of type 'reasoning' was provided without its required following item",
      'REASONING_WITHOUT_ITEM',
    ],
    ['Duplicate item found with id rs_1', 'DUPLICATE_ITEM_ID'],
    ['function call turn comes immediately after a user turn', 'LEADING_ASSISTANT'],
    ['function call is missing a thought_signature', 'MISSING_THOUGHT_SIGNATURE'],
    ['no low surrogate in string: line 1 column 52', 'LONE_SURROGATE'],
    ['image dimensions exceed max allowed size for many-image requests', 'IMAGE_LIMIT'],
    ['Tool call id was call_0fypS1hVX but must be a-z, A-Z, 0-9', 'BAD_CALL_ID'],
    ["Unexpected role 'user' after role 'tool'", 'ROLE_ORDER'],
    ['Expected last role User or Tool', 'TRAILING_ASSISTANT'],
    ['A conversation must alternate between user and assistant roles', 'ROLE_ORDER'],
    ['final assistant content cannot end with trailing whitespace', 'TRAILING_WHITESPACE'],
  ])('codesForError takes "%s" for %s before anything else', (text, code) => {
    expect(codesForError(text)[0]).toBe(code);
  });

  test.each([
    'TORN_TAIL',
    'no such code',
    'tool',
    'the message must be',
    'the disk is full and nothing was written to the store',
    'rate limit exceeded, please slow down',
    'prompt is too long: 210000 tokens > 200000 maximum',
  ])('codesForError finds nothing for "%s"', (text) => {
    expect(codesForError(text)).toEqual([]);
  });
});
