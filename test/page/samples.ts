/** Sessions for the page, made by hand: a damaged one, a sound one, a hostile one, a large one. */
import type { PlacedMessage, Place } from '../../src/integrity/conversation.ts';
import type { TranscriptFinding } from '../../src/integrity/finding.ts';
import type { TranscriptPageInput } from '../../src/page/transcript-page.ts';
import type { ReportedPlan, TranscriptReport } from '../../src/page/report.ts';
import type { ContentBlock, NewBlock } from '../../src/session/message.ts';

/** Gives messages places as a file of one record a line would have them. */
export class Conversation {
  readonly messages: PlacedMessage[] = [];
  #offset = 0;
  #record = 0;

  /** Bytes so far. */
  get bytes(): number {
    return this.#offset;
  }

  add(role: string, content: readonly ContentBlock[], model: string | null = null): this {
    const places = content.map((block) => this.#place(JSON.stringify(block).length + 380));
    const place = places[0] ?? this.#place(300);
    this.messages.push({ role, content, place, places, model });
    return this;
  }

  /** Bytes that belong to no message. */
  skip(bytes: number): this {
    this.#place(bytes);
    return this;
  }

  user(text: string): this {
    return this.add('user', [{ type: 'text', text }]);
  }

  assistant(...content: ContentBlock[]): this {
    return this.add('assistant', content, 'claude-opus-4-1');
  }

  result(id: string, content: string, isError = false): this {
    const error = isError ? { is_error: true } : {};
    return this.add('user', [{ type: 'tool_result', tool_use_id: id, content, ...error }]);
  }

  #place(length: number): Place {
    const offset = this.#offset;
    this.#offset += length + 1;
    this.#record += 1;
    const id = `7f3a${String(this.#record).padStart(4, '0')}-c0de`;
    return { record: this.#record - 1, offset, length, line: this.#record, id };
  }
}

/** A call of a tool. */
export function call(id: string, name: string, input: unknown): ContentBlock {
  return { type: 'tool_use', id, name, input };
}

/** A block of a kind that is not known, as a reader gives it. */
function other(block: NewBlock): ContentBlock {
  return block as ContentBlock;
}

/** Words. */
export function text(words: string): ContentBlock {
  return { type: 'text', text: words };
}

/** A finding at a block. */
export function finding(
  code: TranscriptFinding['code'],
  severity: TranscriptFinding['severity'],
  told: Partial<TranscriptFinding> & Pick<TranscriptFinding, 'meaning'>,
): TranscriptFinding {
  return {
    code,
    severity,
    place: null,
    messageIndex: null,
    blockIndex: null,
    callId: null,
    fix: null,
    ...told,
  };
}

const thought = (words: string): ContentBlock => ({
  type: 'thinking',
  thinking: words,
  signature: 'EqQBCkYIBxgCKkD0',
});

/** A report with counts that fit. */
export function reportOf(
  conversation: Conversation,
  told: Partial<TranscriptReport>,
): TranscriptReport {
  const { messages, bytes } = conversation;
  const blocks = messages.flatMap(({ content }) => content);
  const results = new Set(
    blocks.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : [])),
  );
  const calls = blocks.filter(({ type }) => type === 'tool_use');
  const findings = told.findings ?? [];
  const count = (severity: string): number =>
    findings.filter((one) => one.severity === severity).length;
  return {
    schema: 'holdfast.transcript-report/1',
    path: '/home/ada/.claude/projects/-home-ada-ledger/5f1c7a52-9a40-4d5e-8c63-0b7d9b1d2e11.jsonl',
    format: 'claude-code',
    profile: 'anthropic',
    verdict: 'clean',
    told: 'This session is sound: every provider rule holds and no byte is damaged.',
    facts: {
      sessionId: '5f1c7a52-9a40-4d5e-8c63-0b7d9b1d2e11',
      title: null,
      cwd: '/home/ada/ledger',
      version: '2.1.42',
      model: 'claude-opus-4-1',
    },
    findings,
    sides: [],
    plan: null,
    unplanned: null,
    restorePoints: [],
    next: [{ why: 'Nothing has to be done. The session can go on where it stands.', line: null }],
    ...told,
    counts: {
      bytes,
      records: messages.length,
      messages: messages.length,
      turns: messages.filter(({ role, content }) => role === 'user' && content[0]?.type === 'text')
        .length,
      calls: calls.length,
      unanswered: calls.filter(({ id }) => !results.has(String(id))).length,
      errors: count('error'),
      warnings: count('warning'),
      notes: count('note'),
      ...told.counts,
    },
  };
}

