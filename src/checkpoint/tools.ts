/**
 * What the tools of the common agents do, by their names, because names are all that a transcript
 * tells. They are compared without case, dashes, dots and underscores, and without what a server of
 * tools puts in front (`mcp__files__`, `developer__`): `write_file`, `WriteFile` and
 * `mcp__fs__write_file` are one.
 */
import { HoldfastError } from '../base/errors.ts';
import { requireKnown } from '../base/known-options.ts';

/** Names of tools by what they do. One with tools of its own spreads `commonTools`. */
export interface ToolTable {
  /** They write files when they succeed; one with a `command` that only looks does not. */
  readonly fileWrite: readonly string[];
  /** They run a command line; whether it writes files is read from it. */
  readonly shell: readonly string[];
  /** They say what is to be done. */
  readonly plan: readonly string[];
}

/** What a tool is to the watch. */
export type ToolKind = keyof ToolTable;

const listed = (...rows: readonly string[]): readonly string[] => rows.join(' ').split(' ');

/** Claude Code, Codex, Gemini CLI, opencode, goose, Cline, Roo, pi, Kimi, Copilot and others. */
export const commonTools: ToolTable = {
  fileWrite: listed(
    // Claude Code, opencode, pi, Kimi, SWE-agent
    'Write Edit MultiEdit NotebookEdit patch multipatch create insert append StrReplaceFile',
    // Codex, Gemini CLI, Copilot
    'apply_patch write_file replace edit_file create_file insert_edit_into_file',
    'replace_string_in_file multi_replace_string_in_file edit_notebook_file create_new_file',
    // Cline, Roo, Cursor, Windsurf, Amp, Continue, Serena
    'write_to_file replace_in_file apply_diff insert_content search_and_replace search_replace',
    'delete_file move_file copy_file rename_file append_file undo_edit replace_file_content',
    'edit_notebook edit_existing_file single_find_and_replace multi_edit replace_symbol_body',
    'replace_content insert_after_symbol insert_before_symbol create_text_file save_file',
    'write_files update_file remove_file new_file multi_replace_file_content',
    // Anthropic's text editor, goose, OpenHands, SWE-agent
    'editor text_editor str_replace_editor str_replace_based_edit_tool file_editor str_replace',
  ),
  shell: listed(
    'Bash shell run_shell_command execute_command exec_command local_shell local_shell_call',
    'shell_command run_terminal_cmd run_terminal_command run_in_terminal execute_bash',
    'run_command run_commands exec container.exec terminal sh zsh run_bash',
    'powershell pwsh execute_shell',
  ),
  plan: listed(
    'TodoWrite todo_write todo update_plan ExitPlanMode exit_plan_mode plan_exit write_todos',
    'TodoList SetTodoList set_todos update_todo_list update_todos manage_todo_list save_plan',
    'write_plan create_plan plan plan_mode_respond TaskCreate task_tracker',
  ),
};

/** What of `command` only looks, where one tool looks and changes. */
const looking = new Set(['view', 'read', 'open', 'list', 'ls', 'cat']);

const toolKinds = ['fileWrite', 'shell', 'plan'] as const;

/** Kinds by plain name. Throws INVALID unless the table is three lists of names, and no more. */
export function kindsOf(table: ToolTable): ReadonlyMap<string, ToolKind> {
  requireKnown(table, toolKinds, 'watch tools');
  const kinds = new Map<string, ToolKind>();
  for (const kind of toolKinds) {
    const names: unknown = table[kind];
    if (!Array.isArray(names) || names.some((name) => typeof name !== 'string')) {
      const message = `Cannot watch tools: "${kind}" must be a list of names; spread commonTools`;
      throw new HoldfastError('INVALID', message, { path: `tools.${kind}` });
    }
    for (const name of names as readonly string[]) kinds.set(plainName(name), kind);
  }
  return kinds;
}

/** True when the input of a file tool asks it to look only. */
export function onlyLooks(input: Readonly<Record<string, unknown>>): boolean {
  const { command } = input;
  return typeof command === 'string' && looking.has(command);
}

/** The name as it is compared. */
export function plainName(name: string): string {
  const end = name.lastIndexOf('__');
  const own = end > 0 && end + 2 < name.length ? name.slice(end + 2) : name;
  return own.toLowerCase().replaceAll(/[-_.\s]/g, '');
}
