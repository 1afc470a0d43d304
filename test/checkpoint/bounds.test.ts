/** How much of a call, a plan or a text is looked at, and every name of a field that is known. */
import { describe, expect, it } from 'vitest';
import { describeCall } from '../../src/checkpoint/calls.ts';
import type { SeenCall } from '../../src/checkpoint/calls.ts';
import { isPartial, planChange, planOf } from '../../src/checkpoint/plan.ts';
import { modelText, oneLine, personText, textOfContent } from '../../src/checkpoint/text.ts';
import type { ToolKind } from '../../src/checkpoint/tools.ts';
import type { ContentBlock, ToolUseBlock } from '../../src/session/message.ts';

const tools: ReadonlyMap<string, ToolKind> = new Map([
  ['sh', 'shell'],
  ['edit', 'fileWrite'],
  ['todo', 'plan'],
]);

function seen(name: string, input: unknown): SeenCall {
  return describeCall(tools, { type: 'tool_use', id: 'x', name, input } as ToolUseBlock);
}

const stepsOf = (input: unknown): unknown => [...(planOf(input) ?? [])];

describe('describeCall', () => {
  it.each(['command', 'cmd', 'commands', 'script', 'CommandLine', 'code', 'input'])(
    'finds the command of a shell in the field %s',
    (field) => {
      expect(seen('sh', { [field]: 'rm a' })).toMatchObject({
        isShell: true,
        subject: 'rm a',
        writes: ['a'],
        plan: null,
      });
    },
  );

  it.each([
    'file_path',
    'path',
    'filePath',
    'filename',
    'file',
    'notebook_path',
    'target_file',
    'relative_path',
    'absolute_path',
    'AbsolutePath',
    'TargetFile',
  ])('finds the file that is written in the field %s', (field) => {
    const call = seen('edit', { [field]: 'a.ts', other: 'x' });
    expect(call).toMatchObject({ isShell: false, subject: 'a.ts', writes: ['a.ts'] });
  });

  it.each(['input', 'patch', 'patchText', 'diff', 'command'])(
    'finds the files of a patch in the field %s',
    (field) => {
      const patch = '*** Begin Patch\n*** Update File: b.ts\n+x\n*** End Patch';
      expect(seen('edit', { path: 'a.ts', [field]: patch }).writes).toEqual(['b.ts']);
    },
  );

  it('keeps a hundred files, three hundred characters of each, and sixty of a name', () => {
    const many = Array.from({ length: 101 }, (_, at) => `f${at}`);
    expect(seen('sh', { command: `rm ${many.join(' ')}` }).writes).toEqual(many.slice(0, 100));
    const [long] = seen('sh', { command: `rm ${'x'.repeat(301)}` }).writes ?? [];
    expect(long).toBe(`${'x'.repeat(299)}…`);
    expect(seen('edit', { path: 'y'.repeat(301) }).subject).toBe('y'.repeat(300));
    expect(seen('n'.repeat(60), {}).name).toBe('n'.repeat(60));
    expect(seen('n'.repeat(61), {}).name).toBe(`${'n'.repeat(59)}…`);
    expect(seen('', {})).toMatchObject({ name: 'a tool', subject: '', writes: null, about: '' });
  });

  it('tells by short texts what it is about, and by no long ones', () => {
    const input = { a: 'z'.repeat(300), b: 'z'.repeat(301), c: '', d: 7, e: 'last' };
    expect(seen('other', input)).toMatchObject({
      about: `${'z'.repeat(300)}\nlast`,
      subject: 'z'.repeat(300),
      writes: null,
    });
    const five = Object.fromEntries([1, 2, 3, 4, 5].map((at) => [at, 'w'.repeat(300)]));
    expect(seen('other', five).about).toHaveLength(1000);
  });

  it('puts a command of words together, or takes the script of a shell', () => {
    const of = (command: readonly unknown[]): string => seen('sh', { command }).subject;
    expect(of(['rm', '-rf', 'a b', "it's"])).toBe(`rm -rf 'a b' 'it'\\''s'`);
    expect(of(['/bin/bash', '-lc', 'rm a'])).toBe('rm a');
    expect(of(['bash', '-c'])).toBe('bash -c');
    expect(of(['bash', '-x', 'rm a'])).toBe("bash -x 'rm a'");
    expect(of(['fish', '-c', 'rm a'])).toBe("fish -c 'rm a'");
    expect(seen('sh', { commands: ['rm a', 'rm b'] }).writes).toEqual(['a', 'b']);
    expect(seen('sh', 'rm a').writes).toEqual(['a']);
    expect(seen('sh', null)).toMatchObject({ subject: '', writes: null });
  });
});