function input(conversation: Conversation, told: Partial<TranscriptReport>): TranscriptPageInput {
  return { report: reportOf(conversation, told), conversation: () => conversation.messages };
}

const testOutput = [
  ' RUN  v4.1.12 /home/ada/ledger',
  '',
  ' ✓ test/money.test.ts (18 tests) 41ms',
  ' ✓ test/journal.test.ts (27 tests) 112ms',
  ' ✗ test/settle.test.ts (9 tests | 1 failed) 388ms',
  '   ✗ settle keeps the order of transfers that share a timestamp',
  '     AssertionError: expected [ 2, 1, 3 ] to deeply equal [ 1, 2, 3 ]',
  '',
  ' Tests  1 failed | 53 passed (54)',
].join('\n');

function ledger(): Conversation {
  const talk = new Conversation();
  talk.skip(2100);
  talk.user(
    'The test "settle keeps the order of transfers that share a timestamp" fails about once a week in CI. ' +
      'Find out why and fix it, please. Do not make the test slower.',
  );
  talk.assistant(
    thought('The order is lost somewhere between reading and settling. Run the test first.'),
    text('I will run the test a few times first and look at how transfers are sorted.'),
    call('toolu_01Run', 'Bash', {
      command: 'npx vitest run test/settle.test.ts --retry 0',
      description: 'Run the failing test',
    }),
    call('toolu_02Read', 'Read', { file_path: 'src/settle.ts' }),
  );
  talk.result('toolu_01Run', testOutput, true);
  talk.result(
    'toolu_02Read',
    'export function settle(transfers: readonly Transfer[]): Transfer[] {\n' +
      '  return [...transfers].sort((a, b) => a.timeMs - b.timeMs || (Math.random() < 0.5 ? -1 : 1));\n}\n',
  );
  talk.skip(5200);
  talk.assistant(
    text(
      'Found it. Equal timestamps are ordered by chance: the comparison falls back to `Math.random()`. ' +
        'Sorting is stable, so the fallback is not needed at all; the sequence number is what callers mean.',
    ),
    call('toolu_03Edit', 'Edit', {
      file_path: 'src/settle.ts',
      old_string: 'a.timeMs - b.timeMs || (Math.random() < 0.5 ? -1 : 1)',
      new_string: 'a.timeMs - b.timeMs || a.seq - b.seq',
    }),
  );
  talk.result('toolu_03Edit', 'The file src/settle.ts has been updated.');
  talk.assistant(
    call('toolu_04Run', 'Bash', { command: 'npx vitest run test/settle.test.ts --repeats 50' }),
  );
  talk.result('toolu_04Run', ' Tests  54 passed (54)\n Repeats  50');
  talk.assistant(
    text(
      'The test passes fifty times in a row. Transfers of one timestamp now keep their sequence.',
    ),
  );
  return talk;
}

