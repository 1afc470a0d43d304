/** What a plan does about roles and the order of messages, and about images, before and after. */
import { describe, expect, test } from 'vitest';
import type { ContentBlock } from '../../../src/session/message.ts';
import { user, model, system, call, result, thought, text } from '../../helpers/short-history.ts';
import { repaired } from './repaired.ts';

describe('planRepair of roles', () => {
  test('halves of a tool of the provider on two sides of a prompt are no pair', () => {
    const search = { type: 'server_tool_use', id: 's', name: 'w', input: {} } as ContentBlock;
    const found = { type: 'web_search_tool_result', tool_use_id: 's', content: 'x' };
    const history = [user('hi'), model(search), user('on'), model(found as ContentBlock)];
    expect(repaired(history, 'anthropic', 'drop').after).toEqual([user('hi'), user('on')]);
    const between = history.with(2, user(result('a'))).with(1, model(search, call('a')));
    expect(repaired(between).plan.edits).toEqual([]);
  });

  test('a beginning that is missing is told', () => {
    const { after } = repaired([system('rules'), model('hello')]);
    expect(after).toEqual([
      system('rules'),
      user('[The beginning of this conversation is missing.]'),
      model('hello'),
    ]);
    expect(repaired([model('hello')], 'openai-chat').plan.edits).toEqual([]);
  });

  test('messages of one side in a row are joined only where they must take turns', () => {
    const history = [user('a'), user('b'), model('c'), model(call('d')), user(result('d'))];
    expect(repaired(history).plan.edits).toEqual([]);
    expect(repaired(history, 'bedrock').after).toEqual([
      user('a', 'b'),
      model('c', call('d')),
      user(result('d')),
    ]);
  });

  test('what stands behind a call moves in front of it for Claude', () => {
    const history = [user('hi'), model(call('a'), 'wait'), user(result('a'))];
    expect(repaired(history).after[1]).toEqual(model('wait', call('a')));
    expect(repaired(history, 'openai-chat').plan.edits).toEqual([]);
  });

  test('the model speaks between results and the user for Mistral', () => {
    const id = 'abcdefghi';
    const history = [user('hi'), model(call(id)), user(result(id), 'and')];
    expect(repaired(history, 'mistral').after.slice(2)).toEqual([
      user(result(id)),
      model('[The answer to these results is missing.]'),
      user('and'),
    ]);
  });

  test('the user speaks in front of instructions for Mistral', () => {
    const id = 'abcdefghi';
    const history = [user('hi'), model(call(id)), user(result(id)), system('rules')];
    expect(repaired(history, 'mistral').after.slice(3)).toEqual([
      model('[The answer to these results is missing.]'),
      user('[Instructions follow.]'),
      system('rules'),
    ]);
  });

  test('a thought that is not of the model is quoted, or dropped', () => {
    const history = [user('hi', thought('hm', 's'))];
    expect(repaired(history).after).toEqual([user('hi', '[A thought that is nobody’s: hm]')]);
    expect(repaired(history, 'generic', 'drop').plan.lost).toMatchObject([{ text: 'hm' }]);
  });

  test('unknown roles become the user, and calls that nobody made are quoted', () => {
    const told = { role: 'narrator', content: [text('meanwhile')] };
    expect(repaired([told]).after).toEqual([user('meanwhile')]);
    const quoted = repaired([user('hi', call('a', { n: 1 }))]).after[0]?.content[1];
    expect(quoted).toEqual(text('[A call of a tool that nobody made: bash({"n":1})]'));
  });

  test('a picture that is too large is told, where it is and where many make it so', () => {
    const picture = (width: number, height: number): ContentBlock => {
      const bytes = Buffer.alloc(33);
      bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
      bytes.writeUInt32BE(13, 8);
      bytes.write('IHDR', 12, 'latin1');
      bytes.writeUInt32BE(width, 16);
      bytes.writeUInt32BE(height, 20);
      const source = { type: 'base64', media_type: 'image/png', data: bytes.toString('base64') };
      return { type: 'image', source } as ContentBlock;
    };
    const told = (...pictures: readonly ContentBlock[]): readonly string[] =>
      repaired([user('look'), user(...pictures)]).plan.unmended.map((one) => one.told);
    expect(told(picture(8001, 10))).toMatchObject([expect.stringContaining('8001 pixels')]);
    expect(told(picture(8000, 2001))).toEqual([]);
    const many = Array.from({ length: 20 }, () => picture(2000, 10));
    expect(told(...many)).toEqual([]);
    expect(told(picture(2001, 10), ...many)).toMatchObject([
      expect.stringContaining('2001 pixels'),
    ]);
  });

  test('too many images are told and not touched', () => {
    const many = Array.from({ length: 101 }, (): ContentBlock => ({ type: 'image', source: {} }));
    const { plan } = repaired([user('look', ...many)]);
    expect(plan.edits).toEqual([]);
    expect(plan.unmended).toEqual([
      {
        reason: 'IMAGE_LIMIT',
        told: expect.stringContaining('There are 101 pictures; a request may hold 100.'),
      },
    ]);
  });

  test('images in a result of no known call count, as they stay beside its words', () => {
    const image = { type: 'image', source: {} };
    const nameless = { type: 'tool_result', content: [image] } as unknown as ContentBlock;
    const many = Array.from({ length: 100 }, () => image as ContentBlock);
    const { plan } = repaired([user('look', ...many), user(nameless), model('ok')]);
    expect(plan.unmended).toMatchObject([{ reason: 'IMAGE_LIMIT' }]);
  });
});
