/** What is remembered of a call: what it would write, and the words that tell what it is about. */
import { describe, expect, it } from 'vitest';
import { describeCall } from '../../src/checkpoint/calls.ts';
import type { SeenCall } from '../../src/checkpoint/calls.ts';
import { commonTools, kindsOf, plainName } from '../../src/checkpoint/tools.ts';
import type { ToolKind } from '../../src/checkpoint/tools.ts';
import type { ToolUseBlock } from '../../src/session/message.ts';

const kinds = kindsOf(commonTools);

function seen(name: string, input: unknown): SeenCall {
  return describeCall(kinds, { type: 'tool_use', id: 'c', name, input } as ToolUseBlock);
}

describe('describeCall', () => {
  it.each(
    (
      'file_path path filePath filename file notebook_path target_file relative_path absolute_path ' +
      'AbsolutePath TargetFile'
    ).split(' '),
  )('finds the file in %s', (field) => {
    expect(seen('Write', { [field]: 'a.ts' })).toMatchObject({ subject: 'a.ts', writes: ['a.ts'] });
  });

  it.each('command cmd script CommandLine code input'.split(' '))(
    'finds the command in %s, as a text or as words',
    (field) => {
      const told = { subject: 'echo x > a', writes: ['a'], isShell: true };
      expect(seen('Bash', { [field]: 'echo x > a' })).toMatchObject(told);
      expect(seen('Bash', { [field]: ['bash', '-lc', 'echo x > a'] })).toMatchObject(told);
    },
  );

  it('takes a bare text for the command', () => {
    expect(seen('Bash', 'rm a').writes).toEqual(['a']);
  });

  it('passes over fields that are empty or no text', () => {
    const written = seen('Write', { file_path: '', path: 3, file: 'a.ts' });
    expect(written).toMatchObject({ subject: 'a.ts', writes: ['a.ts'] });
    expect(seen('Bash', { command: '', cmd: 7, script: 'rm a' }).writes).toEqual(['a']);
    expect(seen('Write', {}).writes).toEqual(['']);
    expect(seen('Write', null)).toMatchObject({ subject: '', isShell: false });
  });

  it.each([
    [['sh', '-c', 'rm a'], ['a']],
    [['/bin/zsh', '-ic', 'rm a'], ['a']],
    [['dash', '-c', 'rm a'], ['a']],
    [['rm', 'a b'], ['a b']],
    [['rm', "it's"], ["it's"]],
    [['push', '-c', 'rm a'], null],
    [['bash', 'x-c', 'rm a'], null],
    [['bash', '-cx', 'rm a'], null],
    [['bash', '-c'], null],
    [['xbash', '-c', 'rm a'], null],
  ])('puts the words %j together', (command, writes) => {
    expect(seen('Bash', { command }).writes).toEqual(writes);
  });

  it('runs several commands one after the other', () => {
    expect(seen('run_commands', { commands: ['rm a', 'rm b'] }).writes).toEqual(['a', 'b']);
  });

  it('keeps short texts of the input, which name something', () => {
    const long = 'x'.repeat(301);
    const input = { a: '', b: 'one', c: long, d: 7, e: 'y'.repeat(300), f: ['no'] };
    expect(seen('Other', input).about).toBe(`one\n${'y'.repeat(300)}`);
    expect(seen('Other', input).subject).toBe('one');
    const many = Object.fromEntries(['a', 'b', 'c', 'd'].map((key) => [key, 'z'.repeat(300)]));
    expect(seen('Other', many).about).toHaveLength(1000);
  });

  it('keeps bounded parts: names, subjects, and a hundred files', () => {
    const files = Array.from({ length: 150 }, (_, index) => `f${index}`);
    expect(seen('Bash', { command: `rm ${files.join(' ')}` }).writes).toEqual(files.slice(0, 100));
    expect(seen('Write', { path: 'p'.repeat(400) }).subject).toHaveLength(300);
    expect(seen('n'.repeat(100), {}).name).toHaveLength(60);
    expect(seen('', {}).name).toBe('a tool');
  });

  it.each(['view', 'read', 'open', 'list', 'ls', 'cat'])(
    'sees no file written by an editor that is told to %s',
    (command) => {
      expect(seen('text_editor', { command, path: 'a' }).writes).toBeNull();
    },
  );

  it.each(['input', 'patch', 'patchText', 'diff', 'command'])(
    'finds the files of a patch in %s',
    (field) => {
      const patch = '*** Begin Patch\n*** Update File: a.ts\n*** Add File: b.ts\n';
      expect(seen('apply_patch', { [field]: patch }).writes).toEqual(['a.ts', 'b.ts']);
    },
  );

  it('tells a plan, and whether it is all of it', () => {
    const plan = seen('TodoWrite', { todos: [{ content: 'a', status: 'open' }] }).plan;
    expect(plan).toEqual({ steps: new Map([['a', false]]), extent: 'whole' });
    const task = seen('TaskCreate', { subject: 'a' }).plan;
    expect(task).toEqual({ steps: new Map([['a', false]]), extent: 'partial' });
    const merged = seen('TodoWrite', { merge: true, todos: [{ content: 'a' }] }).plan;
    expect(merged?.extent).toBe('partial');
    expect(seen('Write', { todos: [{ content: 'a' }] }).plan).toBeNull();
  });
});

describe('commonTools', () => {
  /** The names that the common agents give their tools. */
  const known: Readonly<Record<ToolKind, string>> = {
    fileWrite:
      'Write Edit MultiEdit NotebookEdit patch multipatch create insert append StrReplaceFile ' +
      'apply_patch write_file replace edit_file create_file insert_edit_into_file ' +
      'replace_string_in_file multi_replace_string_in_file edit_notebook_file create_new_file ' +
      'write_to_file replace_in_file apply_diff insert_content search_and_replace search_replace ' +
      'delete_file move_file copy_file rename_file append_file undo_edit replace_file_content ' +
      'edit_notebook edit_existing_file single_find_and_replace multi_edit replace_symbol_body ' +
      'replace_content insert_after_symbol insert_before_symbol create_text_file save_file ' +
      'write_files update_file remove_file new_file multi_replace_file_content ' +
      'editor text_editor str_replace_editor str_replace_based_edit_tool file_editor str_replace',
    shell:
      'Bash shell run_shell_command execute_command exec_command local_shell local_shell_call ' +
      'shell_command run_terminal_cmd run_terminal_command run_in_terminal execute_bash ' +
      'run_command run_commands exec container.exec terminal sh zsh run_bash ' +
      'powershell pwsh execute_shell',
    plan:
      'TodoWrite todo_write todo update_plan ExitPlanMode exit_plan_mode plan_exit write_todos ' +
      'TodoList SetTodoList set_todos update_todo_list update_todos manage_todo_list save_plan ' +
      'write_plan create_plan plan plan_mode_respond TaskCreate task_tracker',
  };

  it.each(Object.entries(known))(
    'knows %s tools, also behind the name of a server',
    (kind, names) => {
      for (const name of names.split(' ')) {
        expect(kinds.get(plainName(name)), name).toBe(kind);
        expect(kinds.get(plainName(`mcp__server__${name}`)), name).toBe(kind);
        expect(kinds.get(plainName(name.toUpperCase().replaceAll('_', '-'))), name).toBe(kind);
      }
      expect(kinds.get(plainName('Read'))).toBeUndefined();
      expect(plainName('__')).toBe('');
      expect(plainName('x__')).toBe('x');
    },
  );
});
