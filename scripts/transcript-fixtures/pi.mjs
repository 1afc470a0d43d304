/**
 * Sessions as pi and OpenClaw leave them, small and readable: trees, compactions, answers that
 * broke off, older versions. What a reader must find is written down beside each, by hand.
 */

const folder = 'fixtures/transcripts/pi';
let second = 0;

function time() {
  second += 1;
  return new Date(Date.UTC(2026, 0, 9, 10, 0, second)).toISOString();
}

const header = (more = {}) => ({
  type: 'session',
  version: 3,
  id: 'ffae836b-0000-4000-8000-000000000001',
  timestamp: '2026-01-09T10:00:00.000Z',
  cwd: '/home/me/shop',
  ...more,
});

/** An entry; its id is eight digits, as pi makes them. */
function entry(id, parent, type, members) {
  return {
    type,
    id: hex(id),
    parentId: parent === null ? null : hex(parent),
    timestamp: time(),
    ...members,
  };
}

const hex = (id) => Buffer.from(id).toString('hex').padEnd(8, '0').slice(0, 8);
const said = (id, parent, message) => entry(id, parent, 'message', { message });
const ask = (id, parent, text) =>
  said(id, parent, { role: 'user', content: [{ type: 'text', text }] });

const claude = { api: 'anthropic-messages', provider: 'anthropic', model: 'claude-opus-4-5' };

function answer(id, parent, content, more = {}) {
  const stopReason = content.some(({ type }) => type === 'toolCall') ? 'toolUse' : 'stop';
  return said(id, parent, { role: 'assistant', content, ...claude, stopReason, ...more });
}

const text = (words) => ({ type: 'text', text: words });
const call = (id, name = 'read') => ({
  type: 'toolCall',
  id,
  name,
  arguments: { path: 'cart.ts' },
});

function result(id, parent, callId, words = 'export {}') {
  return said(id, parent, {
    role: 'toolResult',
    toolCallId: callId,
    toolName: 'read',
    content: [text(words)],
    isError: false,
  });
}

const lines = (entries) => entries.map((one) => `${JSON.stringify(one)}\n`).join('');

/** The turn that most sessions begin with: an order, a call, its result, words. */
const begin = () => [
  header(),
  ask('u1', null, 'What is here?'),
  answer('a1', 'u1', [
    { type: 'thinking', thinking: 'I look.', thinkingSignature: 'EqQB' },
    call('toolu_1'),
  ]),
  result('r1', 'a1', 'toolu_1'),
  answer('a2', 'r1', [text('One file.')]),
];
const begun = () => [
  ['user', 'text What is here?'],
  ['assistant', 'thinking', 'tool_use toolu_1'],
  ['user', 'tool_result toolu_1'],
  ['assistant', 'text One file.'],
];

const compactionSummary =
  'text The conversation history before this point was compacted into the following summary:\n\n' +
  '<summary>\nOne file.\n</summary>';

