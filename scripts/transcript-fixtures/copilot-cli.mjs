/** Sessions of Copilot CLI. What must be read is written by hand. */
let last = null;
let count = 0;
const begin = () => {
  last = null;
  count = 0;
};
const event = (type, data, more = {}) => {
  count += 1;
  const id = `e${count}`;
  const made = { type, data, id, timestamp: '2026-05-01T10:00:00.000Z', parentId: last, ...more };
  last = id;
  return made;
};
const start = () =>
  event('session.start', {
    sessionId: 's1',
    version: 1,
    copilotVersion: '1.0.77',
    selectedModel: 'gpt-5-mini',
    context: { cwd: '/repo' },
  });
const user = (content) => event('user.message', { content, transformedContent: content });
const request = (id) => ({ toolCallId: id, name: 'view', arguments: '{"path":"notes.txt"}' });
const answer = (content, ...calls) =>
  event('assistant.message', { messageId: 'm', content, toolRequests: calls.map(request) });
const done = (id, content) =>
  event('tool.execution_complete', { toolCallId: id, success: true, result: { content } });
const lines = (events) => events.map((each) => `${JSON.stringify(each)}\n`).join('');

const clean = () => {
  begin();
  return [
    start(),
    user('What is in my notes?'),
    answer('I look.', 'call_1'),
    event('tool.execution_start', { toolCallId: 'call_1', toolName: 'view' }),
    done('call_1', 'Milk.'),
    answer('Milk.'),
  ];
};
const messages = [
  'user: text "What is in my notes?"',
  'assistant: text "I look." | call call_1 view',
  'user: result call_1 "Milk."',
  'assistant: text "Milk."',
];

const cases = {
  clean: { text: lines(clean()), messages },
  aborted: {
    text: lines([...clean().slice(0, 4), event('abort', { reason: 'user initiated' })]),
    messages: messages.slice(0, 2),
  },
  'failed-tool': {
    text: lines([
      ...clean().slice(0, 4),
      event('tool.execution_complete', {
        toolCallId: 'call_1',
        success: false,
        error: { message: 'no such file' },
      }),
    ]),
    messages: [...messages.slice(0, 2), 'user: error call_1 "no such file"'],
  },
  rewound: {
    text: lines([
      ...clean(),
      event('session.snapshot_rewind', { upToEventId: 'e3', eventsRemoved: 4 }),
      answer('No idea.'),
    ]),
    messages: [messages[0], 'assistant: text "No idea."'],
    sides: [['rolled-back', 3]],
  },
  'rewound-to-nowhere': {
    text: lines([...clean(), event('session.snapshot_rewind', { upToEventId: 'x' })]),
    messages,
    finds: [['MISSING_PARENT', 7]],
  },
  compacted: {
    text: lines([
      ...clean(),
      event('session.compaction_complete', { success: true, summaryContent: 'Milk it is.' }),
      user('Thanks.'),
    ]),
    messages: ['user: text "Milk it is."', 'user: text "Thanks."'],
    sides: [['compacted', 4]],
  },
  'sub-agent': {
    text: lines([
      ...clean(),
      event('assistant.message', { content: 'Apart.', parentToolCallId: 'call_1' }),
      event('tool.execution_complete', {
        toolCallId: 'c9',
        success: true,
        parentToolCallId: 'call_1',
      }),
    ]),
    messages,
    sides: [['sidechain', 2]],
  },
  'fused-written-again': {
    // Without a line end the next event is glued to it, and then the first is written once more.
    text: (() => {
      const [a, b, c, ...rest] = clean().map((each) => JSON.stringify(each));
      return [a, b + c, b, ...rest].map((line) => `${line}\n`).join('');
    })(),
    messages,
    finds: [
      ['FUSED_RECORDS', 2],
      ['DUPLICATE_RECORD', 3],
    ],
  },
};

/** The session and what is expected of it, for each case. */
export const files = Object.entries(cases).flatMap(([name, { text, ...expected }]) => {
  const path = `fixtures/transcripts/copilot-cli/${name}`;
  const file = `${name}.jsonl`;
  const all = {
    file,
    format: 'copilot-cli',
    profile: 'generic',
    finds: [],
    sides: [],
    ...expected,
  };
  return [
    { path: `${path}.jsonl`, bytes: Buffer.from(text) },
    { path: `${path}.expected.json`, bytes: Buffer.from(`${JSON.stringify(all, null, 2)}\n`) },
  ];
});
