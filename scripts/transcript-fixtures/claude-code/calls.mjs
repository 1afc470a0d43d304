/** Transcripts of Claude Code with several calls, calls cut off, and results that hang anywhere. */
import {
  uuid,
  record,
  prompt,
  answer,
  text,
  call,
  result,
  progress,
  lines,
  task,
  look,
  run,
  ran,
  told,
  askedAndLooked,
  wholeTurn,
} from './records.mjs';

/** By name: the bytes, and what must be found. */
export const calls = {
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
};
