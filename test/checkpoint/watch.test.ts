/** What a watch sees in messages of many shapes. */
import fc from '../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { commonTools } from '../../src/checkpoint/tools.ts';
import { memoryMessages } from '../../src/checkpoint/topic.ts';
import { Watch } from '../../src/checkpoint/watch.ts';
import type { WatchSettings } from '../../src/checkpoint/watch.ts';
import { blocksOf } from '../../src/session/blocks.ts';
import type { Entry } from '../../src/session/event.ts';
import type { Message } from '../../src/session/message.ts';

const entry = (message: unknown, seq = 1): Entry => {
  return { seq, timeMs: 0, event: { kind: 'message', message: message as Message } };
};
const call = (name: string, input: unknown, id = 'c1'): Message => {
  return { role: 'assistant', content: [{ type: 'tool_use', id, name, input }] };
};
const result = (fields: object = {}, id = 'c1'): Message => {
  return { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, ...fields }] };
};
const user = (content: string): Message => ({ role: 'user', content });

/** Actions that a watch sees in these messages. */
function actions(messages: readonly unknown[], settings: WatchSettings = {}): string[] {
  const watch = new Watch(settings);
  return messages.flatMap((one) => watch.observe(entry(one)).map(({ action }) => action));
}

describe('file-write', () => {
  it.each([
    ['Write', { file_path: 'a.ts', content: 'x' }],
    ['MultiEdit', { file_path: 'a.ts', edits: [] }],
    ['NotebookEdit', { notebook_path: 'a.ts' }],
    ['write', { filePath: 'a.ts' }],
    ['edit', { path: 'a.ts' }],
    ['replace', { file_path: 'a.ts' }],
    ['write_to_file', { path: 'a.ts' }],
    ['apply_diff', { path: 'a.ts', diff: '<<<<' }],
    ['mcp__files__write_file', { path: 'a.ts' }],
    ['developer__text_editor', { command: 'str_replace', path: 'a.ts' }],
    ['apply_patch', '*** Begin Patch\n*** Update File: a.ts\n@@\n*** End Patch'],
    ['apply_patch', { input: '*** Begin Patch\n*** Add File: a.ts\n*** End Patch' }],
    ['shell', { command: ['bash', '-lc', 'echo x > a.ts'] }],
    ['shell', { command: ['apply_patch', '*** Begin Patch\n*** Update File: a.ts\n'] }],
    ['exec_command', { cmd: 'echo x > a.ts' }],
    ['run_commands', { commands: ['ls', 'echo x > a.ts'] }],
    ['editor', { path: 'a.ts', old_text: 'x', new_text: 'y' }],
    ['run_shell_command', { command: 'cat <<EOF > a.ts\nx\nEOF' }],
  ])('is seen when %s has succeeded', (name, input) => {
    expect(actions([call(name, input)])).toEqual([]);
    expect(actions([call(name, input), result()])).toEqual([`[file-write] ${name} a.ts`]);
  });

  it.each([
    ['Read', { file_path: 'a.ts' }],
    ['developer__text_editor', { command: 'view', path: 'a.ts' }],
    ['shell', { command: ['grep', 'a > b', 'a.ts'] }],
    ['Bash', { command: 'npm test 2>&1' }],
    ['Bash', { description: 'write a file' }],
    ['WriteStdin', { chars: 'x' }],
  ])('is not seen when %s has succeeded', (name, input) => {
    expect(actions([call(name, input), result()])).toEqual([]);
  });

  it('names how many files a call wrote, and the command where the file is not known', () => {
    const rm = call('Bash', { command: 'rm a b c' });
    expect(actions([rm, result()])).toEqual(['[file-write] Bash a and 2 more']);
    const loop = call('Bash', { command: 'for f in *; do rm $f; done' });
    expect(actions([loop, result()])).toEqual(['[file-write] Bash for f in *; do rm $f; done']);
  });

  it('is seen for tools that the settings name, and for none that they leave out', () => {
    const tools = { ...commonTools, fileWrite: ['scribble'] };
    const messages = [call('scribble', { path: 'a' }), result(), call('Write', {}, 'c2')];
    expect(actions([...messages, result({}, 'c2')], { tools })).toEqual([
      '[file-write] scribble a',
    ]);
  });
});

describe('tool-error', () => {
  it('is seen instead of what the tool would have done', () => {
    const failed = result({ is_error: true, content: [{ type: 'text', text: 'no such\nfile' }] });
    expect(actions([call('Write', { file_path: 'a.ts' }), failed])).toEqual([
      '[tool-error] Write a.ts: no such file',
    ]);
    expect(actions([failed])).toEqual(['[tool-error] a tool: no such file']);
  });

  it.each(['Exit code 1', '(no output)\n\nCommand exited with code 1', ''])(
    'is not seen for a command that found nothing: %s',
    (content) => {
      const grep = call('Bash', { command: 'grep -r x .' });
      expect(actions([grep, result({ is_error: true, content })])).toEqual([]);
    },
  );

  it('is not seen twice for one call that is answered twice', () => {
    const write = call('Write', { file_path: 'a' });
    expect(actions([write, result(), result()])).toHaveLength(1);
  });
});