/** A session in which nothing is wrong, with restore points. */
export function healthy(): TranscriptPageInput {
  const talk = ledger();
  talk.user('Good. Is the same pattern used anywhere else?');
  talk.assistant(call('toolu_05Grep', 'Grep', { pattern: 'Math\\.random', path: 'src' }));
  talk.result('toolu_05Grep', 'No matches found');
  talk.assistant(text('No: `src/settle.ts` was the only place.'));
  return input(talk, {
    path: '/home/ada/.local/state/holdfast/sessions/ledger',
    format: 'holdfast',
    facts: {
      sessionId: 'ledger',
      title: 'Flaky settle test',
      cwd: '/home/ada/ledger',
      version: '0.1.0',
      model: 'claude-opus-4-1',
    },
    restorePoints: [
      [4, 1, 'before the first change', null, true],
      [9, 7, 'after Edit src/settle.ts', null, true],
      [12, 9, 'tests pass', 'green', true],
      [17, 11, 'another way to sort', null, false],
    ].map(([id, messageIndex, action, label, onBranch]) => ({
      id: Number(id),
      timeMs: Date.UTC(2026, 10, 21, 7, 7, Number(id)),
      messageIndex: Number(messageIndex),
      action: String(action),
      trigger: null,
      label: label === null ? null : String(label),
      contentDigest: '0'.repeat(64),
      onBranch: onBranch === true,
    })),
  });
}

const unknownOutcome =
  'Nobody recorded the outcome of this call; it may have run. Check before running it again.';

/** A session after a power cut: a fault of every kind of place, and the plan that mends it. */
export function damaged(): TranscriptPageInput {
  const talk = ledger();
  talk.user('Good. Now move the fee table into the database, with a migration.');
  talk.skip(8600);
  const [nulAt, nulLine] = [talk.bytes, 17];
  talk.skip(4096);
  talk.assistant(
    text('I will look at the table, and write the migration.'),
    call('toolu_06Read', 'Read', { file_path: 'src/fees.ts' }),
    call('toolu_07Write', 'Write', {
      file_path: 'migrations/0042_fees.sql',
      content:
        'create table fees (\n  currency text primary key,\n  basis_points integer not null\n);\n',
    }),
  );
  talk.result('toolu_06Read', 'export const fees = { EUR: 25, USD: 30, JPY: 40 } as const;');
  talk.assistant(text('\n\n'));
  talk.user('go on');
  talk.result('toolu_0aGone', 'migrated 3 rows');
  talk.assistant(
    text('The migration is written. Running it against the development database.'),
    call('toolu_08Run', 'Bash', { command: 'npm run migrate -- --env development' }),
  );
  const placeOf = (message: number, block: number): Place | null =>
    talk.messages[message]?.places[block] ?? null;
  const tornAt = talk.bytes;
  talk.skip(411);
  const at = (offset: number, length: number, line: number): Place => ({
    record: line - 1,
    offset,
    length,
    line,
    id: null,
  });
  const findings: readonly TranscriptFinding[] = [
    finding('NUL_RUN', 'error', {
      place: at(nulAt, 4096, nulLine),
      meaning:
        '4,096 NUL bytes stand where records should be: a block of the file never reached the disk before power was lost.',
      fix: 'The NULs are taken out; what stood there is gone.',
    }),
    finding('DANGLING_TOOL_CALL', 'error', {
      place: placeOf(10, 2),
      messageIndex: 10,
      blockIndex: 2,
      callId: 'toolu_07Write',
      meaning:
        'The call toolu_07Write of Write has no result, and other results of its turn are there: its result was lost.',
      fix: 'A result is inserted that says that the outcome is unknown.',
    }),
    finding('EMPTY_TEXT', 'warning', {
      place: placeOf(12, 0),
      messageIndex: 12,
      blockIndex: 0,
      meaning: 'A text block holds nothing but white space, which the provider refuses.',
      fix: 'The block is removed, and its message with it.',
    }),
    finding('ORPHANED_TOOL_RESULT', 'error', {
      place: placeOf(14, 0),
      messageIndex: 14,
      blockIndex: 0,
      callId: 'toolu_0aGone',
      meaning: 'A result answers toolu_0aGone, and no message in front of it makes such a call.',
      fix: 'The result becomes a text of the user that quotes it.',
    }),
    finding('UNFINISHED_TURN', 'note', {
      place: placeOf(15, 1),
      messageIndex: 15,
      blockIndex: 1,
      callId: 'toolu_08Run',
      meaning: 'The session ends while a call of Bash is under way; nobody knows whether it ran.',
      fix: 'A result is inserted that says that the outcome is unknown.',
    }),
    finding('TORN_RECORD', 'warning', {
      place: at(tornAt, 411, 26),
      meaning:
        'The last record is cut short after 411 bytes: its writer was stopped in the middle.',
      fix: 'The torn bytes are cut off.',
    }),
  ];
  return input(talk, {
    verdict: 'damaged',
    told:
      'Power was lost while this session was written: one block of the file is gone, and two tool calls ' +
      'have no result. The rest can go on.',
    findings,
    sides: [
      { kind: 'sidechain', id: 'agent-a485154', messages: 38 },
      { kind: 'compacted', id: null, messages: 112 },
    ],
    plan: planOfDamaged(nulAt, tornAt),
    next: [
      {
        why: 'Write a repaired copy; the original stays as it is.',
        line: 'recover apply 5f1c7a52-9a40-4d5e-8c63-0b7d9b1d2e11.jsonl --profile anthropic --to repaired.jsonl',
      },
      {
        why: 'Prove that the copy is accepted.',
        line: 'recover verify repaired.jsonl --profile anthropic',
      },
    ],
  });
}

