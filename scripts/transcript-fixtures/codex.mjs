/**
 * Rollouts as Codex leaves them, small and readable, whole and broken. What a reader must find is
 * written down beside each, by hand.
 */

const folder = 'fixtures/transcripts/codex';
let second = 0;

/** One record, a second later than the one before. */
function record(type, payload, ordinal) {
  second += 1;
  const timestamp = new Date(Date.UTC(2026, 6, 9, 10, 0, second)).toISOString();
  return { timestamp, ...(ordinal === undefined ? {} : { ordinal }), type, payload };
}

function meta(id, more = {}) {
  const said = { id, timestamp: '2026-07-09T10:00:00.000Z', cwd: '/home/me/shop' };
  return record('session_meta', {
    ...said,
    originator: 'codex_cli_rs',
    cli_version: '0.147.0',
    ...more,
  });
}

const item = (payload) => record('response_item', payload);
const event = (type, more = {}) => record('event_msg', { type, ...more });
const started = (turn) => event('task_started', { turn_id: turn });
const completed = (turn) => event('task_complete', { turn_id: turn });
const context = (turn) =>
  record('turn_context', { turn_id: turn, cwd: '/home/me/shop', model: 'gpt-5.5' });
const prompt = (text) => message('user', 'input_text', text);
const reply = (text) => message('assistant', 'output_text', text);

function message(role, type, text) {
  return { type: 'message', role, content: [{ type, text }] };
}

function thought(id) {
  return { type: 'reasoning', id, summary: [], content: null, encrypted_content: 'gAAAAABq' };
}

function call(id, name = 'shell', args = { command: ['ls'] }) {
  return { type: 'function_call', name, arguments: JSON.stringify(args), call_id: id };
}

function output(id, text) {
  return { type: 'function_call_output', call_id: id, output: text };
}

const surroundings = prompt(
  '<environment_context>\n  <cwd>/home/me/shop</cwd>\n</environment_context>',
);

/** A turn with one call. */
function turn(name, text, id, answer) {
  return [
    started(name),
    context(name),
    item(prompt(text)),
    event('user_message', { message: text }),
    item(thought(`rs_${id}`)),
    item(call(id)),
    item(output(id, 'cart.ts')),
    item(reply(answer)),
    event('agent_message', { message: answer }),
    completed(name),
  ];
}

function turnMessages(text, id, answer) {
  return [
    ['user', `text ${text}`],
    ['assistant', 'reasoning', `tool_use ${id}`],
    ['user', `tool_result ${id}`],
    ['assistant', `text ${answer}`],
  ];
}

const lines = (records) => records.map((one) => `${JSON.stringify(one)}\n`).join('');
const context1 = [
  'user',
  'text <environment_context>\n  <cwd>/home/me/shop</cwd>\n</environment_context>',
];

/** The first turn of most files. */
const begin = () => [
  meta('0198-thread'),
  item(surroundings),
  ...turn('t1', 'What is here?', 'call_1', 'One file.'),
];
const begun = () => [context1, ...turnMessages('What is here?', 'call_1', 'One file.')];

