/** Conversations in the shape of Gemini, written out. */
import { describe, expect, test } from 'vitest';
import { toGemini } from '../../src/provider/gemini.ts';
import type { PlacedMessage } from '../../src/integrity/conversation.ts';
import type { NewBlock } from '../../src/session/message.ts';
import { call, image, pixel, placed, result } from '../helpers/written-history.ts';
import { history } from './one-history.ts';

describe('toGemini', () => {
  test('names the call that a response answers, and tells errors apart', () => {
    const { value, leftOut } = toGemini(history, { model: 'gemini-2.5-pro' });
    expect(leftOut.map(({ type }) => type)).toEqual(['thinking']);
    expect(value).toEqual({
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        {
          role: 'user',
          parts: [{ text: 'Look' }, { inlineData: { mimeType: 'image/png', data: pixel } }],
        },
        {
          role: 'model',
          parts: [
            { text: 'I do.' },
            { functionCall: { id: 'c1', name: 'run', args: { path: 'a' } } },
            { functionCall: { id: 'c2', name: 'run', args: { path: 'b' } } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'c1', name: 'run', response: { output: 'done' } } },
            { functionResponse: { id: 'c2', name: 'run', response: { error: 'gone' } } },
            { text: 'And?' },
          ],
        },
        { role: 'model', parts: [{ text: 'Nothing.' }] },
      ],
    });
  });

  test.each([
    ['gemini-2.5-pro', [{ inlineData: { mimeType: 'image/png', data: pixel } }]],
    ['gemini-3-pro', []],
  ])('shows a picture of a result to %s where it looks for it', (name, beside) => {
    const { value } = toGemini(
      placed(
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: [call('c1', {}, { thought_signature: 's' })] },
        { role: 'user', content: [result('c1', [image])] },
      ),
      { model: name },
    );
    const [response, ...rest] = value.contents[2]?.parts ?? [];
    expect(rest).toEqual(beside);
    expect(JSON.stringify(response).includes('inlineData')).toBe(beside.length === 0);
    expect(value.contents[1]?.parts[0]).toMatchObject({ thoughtSignature: 's' });
  });

  test('gives the stand-in of Google to calls of the current turn that nobody signed', () => {
    const asked = (...calls: readonly NewBlock[]): readonly PlacedMessage[] =>
      placed(
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: [call('old')] },
        { role: 'user', content: [result('old')] },
        { role: 'assistant', content: 'Done' },
        { role: 'user', content: 'Again' },
        { role: 'assistant', content: calls },
        { role: 'user', content: [result('c1'), result('c2')] },
      );
    const signatures = (model: string, ...calls: readonly NewBlock[]): readonly unknown[] =>
      toGemini(asked(...calls), { model })
        .value.contents.flatMap(({ parts }) => parts)
        .flatMap((part) => ('functionCall' in part ? [part.thoughtSignature] : []));
    const both = [call('c1'), call('c2')] as const;
    const standIn = 'skip_thought_signature_validator';
    expect(signatures('gemini-3-pro', ...both)).toEqual([undefined, standIn, undefined]);
    expect(signatures('gemini-2.5-pro', ...both)).toEqual([undefined, undefined, undefined]);
    const signed = call('c1', {}, { thought_signature: 's' });
    expect(signatures('gemini-3-pro', signed, call('c2'))).toEqual([undefined, 's', undefined]);
  });

  test('puts no stand-in on calls of a turn that ended in an answer', () => {
    const { value } = toGemini(
      placed(
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: [call('c1')] },
        { role: 'user', content: [result('c1')] },
        { role: 'assistant', content: 'Done' },
      ),
      { model: 'gemini-3-pro' },
    );
    expect(JSON.stringify(value)).not.toContain('thoughtSignature');
  });

  test('gives a structured response back as it came, unless its text was changed', () => {
    const response = { rows: [{ a: 1 }], ok: true };
    const text = JSON.stringify(response);
    const exported = (more: object): unknown => {
      const given = { ...result('c1', text), response, ...more } as NewBlock;
      const { value } = toGemini(
        placed(
          { role: 'user', content: 'Go' },
          { role: 'assistant', content: [call('c1')] },
          { role: 'user', content: [given] },
        ),
        { model: 'gemini-2.5-pro' },
      );
      const [part] = value.contents[2]?.parts ?? [];
      return part !== undefined && 'functionResponse' in part ? part.functionResponse.response : 0;
    };
    expect(exported({})).toEqual(response);
    expect(exported({ is_error: true })).toEqual(response);
    expect(exported({ content: [{ type: 'text', text }] })).toEqual(response);
    expect(exported({ content: 'gone' })).toEqual({ output: 'gone' });
    expect(exported({ content: '[1]', response: [1] })).toEqual({ output: '[1]' });
  });

  test('keeps thoughts that Gemini signed, and a signature that came with an empty part', () => {
    const { value } = toGemini(
      placed(
        { role: 'user', content: 'Go' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', thought_signature: 's' },
            { type: 'text', text: '', thought_signature: 't' },
          ],
        },
      ),
    );
    expect(value.contents[1]?.parts).toEqual([
      { text: 'Hm.', thought: true, thoughtSignature: 's' },
      { text: '', thoughtSignature: 't' },
    ]);
  });
});
