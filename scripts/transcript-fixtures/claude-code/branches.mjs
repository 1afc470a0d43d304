/** Transcripts of Claude Code that are compacted, rewound, or of a sub-agent. */
import {
  uuid,
  prompt,
  answer,
  text,
  call,
  result,
  boundary,
  summary,
  lines,
  task,
  look,
  run,
  ran,
  told,
  wholeTurn,
} from './records.mjs';

/** By name: the bytes, and what must be found. */
export const branches = {
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
};