const fixtures = {
  clean: () => ({ text: lines(begin()), messages: begun() }),

  // Every kind of call, each with its output; searches of the provider need none.
  kinds: () => ({
    text: lines([
      meta('0198-thread'),
      item(prompt('Do it.')),
      item({
        type: 'custom_tool_call',
        status: 'completed',
        call_id: 'call_p',
        name: 'apply_patch',
        input: '*** Begin Patch',
      }),
      item({ type: 'custom_tool_call_output', call_id: 'call_p', output: 'Done!' }),
      item({
        type: 'local_shell_call',
        call_id: 'call_l',
        status: 'completed',
        action: { type: 'exec', command: ['ls'] },
      }),
      item(output('call_l', 'cart.ts')),
      item({
        type: 'tool_search_call',
        call_id: 'call_s',
        execution: 'client',
        arguments: { query: 'mail' },
      }),
      item({
        type: 'tool_search_output',
        call_id: 'call_s',
        status: 'completed',
        execution: 'client',
        tools: [],
      }),
      item({
        type: 'web_search_call',
        status: 'completed',
        action: { type: 'search', query: 'carts' },
      }),
      item(call('call_f', 'read', { path: 'cart.ts' })),
      item({
        type: 'function_call_output',
        call_id: 'call_f',
        output: [{ type: 'input_text', text: 'x' }],
      }),
      item({ type: 'new_kind_of_item', value: 1 }),
      item(reply('Done.')),
    ]),
    messages: [
      ['user', 'text Do it.'],
      ['assistant', 'tool_use call_p'],
      ['user', 'tool_result call_p'],
      ['assistant', 'tool_use call_l'],
      ['user', 'tool_result call_l'],
      ['assistant', 'tool_use call_s'],
      ['user', 'tool_result call_s'],
      ['assistant', 'web_search_call', 'tool_use call_f'],
      ['user', 'tool_result call_f'],
      ['assistant', 'new_kind_of_item', 'text Done.'],
    ],
  }),

  interrupted: () => ({
    text: lines([
      ...begin(),
      started('t2'),
      context('t2'),
      item(prompt('Test it.')),
      item(call('call_2', 'shell', { command: ['npm', 'test'] })),
    ]),
    messages: [...begun(), ['user', 'text Test it.'], ['assistant', 'tool_use call_2']],
    rules: [
      { code: 'UNFINISHED_TURN', line: 16 },
      { code: 'DANGLING_TOOL_CALL', line: 16 },
    ],
  }),

  // The user pressed Escape: Codex tells the model so, and the call stays open.
  aborted: () => ({
    text: lines([
      ...begin(),
      started('t2'),
      item(prompt('Test it.')),
      item(call('call_2')),
      event('turn_aborted', { turn_id: 't2', reason: 'interrupted' }),
      item(prompt('<turn_aborted>\nThe user stopped this turn.\n</turn_aborted>')),
      started('t3'),
      item(prompt('Never mind.')),
      item(reply('All right.')),
    ]),
    messages: [
      ...begun(),
      ['user', 'text Test it.'],
      ['assistant', 'tool_use call_2'],
      ['user', 'text <turn_aborted>\nThe user stopped this turn.\n</turn_aborted>'],
      ['user', 'text Never mind.'],
      ['assistant', 'text All right.'],
    ],
    rules: [{ code: 'DANGLING_TOOL_CALL', line: 15 }],
  }),

  'orphan-output': () => ({
    text: lines([
      meta('0198-thread'),
      item(prompt('Go on.')),
      item(output('call_9', 'late')),
      item(reply('On it.')),
    ]),
    messages: [
      ['user', 'text Go on.'],
      ['user', 'tool_result call_9'],
      ['assistant', 'text On it.'],
    ],
    rules: [{ code: 'ORPHANED_TOOL_RESULT', line: 3 }],
  }),

  'compaction-with-replacement': () => ({
    text: lines([
      ...begin(),
      record('compacted', {
        message: '',
        replacement_history: [
          prompt('What is here?'),
          { type: 'compaction', encrypted_content: 'gAAAAABq' },
        ],
        window_number: 1,
      }),
      event('context_compacted'),
      item(prompt('Go on.')),
      item(reply('On it.')),
    ]),
    messages: [
      ['user', 'text What is here?'],
      ['assistant', 'compaction'],
      ['user', 'text Go on.'],
      ['assistant', 'text On it.'],
    ],
    sides: [{ kind: 'compacted', messages: 5 }],
  }),

  'compaction-without-replacement': () => ({
    text: lines([
      ...begin(),
      record('compacted', { message: 'The shop has one file.' }),
      item(prompt('Go on.')),
      item(reply('On it.')),
    ]),
    messages: [
      ['user', 'text What is here?'],
      ['user', 'text The shop has one file.'],
      ['user', 'text Go on.'],
      ['assistant', 'text On it.'],
    ],
    sides: [{ kind: 'compacted', messages: 5 }],
  }),

  // The second turn is taken back, and the note on surroundings in front of it with it.
  rollback: () => ({
    text: lines([
      ...begin(),
      item(surroundings),
      ...turn('t2', 'Delete it.', 'call_2', 'It is gone.'),
      event('thread_rolled_back', { num_turns: 1 }),
      started('t3'),
      item(prompt('Keep it.')),
      item(reply('I keep it.')),
    ]),
    messages: [...begun(), ['user', 'text Keep it.'], ['assistant', 'text I keep it.']],
    sides: [{ kind: 'rolled-back', messages: 5 }],
  }),

  // Codex plays the compaction of a turn that was taken back again, and then takes its words back.
  'rollback-of-compaction': () => ({
    text: lines([
      ...begin(),
      record('compacted', { message: '', replacement_history: [prompt('What is here?')] }),
      started('t2'),
      item(prompt('More.')),
      event('user_message', { message: 'More.' }),
      record('compacted', { message: '', replacement_history: [prompt('Nothing is left.')] }),
      completed('t2'),
      event('thread_rolled_back', { num_turns: 1 }),
      started('t3'),
      item(prompt('Less.')),
    ]),
    messages: [['user', 'text Less.']],
    sides: [
      { kind: 'compacted', messages: 5 },
      { kind: 'compacted', messages: 2 },
      { kind: 'rolled-back', messages: 1 },
    ],
  }),

  // A fork copies the head of its ancestor behind its own: the first one is the identity.
  fork: () => ({
    text: lines([
      meta('0199-fork', { forked_from_id: '0198-thread', cwd: '/home/me/fork' }),
      ...begin(),
      item(prompt('Here we part.')),
    ]),
    messages: [...begun(), ['user', 'text Here we part.']],
    sessionId: '0199-fork',
  }),

  'ordinals-gap': () => ({
    text: lines(paginated([0, 1, 2, 5])),
    messages: threeMessages,
    findings: [{ code: 'SEQUENCE_GAP', line: 4 }],
  }),

  'ordinals-repeated': () => ({
    text: lines(paginated([0, 1, 2, 2])),
    messages: threeMessages,
    findings: [{ code: 'SEQUENCE_REPEATED', line: 4 }],
  }),

  'ordinals-out-of-order': () => ({
    text: lines(paginated([0, 2, 1, 3])),
    messages: threeMessages,
    findings: [
      { code: 'SEQUENCE_GAP', line: 2 },
      { code: 'OUT_OF_ORDER', line: 3 },
    ],
  }),

  // Codex goes on from the number of the last record, and this one has none.
  'ordinals-missing': () => ({
    text: lines(paginated([0, 1, 2, undefined])),
    messages: threeMessages,
    findings: [
      { code: 'SEQUENCE_GAP', line: 4 },
      { code: 'SEQUENCE_GAP', line: 4 },
    ],
  }),

  // Numbers that follow, and numbers in a file that is not paginated: nothing to tell.
  'ordinals-sound': () => ({ text: lines(paginated([7, 8, 9, 10])), messages: threeMessages }),

  // A write failed half-way; Codex opened the file again and wrote the whole record.
  'torn-and-full-again': () => {
    const [head, ask, answer] = [
      meta('0198-thread'),
      item(prompt('Go on.')),
      item(reply('On it.')),
    ];
    const torn = JSON.stringify(answer).slice(0, 70);
    return {
      text: `${lines([head, ask])}${torn}${lines([answer])}`,
      messages: [
        ['user', 'text Go on.'],
        ['assistant', 'text On it.'],
      ],
      findings: [
        { code: 'MALFORMED_RECORD', line: 3 },
        { code: 'FUSED_RECORDS', line: 3 },
      ],
    };
  },

  // Two records on one line, and the first once more on the next.
  'fused-and-written-again': () => {
    const ask = item({ ...prompt('Go on.'), id: 'msg_1' });
    const answer = item({ ...reply('On it.'), id: 'msg_2' });
    return {
      text: `${lines([meta('0198-thread')])}${JSON.stringify(ask)}${lines([answer, ask])}`,
      messages: [
        ['user', 'text Go on.'],
        ['assistant', 'text On it.'],
      ],
      findings: [
        { code: 'FUSED_RECORDS', line: 2 },
        { code: 'DUPLICATE_RECORD', line: 3 },
      ],
    };
  },

  // The same words twice, at different times: nothing is written twice here.
  'said-twice': () => ({
    text: lines([meta('0198-thread'), item(prompt('Go on.')), item(prompt('Go on.'))]),
    messages: [
      ['user', 'text Go on.'],
      ['user', 'text Go on.'],
    ],
  }),

  'torn-tail': () => ({
    text: lines(begin()).slice(0, -40),
    messages: begun(),
    findings: [{ code: 'TORN_RECORD', line: 12 }],
  }),

  'reasoning-without-item': () => ({
    text: lines([
      meta('0198-thread'),
      item(prompt('Go on.')),
      item(thought('rs_1')),
      item(prompt('Well?')),
    ]),
    messages: [
      ['user', 'text Go on.'],
      ['assistant', 'reasoning'],
      ['user', 'text Well?'],
    ],
    rules: [{ code: 'REASONING_WITHOUT_ITEM', line: 3 }],
  }),

  'ghost-snapshot': () => ({
    text: lines([
      meta('0198-thread'),
      item(prompt('Go on.')),
      item({ type: 'ghost_snapshot', ghost_commit: { id: 'f00' } }),
      item(reply('On it.')),
    ]),
    messages: [
      ['user', 'text Go on.'],
      ['assistant', 'text On it.'],
    ],
  }),

  // The first versions: a head without a type, items without an envelope, states in between.
  'first-version': () => ({
    text: lines([
      { id: '0150-thread', timestamp: '2025-05-07T17:24:21.000Z', instructions: null },
      prompt('Go on.'),
      { record_type: 'state' },
      call('call_1'),
      output('call_1', 'cart.ts'),
      reply('On it.'),
    ]),
    messages: [
      ['user', 'text Go on.'],
      ['assistant', 'tool_use call_1'],
      ['user', 'tool_result call_1'],
      ['assistant', 'text On it.'],
    ],
    sessionId: '0150-thread',
  }),

  'without-head': () => ({
    text: lines([item(prompt('Go on.')), 7, item(reply('On it.'))]),
    messages: [
      ['user', 'text Go on.'],
      ['assistant', 'text On it.'],
    ],
    findings: [
      { code: 'UNEXPECTED_RECORD', line: 2 },
      { code: 'UNEXPECTED_RECORD', line: null },
    ],
    sessionId: null,
  }),
};

