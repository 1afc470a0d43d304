/** Records of Codex, a second apart, and the turns that most rollouts are made of. */

let second = 0;

/** The next record is the first of its file. */
export function restart() {
  second = 0;
}

/** One record, a second later than the one before. */
export function record(type, payload, ordinal) {
  second += 1;
  const timestamp = new Date(Date.UTC(2026, 6, 9, 10, 0, second)).toISOString();
  return { timestamp, ...(ordinal === undefined ? {} : { ordinal }), type, payload };
}

/** The record that tells whose rollout it is. */
export function meta(id, more = {}) {
  const said = { id, timestamp: '2026-07-09T10:00:00.000Z', cwd: '/home/me/shop' };
  return record('session_meta', {
    ...said,
    originator: 'codex_cli_rs',
    cli_version: '0.147.0',
    ...more,
  });
}

/** A part of the conversation. */
export const item = (payload) => record('response_item', payload);

/** What happened beside it. */
export const event = (type, more = {}) => record('event_msg', { type, ...more });

/** A turn begins. */
export const started = (turn) => event('task_started', { turn_id: turn });

/** A turn is over. */
export const completed = (turn) => event('task_complete', { turn_id: turn });

/** Where a turn runs. */
export const context = (turn) =>
  record('turn_context', { turn_id: turn, cwd: '/home/me/shop', model: 'gpt-5.5' });

/** Words of the user. */
export const prompt = (text) => message('user', 'input_text', text);

/** Words of the model. */
export const reply = (text) => message('assistant', 'output_text', text);

function message(role, type, text) {
  return { type: 'message', role, content: [{ type, text }] };
}

/** A thought, which only the provider can read. */
export function thought(id) {
  return { type: 'reasoning', id, summary: [], content: null, encrypted_content: 'gAAAAABq' };
}

/** A call of a tool. */
export function call(id, name = 'shell', args = { command: ['ls'] }) {
  return { type: 'function_call', name, arguments: JSON.stringify(args), call_id: id };
}

/** The result of a call. */
export function output(id, text) {
  return { type: 'function_call_output', call_id: id, output: text };
}

/** What Codex says in front of the first prompt. */
export const surroundings = prompt(
  '<environment_context>\n  <cwd>/home/me/shop</cwd>\n</environment_context>',
);

/** A turn with one call. */
export function turn(name, text, id, answer) {
  return [
    started(name),
    context(name),
    item(prompt(text)),
    event('user_message', { message: text }),
    item(thought(`rs_${id}`)),
    item(call(id)),
    item(output(id, 'cart.ts')),
    item(reply(answer)),
    event('agent_message', { message: answer }),
    completed(name),
  ];
}

function turnMessages(text, id, answer) {
  return [
    ['user', `text ${text}`],
    ['assistant', 'reasoning', `tool_use ${id}`],
    ['user', `tool_result ${id}`],
    ['assistant', `text ${answer}`],
  ];
}

/** Records as Codex writes them. */
export const lines = (records) => records.map((one) => `${JSON.stringify(one)}\n`).join('');

const context1 = [
  'user',
  'text <environment_context>\n  <cwd>/home/me/shop</cwd>\n</environment_context>',
];

/** The first turn of most files. */
export const begin = () => [
  meta('0198-thread'),
  item(surroundings),
  ...turn('t1', 'What is here?', 'call_1', 'One file.'),
];

/** What a reader must find in it. */
export const begun = () => [context1, ...turnMessages('What is here?', 'call_1', 'One file.')];
