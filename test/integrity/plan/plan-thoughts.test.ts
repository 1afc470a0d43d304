/** What a plan does about thoughts and signatures, as conversations before and after. */
import { describe, expect, test } from 'vitest';
import { planRepair } from '../../../src/integrity/plan/plan-repair.ts';
import type { ContentBlock } from '../../../src/session/message.ts';
import * as short from '../../helpers/short-history.ts';
import { user, model, call, result, thought, text } from '../../helpers/short-history.ts';
import { repaired } from './repaired.ts';

describe('planRepair of thoughts and signatures', () => {
  test('an unsigned thought of the latest turn becomes a text, or goes by drop', () => {
    const history = [user('hi'), model(thought('hm'), 'well')];
    expect(repaired(history).after[1]).toEqual(model('hm', 'well'));
    const dropped = repaired(history, 'anthropic', 'drop');
    expect(dropped.after[1]).toEqual(model('well'));
    expect(dropped.plan.lost).toMatchObject([{ kind: 'thinking', text: 'hm' }]);
    expect(repaired(history, 'openai-chat').plan.edits).toEqual([]);
  });

  // The provider looks at the form of older turns too: "thinking.signature: Field required".
  test('an unsigned thought of an older turn goes, and is told as lost', () => {
    const history = [user('hi'), model(thought('hm'), 'well'), user('on'), model('ok')];
    const { after, plan } = repaired(history);
    expect(after).toEqual([user('hi'), model('well'), user('on'), model('ok')]);
    expect(plan.lost).toMatchObject([{ kind: 'thinking', text: 'hm' }]);
    const alone = [user('hi'), model(thought('hm')), user('on'), model('ok')];
    expect(repaired(alone).after).toEqual([user('hi'), user('on'), model('ok')]);
    expect(repaired(history, 'openai-chat').plan.edits).toEqual([]);
  });

  test('a signature does not outlive a change of its thought', () => {
    const history = [user('hi'), model(thought('a\ud83d', 's'), 'well'), user('on')];
    expect(repaired(history).after[1]).toEqual(model('well'));
    expect(repaired(history.slice(0, 2)).after[1]).toEqual(model('a\ufffd', 'well'));
  });

  test('a signature, or an encrypted content, of which bytes are lost is none', () => {
    const history = [user('hi'), model(thought('hm', 'c2l\ufffd'), 'well')];
    expect(repaired(history).after[1]).toEqual(model('hm', 'well'));
    const block = (members: object): ContentBlock => members as ContentBlock;
    const redacted = block({ type: 'redacted_thinking', data: '\ufffdA=' });
    expect(repaired([user('hi'), model(redacted, 'well')]).after[1]).toEqual(model('well'));
    const reasoning = block({ type: 'reasoning', summary: [], encrypted_content: 'gA\ufffd' });
    const items = [user('hi'), model(reasoning, 'well'), user('on'), model('ok')];
    expect(repaired(items, 'openai-responses').after[1]).toEqual(model('well'));
    expect(repaired(items, 'openai-chat').plan.edits).toEqual([]);
    const compaction = block({ type: 'compaction', encrypted_content: 'gA\ufffd' });
    const compacted = repaired([user('hi'), model(compaction, 'well')], 'openai-responses');
    expect(compacted.after[1]).toEqual(model('well'));
    expect(compacted.plan.lost).toHaveLength(1);
    const signed = block({ ...call('a'), thought_signature: 'c2l\ufffd' });
    const loop = [user('hi'), model(signed), user(result('a'))];
    const standIn = { ...call('a'), thought_signature: 'skip_thought_signature_validator' };
    expect(repaired(loop, 'gemini').after[1]).toEqual(model(block(standIn)));
  });

  test('an unsigned thought in front of a signed one goes: the signed one must be first', () => {
    const history = [user('hi'), model(thought('hm'), thought('so', 's'), 'well')];
    expect(repaired(history).after[1]).toEqual(model(thought('so', 's'), 'well'));
  });

  test('Gemini gets a signature that stands for none, as long as the loop goes on', () => {
    const history = [user('hi'), model(call('a'), call('b')), user(result('a'), result('b'))];
    const signed = { ...call('a'), thought_signature: 'skip_thought_signature_validator' };
    expect(repaired(history, 'gemini').after[1]).toEqual(model(signed as ContentBlock, call('b')));
    expect(repaired([...history, model('done')], 'gemini').plan.edits).toEqual([]);
    const older = short.placed(history, 'gemini-2.5-pro');
    expect(planRepair(older, 'gemini', 'annotate').edits).toEqual([]);
  });

  test('reasoning that led to nothing goes, and no item comes twice', () => {
    const item = (id: string, words: string): ContentBlock =>
      ({ type: 'reasoning', id, summary: [{ text: words }] }) as unknown as ContentBlock;
    const idle = repaired([user('hi'), model(item('r', 'hm')), user('on')], 'openai-responses');
    expect(idle.after).toEqual([user('hi'), user('on')]);
    expect(idle.plan.lost).toMatchObject([{ kind: 'thinking', text: 'hm' }]);
    const twice = [user('hi'), model(item('r', 'a'), item('r', 'a'), item('r', 'b'), 'x')];
    const { after } = repaired(twice, 'openai-responses');
    expect(after[1]?.content.map((block) => block['id'] as unknown)).toEqual([
      'r',
      undefined,
      undefined,
    ]);
    expect(after[1]?.content).toHaveLength(3);
  });

  test('a tool of the provider without its other half is quoted, or dropped', () => {
    const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } };
    const history = [user('hi'), model(search as ContentBlock, 'well')];
    expect(repaired(history).after[1]?.content[0]).toEqual(
      text('[A call that the provider runs itself has no result here: web_search({"query":"q"})]'),
    );
    expect(repaired(history, 'anthropic', 'drop').after[1]).toEqual(model('well'));
    expect(repaired(history, 'openai-chat').plan.edits).toEqual([]);
  });

  test('an answer of reasoning alone says so, or goes by drop; the reasoning is not lost', () => {
    const history = [user('hi'), model(thought('hm')), user('on'), model('ok')];
    const ended = '[The answer ended in its reasoning.]';
    for (const profile of ['openai-chat', 'mistral'] as const) {
      const { after, plan } = repaired(history, profile);
      expect(after).toEqual(history.with(1, model(thought('hm'), ended)));
      expect([plan.lost, plan.edits.map(({ reason }) => reason)]).toEqual([[], ['EMPTY_MESSAGE']]);
      const dropped = repaired(history, profile, 'drop');
      expect(dropped.after).toEqual(history.toSpliced(1, 1));
      expect(dropped.plan.lost).toMatchObject([{ kind: 'thinking', text: 'hm' }]);
    }
    const spoken = [user('hi'), model(thought('hm'), 'well'), user('on')];
    expect(repaired(spoken, 'openai-chat').plan.edits).toEqual([]);
    const said = [{ type: 'text', text: 'hm' }];
    const own = { type: 'thinking', thinking: said } as unknown as ContentBlock;
    expect(repaired([user('hi'), model(own), user('on')], 'mistral').plan.edits).toEqual([]);
  });
});