const fixtures = {
  clean: () => ({ text: lines(begin()), messages: begun() }),

  // Two calls at once: their results are one message.
  'parallel-calls': () => ({
    text: lines([
      header(),
      ask('u1', null, 'Read both.'),
      answer('a1', 'u1', [call('toolu_1'), call('toolu_2')]),
      result('r1', 'a1', 'toolu_1'),
      result('r2', 'r1', 'toolu_2'),
      answer('a2', 'r2', [text('Both are empty.')]),
    ]),
    messages: [
      ['user', 'text Read both.'],
      ['assistant', 'tool_use toolu_1', 'tool_use toolu_2'],
      ['user', 'tool_result toolu_1', 'tool_result toolu_2'],
      ['assistant', 'text Both are empty.'],
    ],
  }),

  // The user went back and took another way: the last entry of the file decides.
  branch: () => ({
    text: lines([
      ...begin(),
      ask('u2', 'a2', 'Delete it.'),
      answer('a3', 'u2', [text('It is gone.')]),
      entry('s1', 'a2', 'branch_summary', { fromId: hex('a3'), summary: 'We deleted it.' }),
      ask('u3', 's1', 'Keep it.'),
    ]),
    messages: [
      ...begun(),
      [
        'user',
        'text The following is a summary of a branch that this conversation came back from:\n\n' +
          '<summary>\nWe deleted it.</summary>',
      ],
      ['user', 'text Keep it.'],
    ],
    findings: [{ code: 'MULTIPLE_LEAVES', line: 7 }],
    sides: [{ kind: 'branch', messages: 2 }],
  }),

  compaction: () => ({
    text: lines([
      ...begin(),
      ask('u2', 'a2', 'And now?'),
      entry('c1', 'u2', 'compaction', {
        summary: 'One file.',
        firstKeptEntryId: hex('u2'),
        tokensBefore: 100,
      }),
      answer('a3', 'c1', [text('Now we test.')]),
    ]),
    messages: [
      ['user', compactionSummary],
      ['user', 'text And now?'],
      ['assistant', 'text Now we test.'],
    ],
    sides: [{ kind: 'compacted', messages: 4 }],
  }),

  // An answer that broke off is not sent again, with its call.
  aborted: () => ({
    text: lines([
      ...begin(),
      ask('u2', 'a2', 'Test it.'),
      answer('a3', 'u2', [text('I run'), call('toolu_2')], { stopReason: 'aborted' }),
      ask('u3', 'a3', 'Never mind.'),
    ]),
    messages: [...begun(), ['user', 'text Test it.'], ['user', 'text Never mind.']],
  }),

  dangling: () => ({
    text: lines([
      ...begin(),
      ask('u2', 'a2', 'Test it.'),
      answer('a3', 'u2', [call('toolu_2', 'bash')]),
      ask('u3', 'a3', 'Well?'),
    ]),
    messages: [
      ...begun(),
      ['user', 'text Test it.'],
      ['assistant', 'tool_use toolu_2'],
      ['user', 'text Well?'],
    ],
    rules: [{ code: 'DANGLING_TOOL_CALL', line: 7 }],
  }),

  // Commands of the user, notes of extensions, and a context edit that takes an answer back.
  'other-entries': () => ({
    text: lines([
      header(),
      entry('m1', null, 'model_change', { provider: 'anthropic', modelId: 'claude-opus-4-5' }),
      said('b1', 'm1', { role: 'bashExecution', command: 'ls', output: 'cart.ts', exitCode: 0 }),
      said('b2', 'b1', {
        role: 'bashExecution',
        command: 'pwd',
        output: '',
        excludeFromContext: true,
      }),
      entry('n1', 'b2', 'custom_message', {
        customType: 'note',
        content: 'Be quick.',
        display: true,
      }),
      answer('a1', 'n1', [text('A wrong answer.')]),
      entry('e1', 'a1', 'context_edit', { targetId: hex('a1'), replacement: null }),
      entry('x1', 'e1', 'custom', { customType: 'state', data: { n: 1 } }),
      entry('i1', 'x1', 'session_info', { name: 'The shop' }),
    ]),
    messages: [
      ['user', 'text Ran `ls`\n```\ncart.ts\n```'],
      ['user', 'text Be quick.'],
    ],
  }),

  'missing-parent': () => ({
    text: lines([header(), ...begin().slice(3)]),
    messages: begun().slice(2),
    findings: [{ code: 'MISSING_PARENT', line: 2 }],
    rules: [{ code: 'ORPHANED_TOOL_RESULT', line: 2 }],
  }),

  'parent-cycle': () => ({
    text: lines([
      header(),
      ask('u1', 'a1', 'What is here?'),
      answer('a1', 'u1', [text('One file.')]),
    ]),
    messages: [
      ['user', 'text What is here?'],
      ['assistant', 'text One file.'],
    ],
    findings: [{ code: 'PARENT_CYCLE', line: 2 }],
  }),

  'written-twice': () => {
    const entries = begin();
    return {
      text: lines([...entries, entries[3]]),
      messages: begun(),
      findings: [{ code: 'DUPLICATE_RECORD', line: 6 }],
    };
  },

  // One id for two entries: pi takes the later one, and the way from the last entry leads there.
  'conflicting-ids': () => ({
    text: lines([
      header(),
      ask('u1', null, 'What is here?'),
      ask('u1', null, 'What was here?'),
      answer('a1', 'u1', [text('One file.')]),
    ]),
    messages: [
      ['user', 'text What was here?'],
      ['assistant', 'text One file.'],
    ],
    findings: [
      { code: 'CONFLICTING_RECORD', line: 3 },
      { code: 'MULTIPLE_LEAVES', line: 2 },
    ],
    sides: [{ kind: 'branch', messages: 1 }],
  }),

  // Version 1 has no ids: entries follow each other, and a compaction counts them.
  'version-1': () => {
    const bare = begin()
      .slice(1)
      .map(({ type, timestamp, message }) => ({ type, timestamp, message }));
    const { version: _, ...head } = header();
    return {
      text: lines([
        head,
        ...bare,
        {
          type: 'compaction',
          timestamp: time(),
          summary: 'One file.',
          firstKeptEntryIndex: 4,
          tokensBefore: 9,
        },
        { type: 'message', timestamp: time(), message: { role: 'user', content: 'And now?' } },
      ]),
      messages: [
        ['user', compactionSummary],
        ['assistant', 'text One file.'],
        ['user', 'text And now?'],
      ],
      sides: [{ kind: 'compacted', messages: 3 }],
    };
  },

  // Version 2 called the messages of extensions something else.
  'version-2': () => ({
    text: lines([
      header({ version: 2 }),
      said('h1', null, {
        role: 'hookMessage',
        customType: 'note',
        content: 'Be quick.',
        display: true,
      }),
      answer('a1', 'h1', [text('Yes.')]),
    ]),
    messages: [
      ['user', 'text Be quick.'],
      ['assistant', 'text Yes.'],
    ],
  }),

  // Models of OpenAI: the id of a call holds that of its item, and thinking is an item.
  responses: () => {
    const api = { api: 'openai-responses', provider: 'openai', model: 'gpt-5.5' };
    const item = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' };
    return {
      text: lines([
        header(),
        ask('u1', null, 'Read it.'),
        answer(
          'a1',
          'u1',
          [
            { type: 'thinking', thinking: '', thinkingSignature: JSON.stringify(item) },
            call('call_1|fc_1'),
          ],
          api,
        ),
        result('r1', 'a1', 'call_1|fc_1'),
      ]),
      profile: 'openai-responses',
      messages: [
        ['user', 'text Read it.'],
        ['assistant', 'reasoning', 'tool_use call_1'],
        ['user', 'tool_result call_1'],
      ],
    };
  },

  // OpenClaw: other names for calls, and words that it put there itself, which no model said.
  openclaw: () => ({
    text: lines([
      header(),
      ask('u1', null, 'Read it.'),
      answer('a1', 'u1', [{ type: 'toolUse', id: 'toolu_1', name: 'read', input: { path: 'a' } }]),
      result('r1', 'a1', 'toolu_1'),
      answer('a2', 'r1', [text('Sent.')], {
        api: 'openai-responses',
        provider: 'openclaw',
        model: 'delivery-mirror',
      }),
    ]),
    messages: [
      ['user', 'text Read it.'],
      ['assistant', 'tool_use toolu_1'],
      ['user', 'tool_result toolu_1'],
      ['assistant', 'text Sent.'],
    ],
  }),

  'without-header': () => ({
    text: lines([...begin().slice(1), ['what'], header()]),
    messages: begun(),
    findings: [
      { code: 'UNEXPECTED_RECORD', line: 1 },
      { code: 'UNEXPECTED_RECORD', line: 5 },
      { code: 'UNEXPECTED_RECORD', line: 6 },
    ],
  }),

  'torn-tail': () => ({
    text: lines(begin()).slice(0, -40),
    messages: begun().slice(0, -1),
    findings: [{ code: 'TORN_RECORD', line: 5 }],
  }),
};

/** Every file with its bytes; `NAME.expected.json` is what a reader must find. */
export const files = Object.entries(fixtures).flatMap(([name, make]) => {
  second = 0;
  const {
    text: content,
    messages,
    profile = 'anthropic',
    findings = [],
    rules = [],
    sides = [],
  } = make();
  const rows = (list) =>
    list.length === 0
      ? '[]'
      : `[${list.map((row) => `\n    ${JSON.stringify(row)}`).join(',')}\n  ]`;
  const members = {
    profile: JSON.stringify(profile),
    messages: rows(messages),
    findings: rows(findings),
    rules: rows(rules),
    sides: rows(sides),
  };
  const json = Object.entries(members).map(([key, value]) => `  ${JSON.stringify(key)}: ${value}`);
  return [
    { path: `${folder}/${name}.jsonl`, bytes: Buffer.from(content) },
    { path: `${folder}/${name}.expected.json`, bytes: Buffer.from(`{\n${json.join(',\n')}\n}\n`) },
  ];
});
