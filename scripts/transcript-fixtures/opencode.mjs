/**
 * Sessions of opencode: exports, and the files of older versions as a full disk leaves them. Its
 * databases are made by tests. What must be read is written by hand.
 */
const session = {
  id: 'ses_1',
  title: 'Notes',
  directory: '/repo',
  version: '1.3.0',
  time: { updated: 9 },
};
const text = (words) => ({ type: 'text', text: words });
const tool = (callID, state) => ({
  type: 'tool',
  callID,
  tool: 'read',
  state: { input: { filePath: 'notes.txt' }, ...state },
});
const model = { providerID: 'anthropic', modelID: 'claude-sonnet' };
const user = (id, ...parts) => ({ info: { id, role: 'user', model }, parts });
const assistant = (id, info, ...parts) => ({
  info: { id, role: 'assistant', ...model, ...info },
  parts: [{ type: 'step-start' }, ...parts, { type: 'step-finish', reason: 'stop' }],
});
const done = { status: 'completed', output: 'Milk.', title: 'notes.txt', metadata: {} };
const ask = user('msg_1', text('What is in my notes?'));
const reading = assistant('msg_2', {}, text('I look.'), tool('call_1', done));
const answer = assistant('msg_3', {}, text('Milk.'));
const whole = (messages, info = {}) => {
  const numbered = messages.map(({ info: own, parts }) => ({
    info: { sessionID: 'ses_1', ...own },
    parts: parts.map((part, n) => ({ id: `prt_${own.id.slice(4)}_${n}`, ...part })),
  }));
  return { info: { ...session, ...info }, messages: numbered };
};
const exported = (...args) => JSON.stringify(whole(...args), null, 2);
const clean = [
  'user: text "What is in my notes?"',
  'assistant: text "I look." | call call_1 read',
  'user: result call_1 "Milk."',
  'assistant: text "Milk."',
];

const cases = {
  clean: { text: exported([ask, reading, answer]), messages: clean },
  interrupted: {
    text: exported([
      ask,
      assistant(
        'msg_2',
        {},
        tool('call_1', { status: 'pending', raw: '{"fi' }),
        tool('call_2', { status: 'running' }),
        tool('call_3', { status: 'error', error: 'ENOENT' }),
      ),
    ]),
    messages: [
      clean[0],
      'assistant: call call_1 read pending | call call_2 read running | call call_3 read',
      'user: error call_3 "ENOENT"',
    ],
  },
  reverted: {
    text: exported([ask, reading, answer], { revert: { messageID: 'msg_2' } }),
    messages: [clean[0]],
    sides: [['rolled-back', 2]],
  },
  compacted: {
    text: exported([
      ask,
      reading,
      user('msg_4', { type: 'compaction', auto: true }),
      assistant('msg_5', { parentID: 'msg_4', summary: true, finish: 'stop' }, text('Milk it is.')),
    ]),
    messages: ['user: text "What did we do so far?"', 'assistant: text "Milk it is."'],
    sides: [['compacted', 2]],
  },
};

const expectation = (file, more) => {
  const all = { file, format: 'opencode', profile: 'anthropic', finds: [], sides: [], ...more };
  return Buffer.from(`${JSON.stringify(all, null, 2)}\n`);
};
const folder = 'fixtures/transcripts/opencode';
const exports_ = Object.entries(cases).flatMap(([name, { text: bytes, ...expected }]) => [
  { path: `${folder}/${name}.json`, bytes: Buffer.from(bytes) },
  { path: `${folder}/${name}.expected.json`, bytes: expectation(`${name}.json`, expected) },
]);

/** The files of one session; two parts of the answer are empty, as a full disk left them. */
function storage() {
  const { messages } = whole([ask, reading, answer]);
  const put = (path, value) => ({
    path: `${folder}/disk-full/storage/${path}.json`,
    bytes: Buffer.from(value === null ? '' : JSON.stringify(value, null, 2)),
  });
  const empty = new Set(['prt_3_1', 'prt_3_2']);
  return [
    put('session/project/ses_1', session),
    ...messages.flatMap(({ info, parts }, n) => [
      put(`message/ses_1/${info.id}`, { ...info, time: { created: n + 1 } }),
      ...parts.map((part) => put(`part/${info.id}/${part.id}`, empty.has(part.id) ? null : part)),
    ]),
  ];
}

/** Exports and files, and what is expected of each session. */
export const files = [
  ...exports_,
  ...storage(),
  {
    path: `${folder}/disk-full.expected.json`,
    bytes: expectation('disk-full', {
      session: 'ses_1',
      messages: clean.slice(0, 3),
      finds: [
        ['TORN_RECORD', 'prt_3_1'],
        ['TORN_RECORD', 'prt_3_2'],
      ],
    }),
  },
];
