/** Sessions of Kimi Code. What must be read is written by hand. */
const header = { type: 'metadata', protocol_version: '1.4', created_at: 1 };
const request = { type: 'llm.request', kind: 'loop', provider: 'kimi', model: 'kimi-k2.7-code' };
const user = (text, kind = 'user') => ({
  type: 'context.append_message',
  message: { role: 'user', content: [{ type: 'text', text }], toolCalls: [], origin: { kind } },
});
const loop = (type, more) => ({ type: 'context.append_loop_event', event: { type, ...more } });
const step = (uuid, ...parts) => [
  loop('step.begin', { uuid }),
  ...parts.map(({ type, ...more }) => loop(type, { stepUuid: uuid, ...more })),
  loop('step.end', { uuid, finishReason: 'end_turn' }),
];
const text = (words) => ({ type: 'content.part', part: { type: 'text', text: words } });
const think = (words) => ({ type: 'content.part', part: { type: 'think', think: words } });
const call = (id) => ({
  type: 'tool.call',
  toolCallId: id,
  name: 'Read',
  args: { path: 'notes.txt' },
});
const result = (id, output, more = {}) =>
  loop('tool.result', { toolCallId: id, result: { output, ...more } });
const lines = (...events) =>
  events
    .flat()
    .map((each) => `${JSON.stringify(each)}\n`)
    .join('');

const ask = user('What is in my notes?');
// The results of a step come before its end.
const reading = (...results) => {
  const events = step('s1', think('Hm.'), text('I look.'), call('Read_1'));
  return [...events.slice(0, -1), ...results, ...events.slice(-1)];
};
const answer = step('s2', text('Milk.'));
const clean = [
  'user: text "What is in my notes?"',
  'assistant: thinking "Hm." | text "I look." | call Read_1 Read',
  'user: result Read_1 "Milk."',
  'assistant: text "Milk."',
];

const cases = {
  clean: {
    text: lines(header, ask, request, reading(result('Read_1', 'Milk.')), answer),
    messages: clean,
  },
  killed: {
    text: lines(header, ask, request, reading().slice(0, -1)),
    messages: clean.slice(0, 2),
  },
  'failed-tool': {
    text: lines(header, ask, reading(result('Read_1', 'no such file', { isError: true }))),
    messages: [...clean.slice(0, 2), 'user: error Read_1 "no such file"'],
  },
  'message-while-a-call-is-open': {
    // It waits until the result is there, so that result and call stay neighbours.
    text: lines(header, ask, reading(user('A reminder.', 'injection'), result('Read_1', 'Milk.'))),
    messages: [...clean.slice(0, 3), 'user: text "A reminder."'],
  },
  undone: {
    text: lines(header, ask, answer, user('And tea?'), step('s3', text('No.')), {
      type: 'context.undo',
      count: 1,
    }),
    messages: [clean[0], clean[3]],
    sides: [['rolled-back', 2]],
  },
  compacted: {
    text: lines(header, ask, reading(result('Read_1', 'Milk.')), answer, {
      type: 'context.apply_compaction',
      summary: 'Notes: milk.',
      contextSummary: 'Your own summary: milk.',
      compactedCount: 4,
      keptUserMessageCount: 1,
    }),
    messages: [clean[0], 'user: text "Your own summary: milk."'],
    sides: [['compacted', 3]],
  },
  'compacted-by-an-older-version': {
    text: lines(header, ask, answer, user('And tea?'), {
      type: 'context.apply_compaction',
      summary: 'Notes: milk.',
      compactedCount: 2,
    }),
    messages: ['assistant: text "Notes: milk."', 'user: text "And tea?"'],
    sides: [['compacted', 2]],
  },
  'lost-step': {
    text: lines(
      header,
      ask,
      reading(result('Read_1', 'Milk.')).filter(({ event }) => event?.type !== 'step.begin'),
    ),
    messages: [clean[0], clean[2]],
    finds: [
      ['MISSING_PARENT', 3],
      ['MISSING_PARENT', 4],
      ['MISSING_PARENT', 5],
    ],
  },
};

/** The session and what is expected of it, for each case. */
export const files = Object.entries(cases).flatMap(([name, { text: bytes, ...expected }]) => {
  const path = `fixtures/transcripts/kimi/${name}`;
  const file = `${name}.jsonl`;
  const all = { file, format: 'kimi', profile: 'openai-chat', finds: [], sides: [], ...expected };
  return [
    { path: `${path}.jsonl`, bytes: Buffer.from(bytes) },
    { path: `${path}.expected.json`, bytes: Buffer.from(`${JSON.stringify(all, null, 2)}\n`) },
  ];
});
