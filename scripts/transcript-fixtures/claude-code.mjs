/**
 * Transcripts as Claude Code leaves them, small and readable: how records hang together, and what
 * goes wrong with that. What a reader must find is written down beside each, by hand.
 */

const folder = 'fixtures/transcripts/claude-code';
const sessionId = '5e551075-0000-4000-8000-000000000001';

/** A uuid that can be read: `uuid('a1')` is a1 and zeros. */
function uuid(name) {
  const hex = Buffer.from(name).toString('hex').padEnd(8, '0').slice(0, 8);
  return `${hex}-0000-4000-8000-000000000000`;
}

let second = 0;

/** One record of the conversation, in the order of members that Claude Code writes. */
function record(name, parent, members, more = {}) {
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

function prompt(name, parent, text, more) {
  return record(name, parent, { type: 'user', message: { role: 'user', content: text } }, more);
}

function answer(name, parent, id, block, more) {
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

const text = (words) => ({ type: 'text', text: words });
const call = (id, name, input) => ({ type: 'tool_use', id, name, input });

function result(name, parent, id, content, more) {
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

function progress(name, parent, toolUseID) {
  const data = { type: 'bash_progress', output: '', elapsedTimeSeconds: 2 };
  return record(name, parent, { type: 'progress', data, toolUseID, parentToolUseID: toolUseID });
}

function boundary(name, logical, preserved) {
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

function summary(name, parent) {
  return prompt(name, parent, 'This session goes on from an earlier one. The tests were red.', {
    isCompactSummary: true,
    isVisibleInTranscriptOnly: true,
  });
}

const lines = (records, end = '\n') => records.map((one) => JSON.stringify(one) + end).join('');

const task = () => prompt('u1', null, 'Why is the build red?');
const look = () => answer('a1', 'u1', 'msg_1', text('I look at the log.'));
const run = () => answer('a2', 'a1', 'msg_1', call('toolu_1', 'Bash', { command: 'npm test' }));
const ran = (parent = 'a2') => result('r1', parent, 'toolu_1', '1 failed');
const told = (parent = 'r1') => answer('a3', parent, 'msg_2', text('One test fails.'));

const askedAndLooked = [
  ['user', 'text Why is the build red?'],
  ['assistant', 'text I look at the log.', 'tool_use toolu_1'],
];
const wholeTurn = [
  ...askedAndLooked,
  ['user', 'tool_result toolu_1'],
  ['assistant', 'text One test fails.'],
];

/** Name, content and what must be found: messages, findings by code and line, and sides. */
const fixtures = {
  clean: () => ({
    text: lines([
      { type: 'summary', summary: 'A red build', leafUuid: uuid('a3') },
      {
        type: 'file-history-snapshot',
        messageId: uuid('u1'),
        snapshot: {},
        isSnapshotUpdate: false,
      },
      task(),
      look(),
      run(),
      ran(),
      told(),
      record('s1', 'a3', { type: 'system', subtype: 'turn_duration', durationMs: 4100 }),
    ]),
    messages: wholeTurn,
  }),

  // Two calls at once: each result hangs on its own call, so the line of parents has only one.
  'parallel-calls': () => ({
    text: lines([
      task(),
      look(),
      run(),
      answer('a4', 'a2', 'msg_1', call('toolu_2', 'Read', { file_path: 'log.txt' })),
      ran(),
      result('r2', 'a4', 'toolu_2', 'Error: no such file'),
      told('r2'),
    ]),
    messages: [
      ['user', 'text Why is the build red?'],
      ['assistant', 'text I look at the log.', 'tool_use toolu_1', 'tool_use toolu_2'],
      ['user', 'tool_result toolu_1', 'tool_result toolu_2'],
      ['assistant', 'text One test fails.'],
    ],
  }),

  // The same in the order of the line: the answer goes on behind the first result.
  'result-between-calls': () => ({
    text: lines([
      task(),
      look(),
      run(),
      ran(),
      answer('a4', 'r1', 'msg_1', call('toolu_2', 'Read', { file_path: 'log.txt' })),
      result('r2', 'a4', 'toolu_2', 'Error: no such file'),
      told('r2'),
    ]),
    messages: [
      ['user', 'text Why is the build red?'],
      ['assistant', 'text I look at the log.', 'tool_use toolu_1', 'tool_use toolu_2'],
      ['user', 'tool_result toolu_1', 'tool_result toolu_2'],
      ['assistant', 'text One test fails.'],
    ],
  }),

  // Killed while the command ran; what was shown meanwhile hangs behind the call.
  'interrupted-mid-call': () => ({
    text: lines([task(), look(), run(), progress('p1', 'a2', 'toolu_1')]),
    messages: askedAndLooked,
  }),

  // Killed, resumed, and asked again.
  'interrupted-and-resumed': () => ({
    text: lines([task(), look(), run(), prompt('u2', 'a2', 'Go on.'), told('u2')]),
    messages: [...askedAndLooked, ['user', 'text Go on.'], ['assistant', 'text One test fails.']],
  }),

  // The conversation begins at the boundary; the last exchange before it was kept.
  'compaction-preserved': () => {
    const kept = ['u2', 'a5'].map(uuid);
    return {
      text: lines([
        task(),
        look(),
        run(),
        ran(),
        told(),
        prompt('u2', 'a3', 'Which test?'),
        answer('a5', 'u2', 'msg_3', text('The one of the basket.')),
        boundary('b1', 'a5', { preservedMessages: { anchorUuid: uuid('c1'), uuids: kept } }),
        summary('c1', 'b1'),
        prompt('u3', 'c1', 'Mend it.'),
        answer('a6', 'u3', 'msg_4', text('It is mended.')),
      ]),
      messages: [
        ['user', 'text This session goes on from an earlier one. The tests were red.'],
        ['user', 'text Which test?'],
        ['assistant', 'text The one of the basket.'],
        ['user', 'text Mend it.'],
        ['assistant', 'text It is mended.'],
      ],
      sides: [{ kind: 'compacted', id: uuid('u1'), messages: 5 }],
    };
  },

  // The older way to say the same: only the ends of what was kept.
  'compaction-segment': () => ({
    text: lines([
      task(),
      told('u1'),
      prompt('u2', 'a3', 'Which test?'),
      answer('a5', 'u2', 'msg_3', text('The one of the basket.')),
      boundary('b1', 'a5', {
        preservedSegment: { headUuid: uuid('u2'), tailUuid: uuid('a5'), anchorUuid: uuid('c1') },
      }),
      summary('c1', 'b1'),
      prompt('u3', 'c1', 'Mend it.'),
    ]),
    messages: [
      ['user', 'text This session goes on from an earlier one. The tests were red.'],
      ['user', 'text Which test?'],
      ['assistant', 'text The one of the basket.'],
      ['user', 'text Mend it.'],
    ],
    sides: [{ kind: 'compacted', id: uuid('u1'), messages: 2 }],
  }),

  sidechain: () => {
    const side = { isSidechain: true, agentId: 'a1b2c3' };
    return {
      text: lines([
        task(),
        look(),
        answer('a2', 'a1', 'msg_1', call('toolu_1', 'Task', { prompt: 'Read the log.' })),
        prompt('x1', null, 'Read the log.', side),
        answer('x2', 'x1', 'msg_9', text('It names one test.'), side),
        ran(),
        told(),
      ]),
      messages: wholeTurn,
      sides: [{ kind: 'sidechain', id: 'a1b2c3', messages: 2 }],
    };
  },

  // A file of its own for a sub-agent: everything in it is of a side chain.
  'agent-a1b2c3': () => {
    const side = { isSidechain: true, agentId: 'a1b2c3' };
    return {
      text: lines([
        prompt('x1', null, 'Read the log.', side),
        answer('x2', 'x1', 'msg_9', call('toolu_9', 'Read', { file_path: 'log.txt' }), side),
        result('x3', 'x2', 'toolu_9', '1 failed', side),
        answer('x4', 'x3', 'msg_10', text('It names one test.'), side),
      ]),
      messages: [
        ['user', 'text Read the log.'],
        ['assistant', 'tool_use toolu_9'],
        ['user', 'tool_result toolu_9'],
        ['assistant', 'text It names one test.'],
      ],
    };
  },

  // A file restored without its last line end, gone on with, and the first record written again.
  'fused-written-again': () => {
    const [one, two] = [ran(), told()].map((each) => JSON.stringify(each));
    return {
      text: `${lines([task(), look(), run()])}${one}${two}\n${one}\n`,
      messages: wholeTurn,
      findings: [
        { code: 'FUSED_RECORDS', line: 4 },
        { code: 'DUPLICATE_RECORD', line: 5 },
      ],
    };
  },

  'duplicate-uuid': () => {
    const again = ran();
    return {
      text: lines([task(), look(), run(), again, again, told()]),
      messages: wholeTurn,
      findings: [{ code: 'DUPLICATE_RECORD', line: 5 }],
    };
  },

  // The same uuid with other content: the tool believes the last one.
  'conflicting-uuid': () => ({
    text: lines([task(), look(), run(), ran(), told(), prompt('u1', null, 'Why is it slow?')]),
    messages: [['user', 'text Why is it slow?'], ...wholeTurn.slice(1)],
    findings: [{ code: 'CONFLICTING_RECORD', line: 1 }],
  }),

  // Two records that share everything but the uuid are no copies.
  'same-words-twice': () => ({
    text: lines([task(), told('u1'), prompt('u2', 'a3', 'Why is the build red?')]),
    messages: [
      ['user', 'text Why is the build red?'],
      ['assistant', 'text One test fails.'],
      ['user', 'text Why is the build red?'],
    ],
  }),

  // A record in the middle was lost: the tool begins behind it.
  'missing-parent': () => ({
    text: lines([task(), look(), run(), ran('gone'), told()]),
    messages: [
      ['user', 'tool_result toolu_1'],
      ['assistant', 'text One test fails.'],
    ],
    findings: [{ code: 'MISSING_PARENT', line: 4 }],
    sides: [{ kind: 'branch', id: uuid('u1'), messages: 3 }],
  }),

  // Nothing is a leaf, so the tool shows nothing at all.
  'parent-cycle': () => ({
    text: lines([prompt('u1', 'a3', 'Why is the build red?'), told('u1')]),
    messages: [],
    findings: [{ code: 'PARENT_CYCLE', line: 1 }],
    sides: [{ kind: 'branch', id: uuid('a3'), messages: 2 }],
  }),

  'parent-cycle-below': () => ({
    text: lines([
      prompt('u1', 'a3', 'Why is the build red?'),
      told('u1'),
      prompt('u2', 'a3', 'Mend it.'),
    ]),
    messages: [
      ['user', 'text Why is the build red?'],
      ['assistant', 'text One test fails.'],
      ['user', 'text Mend it.'],
    ],
    findings: [{ code: 'PARENT_CYCLE', line: 1 }],
  }),

  // Rewound once: the newer leaf is the conversation.
  'two-leaves': () => ({
    text: lines([
      task(),
      told('u1'),
      prompt('u2', 'a3', 'Delete the test.'),
      prompt('u3', 'a3', 'Mend the test.'),
    ]),
    messages: [
      ['user', 'text Why is the build red?'],
      ['assistant', 'text One test fails.'],
      ['user', 'text Mend the test.'],
    ],
    findings: [{ code: 'MULTIPLE_LEAVES', line: 3 }],
    sides: [{ kind: 'branch', id: uuid('u2'), messages: 1 }],
  }),

  // What a command prints while it runs hangs on its call, and the last of it is a leaf.
  'progress-forks': () => ({
    text: lines([
      task(),
      look(),
      run(),
      progress('p1', 'a2', 'toolu_1'),
      progress('p2', 'p1', 'toolu_1'),
      ran('p1'),
      told(),
      progress('p3', 'p2', 'toolu_1'),
    ]),
    messages: wholeTurn,
  }),

  // Results that hang anywhere are found by the id of their call.
  'far-results': () => ({
    text: lines([
      task(),
      look(),
      run(),
      answer('a4', 'a2', 'msg_1', call('toolu_2', 'Read', { file_path: 'log.txt' })),
      told('a4'),
      result('r1', 'u1', 'toolu_1', '1 failed', { sourceToolAssistantUUID: uuid('a2') }),
      result('r2', 'u1', 'toolu_2', 'empty', { sourceToolAssistantUUID: undefined }),
      prompt('u2', 'a3', 'Thank you.'),
    ]),
    messages: [
      ['user', 'text Why is the build red?'],
      ['assistant', 'text I look at the log.', 'tool_use toolu_1', 'tool_use toolu_2'],
      ['user', 'tool_result toolu_1', 'tool_result toolu_2'],
      ['assistant', 'text One test fails.'],
      ['user', 'text Thank you.'],
    ],
  }),

  // What the tool writes for people only is not sent; what was typed meanwhile is.
  'errors-and-queued': () => {
    const refused = answer('e1', 'u1', 'msg_e', text('API Error: 529 overloaded'), {
      isApiErrorMessage: true,
    });
    refused.message.model = '<synthetic>';
    const attachment = (name, parent, body) =>
      record(name, parent, { attachment: body, type: 'attachment' });
    return {
      text: lines([
        task(),
        refused,
        prompt('u2', 'e1', 'Try again.'),
        answer('a2', 'u2', 'msg_1', call('toolu_1', 'Bash', { command: 'npm test' })),
        ran(),
        attachment('t1', 'r1', { type: 'todo_reminder', content: [] }),
        attachment('t2', 't1', { type: 'queued_command', prompt: 'Be quick.' }),
        told('t2'),
      ]),
      messages: [
        ['user', 'text Why is the build red?'],
        ['user', 'text Try again.'],
        ['assistant', 'tool_use toolu_1'],
        ['user', 'tool_result toolu_1'],
        ['user', 'text Be quick.'],
        ['assistant', 'text One test fails.'],
      ],
    };
  },

  'summary-only': () => ({
    text: lines([{ type: 'summary', summary: 'A red build', leafUuid: uuid('a3') }]),
    messages: [],
  }),

  'mark-and-returns': () => ({
    text: `\uFEFF${lines([task(), look(), run(), ran(), told()], '\r\n')}\r\n`,
    messages: wholeTurn,
    findings: [{ code: 'BYTE_ORDER_MARK', line: 1 }],
  }),

  // JSON, but nothing that has a place in a conversation.
  unexpected: () => {
    const nameless = prompt('u2', 'a3', 'Lost?');
    delete nameless.uuid;
    return {
      text: lines([task(), 7, told('u1'), nameless, { type: 'mode', mode: 'normal', sessionId }]),
      messages: [
        ['user', 'text Why is the build red?'],
        ['assistant', 'text One test fails.'],
      ],
      findings: [
        { code: 'UNEXPECTED_RECORD', line: 2 },
        { code: 'UNEXPECTED_RECORD', line: 4 },
      ],
    };
  },
};

/** Every file with its bytes; `NAME.expected.json` is what a reader must find. */
export const files = Object.entries(fixtures).flatMap(([name, make]) => {
  second = 0;
  const { text: content, ...expected } = make();
  const { messages, findings = [], sides = [] } = expected;
  const rows = (list) => list.map((row) => `\n    ${JSON.stringify(row)}`).join(',');
  const members = Object.entries({ messages, findings, sides }).map(
    ([member, list]) => `\n  "${member}": [${rows(list)}\n  ]`,
  );
  const json = `{${members.join(',')}\n}\n`;
  return [
    { path: `${folder}/${name}.jsonl`, bytes: Buffer.from(content) },
    {
      path: `${folder}/${name}.expected.json`,
      bytes: Buffer.from(json.replaceAll('[\n  ]', '[]')),
    },
  ];
});
