/** Edits carried out in memory: what is touched, what is not, and where new pieces stand. */
import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../../src/integrity/plan/apply-edits.ts';
import type { Edit } from '../../../src/integrity/plan/edit.ts';
import * as short from '../../helpers/short-history.ts';

const { user, model, text } = short;
const why = { reason: 'EMPTY_TEXT', told: 'Because.' } as const;
const messages = short.placed([user('a', 'b'), model('c'), user('d')]);

describe('applyEdits', () => {
  test('takes numbers of before all edits, in any order of the edits', () => {
    const edits: readonly Edit[] = [
      { kind: 'insert-message', before: 0, role: 'user', content: [text('first')], ...why },
      { kind: 'remove-block', at: { message: 0, block: 0 }, ...why },
      { kind: 'insert-block', at: { message: 0, block: 2 }, content: text('z'), ...why },
      { kind: 'remove-message', message: 1, ...why },
      { kind: 'replace-block', at: { message: 2, block: 0 }, content: text('D'), ...why },
      { kind: 'insert-message', before: 3, role: 'assistant', content: [text('last')], ...why },
    ];
    const expected = [user('first'), user('b', 'z'), user('D'), model('last')];
    expect(short.bare(applyEdits(messages, edits))).toEqual(expected);
    expect(short.bare(applyEdits(messages, edits.toReversed()))).toEqual(expected);
  });

  test('insertions at one point come out in the order of the plan', () => {
    const at = { message: 0, block: 1 };
    const edits = ['x', 'y'].map(
      (words): Edit => ({ kind: 'insert-block', at, content: text(words), ...why }),
    );
    expect(short.bare(applyEdits(messages, edits))[0]).toEqual(user('a', 'x', 'y', 'b'));
  });

  test('hands on what no edit touches as the same objects', () => {
    const edits: readonly Edit[] = [{ kind: 'remove-block', at: { message: 0, block: 0 }, ...why }];
    const after = applyEdits(messages, edits);
    expect(after[1]).toBe(messages[1]);
    expect(after[0]?.content[0]).toBe(messages[0]?.content[1]);
  });

  test('gives new pieces the place of their neighbour, without bytes and id', () => {
    const edits: readonly Edit[] = [
      { kind: 'insert-message', before: 1, role: 'user', content: [text('new')], ...why },
      { kind: 'insert-block', at: { message: 2, block: 0 }, content: text('new'), ...why },
    ];
    const after = applyEdits(messages, edits);
    const place = { record: 0, offset: 0, length: 0, line: 1, id: null };
    expect(after[1]).toMatchObject({ place, places: [place], model: null });
    expect(after[3]?.places).toEqual([
      { record: 2, offset: 200, length: 0, line: 3, id: null },
      messages[2]?.places[0],
    ]);
    const [only] = applyEdits(
      [],
      edits.slice(0, 1).map((edit) => ({ ...edit, before: 0 }) as Edit),
    );
    expect(only?.place).toEqual({ record: 0, offset: null, length: 0, line: null, id: null });
  });
});
