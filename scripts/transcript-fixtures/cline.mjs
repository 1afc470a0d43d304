/** Tasks of Cline and Roo, and sessions of Cline's SDK. What must be read is written by hand. */
const text = (words) => ({ type: 'text', text: words });
const call = { type: 'tool_use', id: 'toolu_1', name: 'read_file', input: { path: 'notes.txt' } };
const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Milk.' };
const task = '<task>\nWhat is in my notes?\n</task>';
const ask = { role: 'user', content: [text(task)] };
const reading = { role: 'assistant', content: [text('I look.'), call] };
const answer = { role: 'assistant', content: [text('Milk.')] };
const clean = [
  `user: text ${JSON.stringify(task)}`,
  'assistant: text "I look." | call toolu_1 read_file',
  'user: result toolu_1 "Milk."',
  'assistant: text "Milk."',
];
const session = (messages) =>
  JSON.stringify(
    {
      version: 1,
      updated_at: '2026-05-01T10:00:00.000Z',
      agent: 'lead',
      sessionId: '1777629600000_ab12c',
      messages: messages.map((message, n) => ({ id: `msg_${n + 1}`, ...message, ts: n + 1 })),
      system_prompt: 'You are helpful.',
    },
    null,
    '\t',
  );
const operations = [
  { query: 'notes.txt:1-1', result: '1 | Milk.', success: true },
  { query: 'none.txt', result: '', error: 'No such file', success: false },
];
const picture = { type: 'image', data: 'AAAA', mediaType: 'image/png' };
const seen = [{ query: 'a.png', result: [text('Read a picture'), picture], success: true }];
const reads = (content) => {
  return { role: 'user', content: [{ ...result, name: 'read_files', content }] };
};
// A picture behind the text has no words, only its place.
const inJson = (value, behind = '') =>
  `user: result toolu_1 ${JSON.stringify(JSON.stringify(value) + behind)}`;
const whole = session([ask, reading, { role: 'user', content: [result] }, answer]);

const cases = {
  'task.json': {
    text: JSON.stringify([ask, reading, { role: 'user', content: [result] }, answer]),
    messages: clean,
  },
  'task-stopped.json': { text: JSON.stringify([ask, reading]), messages: clean.slice(0, 2) },
  'session.json': { text: whole, messages: clean },
  'session-operations.json': {
    text: session([ask, reading, reads(operations), answer]),
    messages: [...clean.slice(0, 2), inJson(operations), clean[3]],
  },
  'session-picture.json': {
    text: session([ask, reading, reads(seen), answer]),
    messages: [
      ...clean.slice(0, 2),
      inJson([{ ...seen[0], result: ['Read a picture'] }], ','),
      clean[3],
    ],
  },
  'session-torn.json': {
    text: whole.slice(0, whole.lastIndexOf('"Milk."')),
    messages: clean.slice(0, 3),
    finds: [['TORN_RECORD', 49]],
  },
  'roo-condensed.json': {
    text: JSON.stringify(
      [
        { ...ask, ts: 1, condenseParent: 's1' },
        { ...reading, ts: 2, condenseParent: 's1' },
        { role: 'user', content: 'The notes say milk.', ts: 3, isSummary: true, condenseId: 's1' },
        { ...answer, ts: 4 },
      ],
      null,
      2,
    ),
    messages: ['user: text "The notes say milk."', 'assistant: text "Milk."'],
    sides: [['compacted', 2]],
  },
};

/** The task and what is expected of it, for each case. */
export const files = Object.entries(cases).flatMap(([name, { text: bytes, ...expected }]) => {
  const path = `fixtures/transcripts/cline/${name}`;
  const all = {
    file: name,
    format: 'cline',
    profile: 'anthropic',
    finds: [],
    sides: [],
    ...expected,
  };
  return [
    { path, bytes: Buffer.from(bytes) },
    {
      path: path.replace(/\.json$/, '.expected.json'),
      bytes: Buffer.from(`${JSON.stringify(all, null, 2)}\n`),
    },
  ];
});