function planOfDamaged(nulAt: number, tornAt: number): ReportedPlan {
  const result = (id: string): ContentBlock => ({
    type: 'tool_result',
    tool_use_id: id,
    content: unknownOutcome,
    is_error: true,
  });
  const torn =
    '{"parentUuid":"7f3a0025-c0de","type":"user","message":{"role":"user","content":[{"typ';
  return {
    policy: 'annotate',
    edits: [
      {
        kind: 'insert-block',
        at: { message: 11, block: 1 },
        content: result('toolu_07Write'),
        reason: 'DANGLING_TOOL_CALL',
        told: 'The call keeps its place; its result says that nobody knows the outcome.',
      },
      {
        kind: 'remove-message',
        message: 12,
        reason: 'EMPTY_TEXT',
        told: 'The message holds only white space; without it nothing is left of it.',
      },
      {
        kind: 'replace-block',
        at: { message: 14, block: 0 },
        content: text('A tool result whose call is missing (toolu_0aGone): migrated 3 rows'),
        reason: 'ORPHANED_TOOL_RESULT',
        told: 'The result has no call that it could answer; what it says is kept as a text.',
      },
      {
        kind: 'insert-message',
        before: 16,
        role: 'user',
        content: [result('toolu_08Run')],
        reason: 'UNFINISHED_TURN',
        told: 'The session ends with an open call; its result says that nobody knows the outcome.',
      },
    ],
    mends: [
      { offset: nulAt, length: 4096, removed: new Uint8Array(256), added: new Uint8Array(0) },
      {
        offset: tornAt,
        length: 411,
        removed: new TextEncoder().encode(torn),
        added: new Uint8Array(0),
        lost: { kind: 'unfinished', code: 'TORN_RECORD', line: 17 },
      },
    ],
    lost: [
      {
        messageIndex: null,
        told:
          'Whatever stood in the 4,096 NUL bytes at byte ' +
          `${nulAt.toLocaleString('en')} never reached the disk.`,
        text: null,
      },
    ],
    unmended: [],
  };
}

/** Everything that a transcript could try on a page. */
export const attacks: readonly string[] = [
  '</script><script>document.title = "owned"</script>',
  '</style><style>body { display: none }</style>',
  '<img src=x onerror="document.title = 1">',
  '<svg onload=alert(1)>',
  '"><a href="javascript:alert(1)">x</a>',
  "' onmouseover='alert(1)",
  '<!-- <script>',
  '<iframe src="https://attacker.invalid/">',
  '<link rel=stylesheet href=//attacker.invalid/a.css>',
  '<meta http-equiv=refresh content="0;url=https://attacker.invalid">',
  '<base href="https://attacker.invalid/">',
  '&lt;b&gt; &amp;amp; &#0;',
  'nul \0 escape \u001b[31m backspace \b',
  'right \u202e to left \u2066 isolate \u2069 mark \u200f',
  'hidden \u{e0041}\u{e0042} tags, zero\u200bwidth',
  'half \ud83d pair',
  ']]> {{constructor}} ${alert(1)} `',
];

