/** A session of a ledger for the page, made by hand: sound, and damaged by a power cut. */
import type { Place } from '../../src/integrity/conversation.ts';
import type { TranscriptFinding } from '../../src/integrity/finding.ts';
import type { TranscriptPageInput } from '../../src/page/transcript-page.ts';
import type { ReportedPlan } from '../../src/page/report.ts';
import type { ContentBlock } from '../../src/session/message.ts';
import { Conversation, call, text, finding, input } from './sample-conversation.ts';

const thought = (words: string): ContentBlock => ({
  type: 'thinking',
  thinking: words,
  signature: 'EqQBCkYIBxgCKkD0',
});

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
