/** Plans in the forms of the common agents, and what changes one. */
import { describe, expect, it } from 'vitest';
import { isPartial, planChange, planOf } from '../../src/checkpoint/plan.ts';

const steps = (input: unknown): unknown => [...(planOf(input) ?? [])];

describe('planOf', () => {
  it.each([
    ['Claude Code', { todos: [{ content: 'a', status: 'completed', activeForm: 'x' }] }],
    ['Codex', { explanation: 'why', plan: [{ step: 'a', status: 'completed' }] }],
    ['Gemini CLI', { todos: [{ description: 'a', status: 'completed' }] }],
    ['Kimi', { todos: [{ title: 'a', status: 'done' }] }],
    ['Roo', { todos: '[x] a' }],
    ['goose', { content: '- [x] a\n' }],
  ])('reads a plan of %s', (_agent, input) => {
    expect(steps(input)).toEqual([['a', true]]);
  });

  it('reads a plan that is a text by its list, or by its lines', () => {
    expect(steps({ plan: '# Plan\nFirst:\n1. read\n2. write' })).toEqual([
      ['read', false],
      ['write', false],
    ]);
    expect(steps({ plan: 'read\n\nwrite' })).toEqual([
      ['read', false],
      ['write', false],
    ]);
  });

  it.each(['complete', 'completed', 'Done', 'FINISHED', 'canceled', 'cancelled', 'skipped', true])(
    'takes a step for done that is %s',
    (status) => {
      for (const field of ['status', 'state', 'done', 'completed']) {
        expect(steps({ todos: [{ content: 'a', [field]: status }] })).toEqual([['a', true]]);
      }
    },
  );

  it.each(['open', 'undone', 'not completed', 'completed soon', 'in_progress', false, null, 1])(
    'takes a step for open that is %s',
    (status) => {
      expect(steps({ todos: [{ content: 'a', status }] })).toEqual([['a', false]]);
    },
  );

  it.each(['content', 'step', 'title', 'description', 'text', 'task', 'subject', 'name'])(
    'finds a step in %s',
    (field) => {
      expect(steps({ plan: [{ [field]: 'a' }, 'b'] })).toEqual([
        ['a', false],
        ['b', false],
      ]);
    },
  );

  it.each(
    ('todos plan items steps todoList tasks task_list ' + 'content response subject text').split(
      ' ',
    ),
  )('finds a plan in %s', (field) => {
    expect(steps({ [field]: '- [ ] a\n* [X] b\n2) c\nnot d' })).toEqual([
      ['a', false],
      ['b', true],
      ['c', false],
    ]);
  });

  it('looks at two hundred steps of two hundred characters, without blanks', () => {
    const many = Array.from({ length: 250 }, (_, index) => `step ${index}`);
    expect(steps({ todos: many })).toHaveLength(200);
    expect(steps({ plan: many.join('\n') })).toHaveLength(200);
    expect(steps({ todos: [` a \n b ${'x'.repeat(300)}`] })).toEqual([
      [`a b ${'x'.repeat(193)}`, false],
    ]);
    expect(steps({ todos: [' '] })).toEqual([]);
  });

  it('knows no plan in anything else', () => {
    for (const input of [null, 1, 'x', [], {}, { todos: 3 }, { plan: ' ' }]) {
      expect(planOf(input)).toBeNull();
    }
    expect(steps({ todos: [null, 3, {}, { content: 7 }] })).toEqual([]);
  });
});

describe('planChange', () => {
  const before = new Map([
    ['a', true],
    ['b', false],
  ]);
  const change = (after: Record<string, boolean>, extent: 'whole' | 'partial' = 'whole'): unknown =>
    planChange(before, new Map(Object.entries(after)), extent);

  it('is none when steps are done, sent again, or gone once they are done', () => {
    for (const after of [{ a: true, b: true }, { a: true, b: false }, { b: false }]) {
      expect(change(after)).toEqual({ added: [], dropped: [] });
    }
  });

  it('is a step that is new, or one that is dropped before it is done', () => {
    expect(change({ a: true, b: false, c: false })).toEqual({ added: ['c'], dropped: [] });
    expect(change({ a: true })).toEqual({ added: [], dropped: ['b'] });
    expect(change({ a: true }, 'partial')).toEqual({ added: [], dropped: [] });
  });
});

describe('isPartial', () => {
  it('is true for one task, and for what is merged into the plan', () => {
    for (const input of [{ subject: 'a' }, { merge: true }]) expect(isPartial(input)).toBe(true);
    for (const input of [{ todos: [] }, { merge: 'x' }, { subject: 3 }, null, 'x']) {
      expect(isPartial(input)).toBe(false);
    }
  });
});