describe('planOf', () => {
  it.each([
    'todos',
    'plan',
    'items',
    'steps',
    'todoList',
    'tasks',
    'task_list',
    'content',
    'response',
    'subject',
    'text',
  ])('finds the plan in the field %s, as a list and as a text', (field) => {
    expect(stepsOf({ [field]: ['one', ' two  words '] })).toEqual([
      ['one', false],
      ['two words', false],
    ]);
    expect(stepsOf({ [field]: '- one\n- [x] two' })).toEqual([
      ['one', false],
      ['two', true],
    ]);
    expect(planOf({ [field]: ' ' })).toBeNull();
  });

  it.each(['content', 'step', 'title', 'description', 'text', 'task', 'subject', 'name'])(
    'finds the words of a step in the field %s',
    (field) => {
      expect(stepsOf({ todos: [{ [field]: 'one' }] })).toEqual([['one', false]]);
    },
  );

  it.each(['status', 'state', 'done', 'completed'])(
    'finds in %s whether a step is done',
    (field) => {
      const done = (value: unknown): unknown =>
        stepsOf({ todos: [{ step: 'one', [field]: value }] });
      const words = 'complete completed done finished canceled cancelled skipped DONE'.split(' ');
      for (const value of [true, ...words]) expect(done(value)).toEqual([['one', true]]);
      for (const value of [false, null, 1, 'open', 'undone', 'done soon', 'in_progress']) {
        expect(done(value)).toEqual([['one', false]]);
      }
    },
  );

  it('looks at two hundred steps, and two hundred characters of each', () => {
    const many = Array.from({ length: 201 }, (_, at) => `step ${at}`);
    expect(planOf({ todos: many })?.size).toBe(200);
    expect(planOf({ text: many.join('\n') })?.size).toBe(200);
    expect(stepsOf({ todos: ['x'.repeat(201)] })).toEqual([['x'.repeat(200), false]]);
    expect(stepsOf({ todos: [7, null, {}, { step: 7 }, ''] })).toEqual([]);
    expect(planOf('todos')).toBeNull();
    expect(planOf(null)).toBeNull();
  });

  it('takes the list items of a text, or its lines when it has none', () => {
    expect(stepsOf({ text: 'A plan:\n\n1. one\n2) two\n * three\n+ [X] four' })).toEqual([
      ['one', false],
      ['two', false],
      ['three', false],
      ['four', true],
    ]);
    expect(stepsOf({ text: 'one\n\ntwo' })).toEqual([
      ['one', false],
      ['two', false],
    ]);
  });

  it('isPartial is true when only some steps are sent', () => {
    expect([{ merge: true }, { subject: 's' }].map(isPartial)).toEqual([true, true]);
    expect([{ merge: 'true' }, { subject: 7 }, {}, null].map(isPartial)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('planChange tells what is new, and undone steps that are gone from a whole plan', () => {
    const before = new Map([
      ['a', true],
      ['b', false],
      ['c', false],
    ]);
    const after = new Map([
      ['c', true],
      ['d', false],
    ]);
    expect(planChange(before, after, 'whole')).toEqual({ added: ['d'], dropped: ['b'] });
    expect(planChange(before, after, 'partial')).toEqual({ added: ['d'], dropped: [] });
    expect(planChange(null, after, 'whole')).toEqual({ added: ['c', 'd'], dropped: [] });
  });
});

describe('texts', () => {
  const block = (text: unknown, type = 'text'): ContentBlock => ({ type, text }) as ContentBlock;

  it('are looked at up to sixteen thousand characters', () => {
    const long = 'x'.repeat(16_385);
    const cut = 'x'.repeat(16_384);
    expect(modelText({ role: 'assistant', content: long })).toBe(cut);
    expect(personText({ role: 'user', content: [block(long)] })).toBe(cut);
    expect(textOfContent(long)).toBe(cut);
    expect(textOfContent([block('a'), block(long)])).toBe(`a\n${'x'.repeat(16_382)}`);
    expect(textOfContent([block('a'), block('b', 'image'), block(7), null])).toBe('a\n\n\n');
    expect(textOfContent({ text: 'a' })).toBe('');
  });

  it('are one line of two hundred characters, with an ellipsis for what is cut', () => {
    expect(oneLine(' a\n\tb\u0000c ')).toBe('a b c');
    expect(oneLine('x'.repeat(200))).toBe('x'.repeat(200));
    expect(oneLine('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`);
    expect(oneLine('abcd', 3)).toBe('ab…');
    expect(oneLine('ab cd', 4)).toBe('ab…');
    expect(oneLine('a😀bc', 3)).toBe('a…');
    expect(oneLine('a\ud83d')).toBe('a\ufffd');
    expect(oneLine(`${' '.repeat(800)}x`)).toBe('');
    expect(oneLine(`${' '.repeat(799)}x`)).toBe('x');
  });
});