describe('user-feedback', () => {
  const refused = "The user doesn't want to proceed with this tool use.";

  it('is what the user says after stopping a call, or the reason that came with it', () => {
    const stop = result({ is_error: true, content: refused });
    const messages = [call('Write', { file_path: 'a' }), stop, user('in src/b.ts please')];
    expect(actions(messages)).toEqual(['[user-feedback] in src/b.ts please']);
    const why = result({ is_error: true, content: `${refused} the user said:\nuse b.ts` });
    expect(actions([call('Write', {}), why])).toEqual(['[user-feedback] use b.ts']);
  });

  it('needs something that can be corrected', () => {
    expect(actions([user("don't use classes in this project")])).toEqual([]);
    const answer = { role: 'assistant', content: 'class A {}' };
    expect(actions([answer, user("don't use classes in this project")])).toHaveLength(1);
  });

  it('is heard from people only, not from what runtimes put in their place', () => {
    const answer = { role: 'assistant', content: 'done' };
    const notices = [
      "<system-reminder>no, that's wrong</system-reminder>",
      '<command-name>/undo</command-name>\n<command-args></command-args>',
      '<local-command-stdout>Stop!</local-command-stdout>',
      'Caveat: The messages below were generated by the user. No, wrong!',
      '<task-notification>undo that',
    ];
    expect(actions([answer, ...notices.map(user)])).toEqual([]);
    expect(actions([answer, { ...user('no, wrong'), isMeta: true }])).toEqual([]);
    const wrapped = user('<environment_context>x</environment_context>\n<task>no, wrong</task>');
    expect(actions([answer, wrapped])).toEqual(['[user-feedback] no, wrong']);
  });
});

describe('Watch', () => {
  it('tells every action in one line of at most 200 characters', () => {
    const long = `no, ${'very '.repeat(100)}\n😀`.repeat(3);
    const [action = ''] = actions([{ role: 'assistant', content: 'x' }, user(long)]);
    expect(action.length).toBeLessThanOrEqual(200);
    expect(action).not.toContain('\n');
  });

  it('takes whatever a message may hold', () => {
    const block = fc.oneof(
      fc.anything(),
      fc.record({
        type: fc.constantFrom('tool_use', 'tool_result', 'text'),
        id: fc.constantFrom('a', 'b'),
        tool_use_id: fc.constantFrom('a', 'b'),
        name: fc.oneof(fc.constantFrom('Write', 'Bash', 'TodoWrite', 'apply_patch'), fc.anything()),
        input: fc.oneof(
          fc.anything(),
          fc.record({ command: fc.anything(), todos: fc.anything(), path: fc.anything() }),
        ),
        content: fc.anything(),
        is_error: fc.anything(),
        text: fc.anything(),
      }),
    );
    const message = fc.record({
      role: fc.constantFrom('user', 'assistant', 'system', 'tool'),
      content: fc.oneof(fc.string(), fc.array(block.filter((one) => isObject(one)))),
    });
    const rude = { toString: 0 };
    const todos = [{ content: 'a', status: rude }];
    const unprintable = [rude, 'TodoWrite'].map((name) => {
      return {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 'a', name, input: { todos } }],
      };
    }) as never;
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        for (const action of actions(messages)) expect(action.length).toBeLessThanOrEqual(200);
      }),
      // 2000 find an object that cannot be made text, which it once choked on.
      {
        numRuns: 2000,
        examples: [[unprintable]],
      },
    );
  });

  it('forgets calls that nobody answers: the oldest of too many, and what is too long ago', () => {
    const write = (n: number): Message => call('Write', { file_path: `${n}.ts` }, `c${n}`);
    const content = Array.from({ length: 300 }, (_, n) => write(n)).flatMap(blocksOf);
    const many = { role: 'assistant', content };
    expect(actions([many, result({}, 'c0')])).toEqual([]);
    expect(actions([many, result({}, 'c299')])).toEqual(['[file-write] Write 299.ts']);
    const others = (count: number): Message[] => Array.from({ length: count }, () => user('go on'));
    const late = (count: number): string[] =>
      actions([write(1), ...others(count), result({}, 'c1')]);
    expect(late(memoryMessages - 2)).toEqual(['[file-write] Write 1.ts']);
    expect(late(memoryMessages - 1)).toEqual([]);
  });

  it('goes on after warming as if it had been there all the time', () => {
    const part = fc.constantFrom<Message>(
      call('Write', { file_path: 'a.ts' }, 'c1'),
      call('Bash', { command: 'npm test' }, 'c2'),
      call('TodoWrite', { todos: [{ content: 'read', status: 'pending' }] }, 'c3'),
      call('TodoWrite', { todos: [{ content: 'read', status: 'completed' }] }, 'c3'),
      result({}, 'c1'),
      result({ is_error: true, content: 'x' }, 'c2'),
      result({ is_error: true, content: 'rejected by user' }, 'c1'),
      result({}, 'c3'),
      user("no, that's wrong"),
      user('monthly invoices of suppliers arrive as attachments, totals go to accounting'),
      user('museum train hotel weekend Lisbon tram river bridge castle wine'),
      { role: 'assistant', content: 'parsers take quoted values as tokens, sections stay nested' },
      { role: 'assistant', content: 'the tram crosses the river on the bridge below the castle' },
    );
    const conversation = fc.array(part, { minLength: memoryMessages, maxLength: 160 });
    fc.assert(
      fc.property(conversation, fc.nat(60), (messages, back) => {
        const entries = messages.map((one, index) => entry(one, index + 1));
        const at = Math.max(memoryMessages, entries.length - back);
        const [always, anew] = [new Watch(), new Watch()];
        always.warm(entries.slice(0, at));
        anew.warm(entries.slice(at - memoryMessages, at));
        for (const one of entries.slice(at)) expect(anew.observe(one)).toEqual(always.observe(one));
      }),
      { numRuns: 60 },
    );
  });
});

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
