/**
 * What a plan tool says is to be done. A plan changes when a step comes in that the plan before did
 * not have, or when a step that was not done leaves it. Ticking a step off, clearing a finished
 * plan, or sending it again is no change.
 */

/** A plan: its steps, without blanks and case, and whether each is done. */
export type Plan = ReadonlyMap<string, boolean>;

/** Steps beyond these are not looked at. */
const stepsMax = 200;
const stepCharsMax = 200;

const listFields = ['todos', 'plan', 'items', 'steps', 'todoList', 'tasks', 'task_list'];
const stepFields = ['content', 'step', 'title', 'description', 'text', 'task', 'subject', 'name'];
const statusFields = ['status', 'state', 'done', 'completed'];

/** The plan in the input of a plan tool; null when none is recognised. */
export function planOf(input: unknown): Plan | null {
  const fields = asObject(input);
  if (fields === null) return null;
  for (const field of [...listFields, 'content', 'response', 'subject', 'text']) {
    const value = fields[field];
    if (Array.isArray(value)) return ofList(value as readonly unknown[]);
    if (typeof value === 'string' && value.trim() !== '') return ofText(value);
  }
  return null;
}

/** True when an input sends only some of the steps of the plan. */
export function isPartial(input: unknown): boolean {
  const fields = asObject(input);
  return fields?.['merge'] === true || typeof fields?.['subject'] === 'string';
}

/** Steps of `after` that are new against `before`, and undone steps of `before` that are gone. */
export function planChange(
  before: Plan | null,
  after: Plan,
  partial: 'whole' | 'partial',
): { readonly added: readonly string[]; readonly dropped: readonly string[] } {
  const added = [...after.keys()].filter((step) => before?.has(step) !== true);
  if (partial === 'partial' || before === null) return { added, dropped: [] };
  const dropped = [...before].filter(([step, done]) => !done && !after.has(step));
  return { added, dropped: dropped.map(([step]) => step) };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}

function ofList(steps: readonly unknown[]): Plan {
  const plan = new Map<string, boolean>();
  for (const step of steps.slice(0, stepsMax)) {
    if (typeof step === 'string') put(plan, step, 'open');
    const fields = asObject(step);
    const text = stepFields.map((field) => fields?.[field]).find((v) => typeof v === 'string');
    const status = statusFields.map((field) => fields?.[field]).find((v) => v !== undefined);
    if (typeof text === 'string') put(plan, text, isDone(status) ? 'done' : 'open');
  }
  return plan;
}

/** A plan that is one text: its list items, or its lines when it has none. */
function ofText(text: string): Plan {
  const lines = text.split('\n', 4 * stepsMax).filter((line) => line.trim() !== '');
  const items = lines.filter((line) => /^\s*(?:[-*+]|\d+[.)])\s/.test(line));
  const plan = new Map<string, boolean>();
  for (const line of (items.length > 0 ? items : lines).slice(0, stepsMax)) {
    const [, box = '', step = ''] = /^\s*(?:[-*+]|\d+[.)])?\s*(\[.\])?(.*)$/.exec(line) ?? [];
    put(plan, step, /^\[[xX]\]$/.test(box) ? 'done' : 'open');
  }
  return plan;
}

function put(plan: Map<string, boolean>, text: string, state: 'done' | 'open'): void {
  const step = text.slice(0, stepCharsMax).trim().replaceAll(/\s+/g, ' ');
  if (step !== '') plan.set(step, state === 'done');
}

function isDone(status: unknown): boolean {
  if (typeof status !== 'string') return status === true;
  return /^(?:completed?|done|finished|cancell?ed|skipped)$/i.test(status);
}