const threeMessages = [
  ['user', 'text Go on.'],
  ['assistant', 'text On it.'],
  ['user', 'text Good.'],
];

/** Four records with numbers. */
function paginated(ordinals) {
  const records = [
    meta('0198-thread', { history_mode: 'paginated' }),
    item(prompt('Go on.')),
    item(reply('On it.')),
    item(prompt('Good.')),
  ];
  return records.map(({ timestamp, ...rest }, at) => {
    const ordinal = ordinals[at];
    return { timestamp, ...(ordinal === undefined ? {} : { ordinal }), ...rest };
  });
}

/** Every file with its bytes; `NAME.expected.json` is what a reader must find. */
export const files = Object.entries(fixtures).flatMap(([name, make]) => {
  second = 0;
  const {
    text,
    messages,
    findings = [],
    rules = [],
    sides = [],
    sessionId = '0198-thread',
  } = make();
  const rows = (list) =>
    list.length === 0
      ? '[]'
      : `[${list.map((row) => `\n    ${JSON.stringify(row)}`).join(',')}\n  ]`;
  const members = {
    sessionId: JSON.stringify(sessionId),
    messages: rows(messages),
    findings: rows(findings),
    rules: rows(rules),
    sides: rows(sides),
  };
  const json = Object.entries(members).map(([key, value]) => `  ${JSON.stringify(key)}: ${value}`);
  return [
    { path: `${folder}/${name}.jsonl`, bytes: Buffer.from(text) },
    { path: `${folder}/${name}.expected.json`, bytes: Buffer.from(`{\n${json.join(',\n')}\n}\n`) },
  ];
});
