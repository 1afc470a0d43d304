/**
 * Small sessions in the files of every tool: a question, an answer with the members that a test
 * gives it, another question, and a plain answer.
 */

/** Makes a file; `question` are members of the first message. */
export type Making = (answer: object, question?: object) => string;

/** Records one a line. */
export const lines = (...values: readonly object[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');
const time = '2026-01-01T00:00:01Z';
/** Members of a plain question. */
export const hello = { content: 'hello' };

/** A record of Claude Code, behind the one before it. */
export function claudeRecord(at: number, role: string, members: object): object {
  const parentUuid = at === 0 ? null : `u${at - 1}`;
  const message = { role, ...members };
  const own = { isSidechain: false, sessionId: 's', cwd: '/p', version: '2.0.0' };
  return { parentUuid, ...own, type: role, message, uuid: `u${at}`, timestamp: time };
}

/** Claude Code. */
export const claude: Making = (answer, question = hello) =>
  lines(
    claudeRecord(0, 'user', question),
    claudeRecord(1, 'assistant', answer),
    claudeRecord(2, 'user', { content: 'more' }),
    claudeRecord(3, 'assistant', { content: [{ type: 'text', text: 'last' }] }),
  );

/** Codex. */
export const codex: Making = (
  answer,
  question = { content: [{ type: 'input_text', text: 'hello' }] },
) => {
  const item = (role: string, members: object): object => ({
    timestamp: time,
    type: 'response_item',
    payload: { type: 'message', role, ...members },
  });
  return lines(
    { timestamp: time, type: 'session_meta', payload: { id: 'r', timestamp: time, cwd: '/p' } },
    item('user', question),
    item('assistant', answer),
    item('user', { content: [{ type: 'input_text', text: 'more' }] }),
    item('assistant', { content: [{ type: 'output_text', text: 'last' }] }),
  );
};

/** pi. */
export const pi: Making = (answer, question = hello) => {
  const entry = (at: number, role: string, members: object): object => ({
    type: 'message',
    id: `e${at}`,
    parentId: at === 0 ? null : `e${at - 1}`,
    timestamp: time,
    message: { role, ...members },
  });
  const by = { api: 'anthropic-messages', provider: 'anthropic', model: 'm', stopReason: 'stop' };
  return lines(
    { type: 'session', version: 3, id: 's', timestamp: time, cwd: '/p' },
    entry(0, 'user', question),
    entry(1, 'assistant', { ...answer, ...by }),
    entry(2, 'user', { content: 'more' }),
    entry(3, 'assistant', { content: [{ type: 'text', text: 'last' }], ...by }),
  );
};

/** A list of messages; the first few are plain, so that it is known whose they are. */
const list =
  (question: object, role: string, last: object): Making =>
  (answer, asked = question) =>
    JSON.stringify([
      ...Array.from({ length: 4 }, () => [{ role: 'user', ...question }, last]).flat(),
      { role: 'user', ...asked },
      { role, ...answer },
      { role: 'user', ...question },
      last,
    ]);

/** A block of text. */
export const text = (words: string): object => ({ type: 'text', text: words });
/** Messages of chat completions. */
export const chat = list({ content: 'hello' }, 'assistant', { role: 'assistant', content: 'last' });
/** Messages of Anthropic. */
export const anthropic = list({ content: [text('hello')] }, 'assistant', {
  role: 'assistant',
  content: [text('last')],
});
/** Contents of Gemini. */
export const gemini = list({ parts: [{ text: 'hello' }] }, 'model', {
  role: 'model',
  parts: [{ text: 'last' }],
});
/** Cline. */
export const cline = list({ content: [text('<task>hello</task>')], ts: 1 }, 'assistant', {
  role: 'assistant',
  content: [text('last')],
  ts: 2,
});

/** goose; `content` is that of the answer. */
export const goose = (content: unknown): string => {
  const message = (at: number, role: string, said: unknown): object => {
    return { id: `m${at}`, role, created: at, content: said };
  };
  return lines(
    { working_dir: '/p', message_count: 4, provider_name: 'anthropic' },
    message(1, 'user', [text('hello')]),
    message(2, 'assistant', content),
    message(3, 'user', [text('more')]),
    message(4, 'assistant', [text('last')]),
  );
};

/** What opencode exports; `parts` are those of the answer. */
export const opencode = (parts: unknown): string => {
  const message = (at: number, role: string, said: unknown): object => {
    const info = { id: `m${at}`, role, providerID: 'anthropic', time: { created: at } };
    return { info, parts: said };
  };
  const messages = [
    message(1, 'user', [{ id: 'p1', ...text('hello') }]),
    message(2, 'assistant', parts),
    message(3, 'user', [{ id: 'p3', ...text('more') }]),
    message(4, 'assistant', [{ id: 'p4', ...text('last') }]),
  ];
  return JSON.stringify({ info: { id: 's' }, messages });
};

/** Copilot CLI; `content` is that of the answer. */
export const copilot = (content: unknown): string => {
  const event = (at: number, type: string, data: object): object => {
    return { type, data, id: `e${at}`, parentId: at === 0 ? null : `e${at - 1}` };
  };
  return lines(
    event(0, 'session.start', { sessionId: 's' }),
    event(1, 'user.message', { content: 'hello' }),
    event(2, 'assistant.message', { content }),
    event(3, 'user.message', { content: 'more' }),
    event(4, 'assistant.message', { content: 'last' }),
  );
};

/** Kimi; `content` is that of the answer. */
export const kimi = (content: unknown): string => {
  const message = (role: string, said: unknown): object => {
    return { type: 'context.append_message', message: { role, content: said, toolCalls: [] } };
  };
  return lines(
    { type: 'metadata', protocol_version: '1.3' },
    message('user', [text('hello')]),
    message('assistant', content),
    message('user', [text('more')]),
    message('assistant', [text('last')]),
  );
};

/** Every tool whose files are written. */
export const written: readonly (readonly [name: string, make: Making])[] = [
  ['Claude Code', claude],
  ['Codex', codex],
  ['pi', pi],
  ['chat completions', chat],
  ['Anthropic', anthropic],
  ['Cline', cline],
  ['Gemini', gemini],
];
