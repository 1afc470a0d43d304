/**
 * What tools of agents do, as far as restore points care: write files, run a shell, change the plan.
 * By name, because that is all that a transcript tells; the table is that of the common agents and
 * can be replaced.
 */
import { writesFile } from './shell.ts';

/** Names of tools, without regard to case and to an `mcp__server__` in front. */
export interface ToolTable {
  readonly fileWrite: readonly string[];
  /** Their input holds a command line, which is looked at. */
  readonly shell: readonly string[];
  readonly plan: readonly string[];
}

/** Claude Code, Codex, Gemini CLI, opencode, goose, Cline, Roo, pi, Kimi, Copilot CLI and others. */
export const commonTools: ToolTable = {
  fileWrite: [
    'write',
    'edit',
    'multiedit',
    'notebookedit',
    'patch',
    'apply_patch',
    'write_file',
    'replace',
    'write_to_file',
    'replace_in_file',
    'apply_diff',
    'insert_content',
    'search_and_replace',
    'edit_file',
    'create_file',
    'str_replace',
    'str_replace_editor',
    'str_replace_based_edit_tool',
    'text_editor',
    'strreplacefile',
    'writefile',
    'delete_file',
    'rename_file',
    'move_file',
    'create',
    'insert_edit_into_file',
    'replace_string_in_file',
    'new_file',
    'edit_notebook_file',
  ],
  shell: [
    'bash',
    'shell',
    'sh',
    'exec',
    'exec_command',
    'run_shell_command',
    'execute_command',
    'terminal',
    'run_command',
    'local_shell',
    'local_shell_call',
    'container.exec',
    'developer__shell',
    'run_in_terminal',
    'shell_command',
  ],
  plan: [
    'todowrite',
    'todo_write',
    'todo',
    'write_todos',
    'update_plan',
    'exitplanmode',
    'exit_plan_mode',
    'settodolist',
    'set_todo_list',
    'update_todo_list',
    'plan',
    'save_plan',
    'manage_todo_list',
  ],
};

/** What a call is for restore points; null for all that only looks or thinks. */
export type CallKind = 'file-write' | 'plan-change' | null;

/** Commands of an editing tool that only look. */
const looking = new Set(['view', 'read', 'open', 'list']);

/** Judges a call by its name and input. */
export function kindOfCall(name: string, input: unknown, table: ToolTable): CallKind {
  const plain = plainName(name);
  if (table.plan.includes(plain)) return 'plan-change';
  const fields = (typeof input === 'object' && input !== null ? input : {}) as Fields;
  if (table.fileWrite.includes(plain)) {
    const { command } = fields;
    return typeof command === 'string' && looking.has(command) ? null : 'file-write';
  }
  if (!table.shell.includes(plain)) return null;
  const line = commandOf(fields);
  return line !== null && writesFile(line) ? 'file-write' : null;
}

/** What a call is about, in a few words: the file, or the beginning of the command. */
export function aboutCall(name: string, input: unknown): string {
  const fields = (typeof input === 'object' && input !== null ? input : {}) as Fields;
  for (const field of [
    'file_path',
    'filePath',
    'path',
    'notebook_path',
    'filename',
    'target_file',
  ]) {
    const value = fields[field];
    if (typeof value === 'string') return line(`${name} ${value}`);
  }
  return line(`${name} ${commandOf(fields) ?? ''}`);
}

/** One line of at most 160 characters. */
export function line(text: string): string {
  const plain = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return plain.length <= 160 ? plain : `${plain.slice(0, 159)}…`;
}

type Fields = Readonly<Record<string, unknown>>;

function plainName(name: string): string {
  const lower = name.toLowerCase();
  const at = lower.lastIndexOf('__');
  return lower.startsWith('mcp__') && at > 0 ? lower.slice(at + 2) : lower;
}

/** `ls`, or the last part of `["bash", "-lc", "ls"]`. */
function commandOf(fields: Fields): string | null {
  const command = fields['command'] ?? fields['cmd'] ?? fields['script'];
  if (typeof command === 'string') return command;
  if (!Array.isArray(command)) return null;
  const words = command.filter((word) => typeof word === 'string');
  return /^-\w*c$/.test(words[1] ?? '') ? (words[2] ?? '') : words.join(' ');
}