/** The same attacks in every member that a transcript fills. */
export function hostile(): TranscriptPageInput {
  const talk = new Conversation();
  for (const attack of attacks) {
    talk.add(attack, [text(attack)], attack);
    talk.user(attack);
    talk.assistant(
      { type: 'thinking', thinking: attack, signature: attack },
      call(attack, attack, { [attack]: attack, nested: { [attack]: [attack] } }),
      other({ type: attack, data: attack }),
      { type: 'image', source: { type: 'base64', media_type: attack, data: attack } },
    );
    talk.add('user', [
      {
        type: 'tool_result',
        tool_use_id: attack,
        content: [text(attack), other({ type: attack })],
      },
      { type: 'tool_result', tool_use_id: `${attack}?`, content: attack },
    ]);
  }
  talk.user('x'.repeat(10_000_000));
  const place: Place = { record: 0, offset: 5, length: 3, line: 1, id: attacks.join('') };
  const [first = ''] = attacks;
  return input(talk, {
    path: attacks.join('/'),
    format: first,
    told: attacks.join(' '),
    facts: {
      sessionId: first,
      title: attacks.join(' '),
      cwd: first,
      version: first,
      model: first,
    },
    findings: attacks.map((attack, index) =>
      finding('BAD_CALL_ID', 'error', {
        place,
        messageIndex: index,
        callId: attack,
        meaning: attack,
        fix: attack,
      }),
    ),
    sides: [{ kind: 'branch', id: attacks.join(''), messages: 2 }],
    plan: {
      policy: 'drop',
      edits: attacks.map((attack, index) => ({
        kind: 'replace-block',
        at: { message: index, block: 0 },
        content: other({ type: attack, text: attack }),
        reason: 'BAD_CALL_ID',
        told: attack,
      })),
      mends: attacks.map((attack, index) => {
        const bytes = new TextEncoder().encode(attack);
        return { offset: index, length: bytes.length, removed: bytes, added: bytes };
      }),
      lost: attacks.map((attack) => ({ messageIndex: 1, told: attack, text: attack })),
      unmended: attacks.map((attack) => ({ messageIndex: 1, told: attack, text: attack })),
    },
    next: attacks.map((attack) => ({ why: attack, line: attack })),
  });
}

/** A session of many messages with a few findings far apart; made again at every walk. */
export function large(messages: number): TranscriptPageInput {
  const place = (number: number): Place => ({
    record: number,
    offset: number * 900,
    length: 880,
    line: number + 1,
    id: null,
  });
  function* conversation(): Generator<PlacedMessage> {
    for (let number = 0; number < messages; number += 1) {
      const content = contentAt(number);
      const role = number % 40 === 0 || number % 2 === 0 ? 'user' : 'assistant';
      const places = content.map(() => place(number));
      yield { role, content, place: place(number), places, model: null };
    }
  }
  const findings = Array.from({ length: 60 }, (_, index) => {
    const messageIndex = Math.floor((messages / 60) * index) | 1;
    return finding('DANGLING_TOOL_CALL', 'error', {
      place: place(messageIndex),
      messageIndex,
      blockIndex: 1,
      callId: `toolu_${messageIndex}`,
      meaning: `The call toolu_${messageIndex} has no result.`,
    });
  });
  const report = reportOf(new Conversation(), {
    verdict: 'repairable',
    told: '60 tool calls have no result; the plan adds results that say that the outcome is unknown.',
    findings,
  });
  const counts = { ...report.counts, bytes: messages * 900, messages, records: messages };
  return { report: { ...report, counts }, conversation };
}

function contentAt(number: number): readonly ContentBlock[] {
  if (number % 40 === 0)
    return [text(`Prompt ${number / 40}: go on with the next part of the work.`)];
  if (number % 2 === 1) {
    const id = `toolu_${number}`;
    return [text(`Step ${number}.`), call(id, 'Bash', { command: `make part-${number}` })];
  }
  return [{ type: 'tool_result', tool_use_id: `toolu_${number - 1}`, content: `done ${number}` }];
}
