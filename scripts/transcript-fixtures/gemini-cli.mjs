/**
 * Sessions of Gemini CLI: newer ones in JSON lines, older ones in one object, checkpoints; clean,
 * and as crashes, rewinds and full disks leave them. What must be read is written here by hand.
 */
const header = {
  sessionId: '6f1c2a8e-0000-4000-8000-000000000001',
  projectHash: '9f2d',
  startTime: '2026-05-01T10:00:00.000Z',
  lastUpdated: '2026-05-01T10:00:00.000Z',
  kind: 'main',
};
const at = (seconds) => new Date(Date.UTC(2026, 4, 1, 10, 0, seconds)).toISOString();
const user = (id, content, n = 1) => ({ id, timestamp: at(n), type: 'user', content });
const gemini = (id, content, more = {}, n = 2) => ({
  id,
  timestamp: at(n),
  type: 'gemini',
  content,
  ...more,
  model: 'gemini-3-pro',
});
const call = (id, more = {}) => ({
  id,
  name: 'read_file',
  args: { path: 'notes.txt' },
  status: 'success',
  timestamp: at(2),
  ...more,
});
const answered = (id, output) => ({
  result: [{ functionResponse: { id, name: 'read_file', response: { output } } }],
});
const set = (more) => ({ $set: { lastUpdated: at(9), ...more } });
const lines = (...values) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const whole = (messages) => JSON.stringify({ ...header, messages }, null, 2);

const ask = user('u1', [{ text: 'What is in my notes?' }]);
const reading = gemini('g1', 'I look.', { toolCalls: [call('c1', answered('c1', 'Milk.'))] });
const answer = gemini('g2', 'Milk.', {}, 3);
const clean = [
  'user: text "What is in my notes?"',
  'assistant: text "I look." | call c1 read_file',
  'user: result c1 "Milk."',
  'assistant: text "Milk."',
];

const cases = {
  'clean.jsonl': {
    text: lines(header, ask, set(), reading, set(), answer, set()),
    messages: clean,
  },
  'clean.json': { text: whole([ask, reading, answer]), messages: clean },
  'updated-in-place.jsonl': {
    // The record is written again when its result is there; the last one counts, at the old place.
    text: lines(
      header,
      ask,
      gemini('g1', 'I look.', { toolCalls: [call('c1', { status: 'executing' })] }),
      answer,
      reading,
    ),
    messages: clean,
  },
  'dangling-by-status.jsonl': {
    text: lines(
      header,
      ask,
      gemini('g1', '', {
        toolCalls: [
          call('c1', answered('c1', 'Milk.')),
          call('c2', { status: 'executing' }),
          call('c3', { status: 'awaiting_approval' }),
        ],
      }),
    ),
    messages: [
      clean[0],
      'assistant: call c1 read_file | call c2 read_file executing | call c3 read_file awaiting_approval',
      clean[2],
    ],
  },
  'rewound.jsonl': {
    text: lines(header, ask, reading, answer, { $rewindTo: 'g1' }, gemini('g3', 'No idea.')),
    messages: [clean[0], 'assistant: text "No idea."'],
    sides: [['rolled-back', 2]],
  },
  'rewound-to-nowhere.jsonl': {
    text: lines(header, ask, answer, { $rewindTo: 'u0' }, user('u2', 'Again.')),
    messages: ['user: text "Again."'],
    finds: [['MISSING_PARENT', 4]],
    sides: [['rolled-back', 2]],
  },
  'compressed.jsonl': {
    text: lines(
      header,
      ask,
      reading,
      set({
        messages: [
          user('s1', [{ text: 'Summary: the notes say milk.' }]),
          gemini('s2', [{ text: 'Got it.' }]),
        ],
      }),
      user('u2', 'Thanks.'),
    ),
    messages: [
      'user: text "Summary: the notes say milk."',
      'assistant: text "Got it."',
      'user: text "Thanks."',
    ],
    sides: [['compacted', 2]],
  },
  'not-for-the-model.jsonl': {
    text: lines(
      header,
      user('u0', '/help'),
      { id: 'i1', timestamp: at(1), type: 'info', content: 'Help' },
      ask,
      user('u2', '<session_context> today'),
      { id: 'e1', timestamp: at(1), type: 'error', content: 'Quota' },
    ),
    messages: [clean[0]],
  },
  'thoughts-and-signatures.jsonl': {
    text: lines(
      header,
      ask,
      gemini('g1', [
        { text: 'Hm.', thought: true, thoughtSignature: 'c2ln' },
        { functionCall: { id: 'c1', name: 'read_file', args: {} }, thoughtSignature: 'c2ln' },
      ]),
      gemini('g2', 'Milk.', { thoughts: [{ subject: 'Notes', description: 'are short' }] }),
    ),
    messages: [
      clean[0],
      'assistant: thinking "Hm." signed | call c1 read_file signed',
      'assistant: thinking "**Notes** are short" | text "Milk."',
    ],
  },
  'disk-full.jsonl': {
    // Nothing is recorded any more once the disk was full; the last line is what still fitted.
    text: lines(header, ask, reading) + JSON.stringify(answer).slice(0, 60),
    messages: clean.slice(0, 3),
    finds: [['TORN_RECORD', 4]],
  },
  'torn.json': {
    text: whole([ask, reading, answer]).slice(0, -60),
    messages: clean.slice(0, 3),
    finds: [['TORN_RECORD', 47]],
  },
  'unknown-records.jsonl': {
    text: lines(header, ask, { kind: 'telemetry' }, { id: 'x1', type: 'plan', content: 'x' }),
    messages: [clean[0]],
    finds: [
      ['UNEXPECTED_RECORD', 3],
      ['UNEXPECTED_RECORD', 4],
    ],
  },
  'checkpoint-list.json': {
    text: JSON.stringify(
      [
        { role: 'user', parts: [{ text: 'What is in my notes?' }] },
        { role: 'model', parts: [{ functionCall: { name: 'read_file', args: {} } }] },
      ],
      null,
      2,
    ),
    messages: [clean[0], 'assistant: call read_file-call-1 read_file'],
  },
  'checkpoint.json': {
    text: JSON.stringify({ history: [{ role: 'user', parts: [{ text: 'Hi.' }] }], authType: 'x' }),
    messages: ['user: text "Hi."'],
  },
};

/** The session and what is expected of it, for each case. */
export const files = Object.entries(cases).flatMap(([name, { text, ...expected }]) => {
  const path = `fixtures/transcripts/gemini-cli/${name}`;
  const whatIsExpected = {
    format: 'gemini-cli',
    profile: 'gemini',
    finds: [],
    sides: [],
    ...expected,
  };
  return [
    { path, bytes: Buffer.from(text) },
    {
      path: path.replace(/(?:\.json|\.jsonl)$/, (end) => `-${end.slice(1)}.expected.json`),
      bytes: Buffer.from(`${JSON.stringify({ file: name, ...whatIsExpected }, null, 2)}\n`),
    },
  ];
});
