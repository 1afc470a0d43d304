/** Records of Claude Code, a second apart, and the turn that most transcripts are made of. */

/** The session of all records. */
export const sessionId = '5e551075-0000-4000-8000-000000000001';

/** A uuid that can be read: `uuid('a1')` is a1 and zeros. */
export function uuid(name) {
  const hex = Buffer.from(name).toString('hex').padEnd(8, '0').slice(0, 8);
  return `${hex}-0000-4000-8000-000000000000`;
}

let second = 0;

/** The next record is the first of its file. */
export function restart() {
  second = 0;
}

/** One record of the conversation, in the order of members that Claude Code writes. */
export function record(name, parent, members, more = {}) {
  second += 1;
  return {
    parentUuid: parent === null ? null : uuid(parent),
    isSidechain: false,
    userType: 'external',
    cwd: '/home/me/shop',
    sessionId,
    version: '2.1.42',
    gitBranch: 'main',
    ...members,
    uuid: uuid(name),
    timestamp: new Date(Date.UTC(2026, 1, 3, 10, 0, second)).toISOString(),
    ...more,
  };
}

/** Words of the user. */
export function prompt(name, parent, text, more) {
  return record(name, parent, { type: 'user', message: { role: 'user', content: text } }, more);
}

/** One block of an answer. */
export function answer(name, parent, id, block, more) {
  const message = {
    model: 'claude-sonnet-4-5',
    id,
    type: 'message',
    role: 'assistant',
    content: [block],
    stop_reason: null,
  };
  return record(name, parent, { message, requestId: `req_${id}`, type: 'assistant' }, more);
}

/** Words. */
export const text = (words) => ({ type: 'text', text: words });

/** A call of a tool. */
export const call = (id, name, input) => ({ type: 'tool_use', id, name, input });

/** The result of a call. */
export function result(name, parent, id, content, more) {
  const block = { tool_use_id: id, type: 'tool_result', content };
  const message = { role: 'user', content: [block] };
  return record(
    name,
    parent,
    { type: 'user', message },
    {
      toolUseResult: { stdout: content, stderr: '' },
      sourceToolAssistantUUID: parent === null ? null : uuid(parent),
      ...more,
    },
  );
}

/** What a command prints while it runs. */
export function progress(name, parent, toolUseID) {
  const data = { type: 'bash_progress', output: '', elapsedTimeSeconds: 2 };
  return record(name, parent, { type: 'progress', data, toolUseID, parentToolUseID: toolUseID });
}

/** Where a conversation was compacted. */
export function boundary(name, logical, preserved) {
  return record(
    name,
    null,
    { type: 'system', subtype: 'compact_boundary', content: 'Conversation compacted' },
    {
      logicalParentUuid: uuid(logical),
      compactMetadata: { trigger: 'auto', preTokens: 155000, ...preserved },
    },
  );
}

/** What was said in front of that, in short. */
export function summary(name, parent) {
  return prompt(name, parent, 'This session goes on from an earlier one. The tests were red.', {
    isCompactSummary: true,
    isVisibleInTranscriptOnly: true,
  });
}

/** Records as Claude Code writes them. */
export const lines = (records, end = '\n') =>
  records.map((one) => JSON.stringify(one) + end).join('');

/** The turn of most files begins: the user asks. */
export const task = () => prompt('u1', null, 'Why is the build red?');

/** Its second record: the model says what it does. */
export const look = () => answer('a1', 'u1', 'msg_1', text('I look at the log.'));

/** Its third record: the model calls a tool. */
export const run = () =>
  answer('a2', 'a1', 'msg_1', call('toolu_1', 'Bash', { command: 'npm test' }));

/** Its fourth record: what came of the call. */
export const ran = (parent = 'a2') => result('r1', parent, 'toolu_1', '1 failed');

/** Its last record: the answer. */
export const told = (parent = 'r1') => answer('a3', parent, 'msg_2', text('One test fails.'));

/** What a reader must find in the first half of the turn. */
export const askedAndLooked = [
  ['user', 'text Why is the build red?'],
  ['assistant', 'text I look at the log.', 'tool_use toolu_1'],
];

/** What a reader must find in the turn. */
export const wholeTurn = [
  ...askedAndLooked,
  ['user', 'tool_result toolu_1'],
  ['assistant', 'text One test fails.'],
];
