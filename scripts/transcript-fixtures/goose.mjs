/** Sessions of goose in JSON lines. What must be read is written by hand. */
const header = { working_dir: '/repo', description: 'Notes', message_count: 4, total_tokens: 12 };
const message = (role, content, more = {}) => ({ role, created: 1777629600, content, ...more });
const text = (words) => ({ type: 'text', text: words });
const request = (id, toolCall) => ({ type: 'toolRequest', id, toolCall });
const response = (id, toolResult) => ({ type: 'toolResponse', id, toolResult });
const shell = { name: 'developer__shell', arguments: { command: 'cat notes.txt' } };
const ask = message('user', [text('What is in my notes?')]);
const reading = message('assistant', [
  text('I look.'),
  request('call_1', { status: 'success', value: shell }),
]);
const result = message('user', [
  response('call_1', { status: 'success', value: { content: [text('Milk.')], isError: false } }),
]);
const answer = message('assistant', [text('Milk.')]);
const lines = (...values) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const clean = [
  'user: text "What is in my notes?"',
  'assistant: text "I look." | call call_1 developer__shell',
  'user: result call_1 "Milk."',
  'assistant: text "Milk."',
];

const cases = {
  clean: { text: lines(header, ask, reading, result, answer), messages: clean },
  dangling: { text: lines(header, ask, reading), messages: clean.slice(0, 2) },
  'failed-tool': {
    text: lines(
      header,
      ask,
      reading,
      message('user', [response('call_1', { status: 'error', error: '-32603: no' })]),
    ),
    messages: [...clean.slice(0, 2), 'user: error call_1 "-32603: no"'],
  },
  summarised: {
    text: lines(
      header,
      { ...ask, metadata: { userVisible: true, agentVisible: false } },
      message('user', [text('The notes say milk.')], {
        metadata: { userVisible: false, agentVisible: true },
      }),
      answer,
    ),
    messages: ['user: text "The notes say milk."', 'assistant: text "Milk."'],
    sides: [['compacted', 1]],
  },
  'fused-and-torn': {
    text:
      lines(header, ask) +
      JSON.stringify(reading) +
      lines(result) +
      JSON.stringify(answer).slice(0, 30),
    messages: clean.slice(0, 3),
    finds: [
      ['FUSED_RECORDS', 3],
      ['TORN_RECORD', 4],
    ],
  },
};

/** The session and what is expected of it, for each case. */
export const files = Object.entries(cases).flatMap(([name, { text: bytes, ...expected }]) => {
  const path = `fixtures/transcripts/goose/${name}`;
  const file = `${name}.jsonl`;
  const all = { file, format: 'goose', profile: 'generic', finds: [], sides: [], ...expected };
  return [
    { path: `${path}.jsonl`, bytes: Buffer.from(bytes) },
    { path: `${path}.expected.json`, bytes: Buffer.from(`${JSON.stringify(all, null, 2)}\n`) },
  ];
});
