/**
 * Faults of records among each other: for each code a file that shows it, and one that nearly does
 * and must not. What must be said of which line, and what the conversation is, is written by hand.
 */

const uuid = (name) => `${name}0000-0000-4000-8000-000000000000`;

/** A record of Claude Code; `parent` is the name of the one that it follows. */
function record(name, parent, members) {
  return {
    parentUuid: parent === null ? null : uuid(parent),
    sessionId: '5e551075-0000-4000-8000-000000000003',
    version: '2.1.42',
    ...members,
    uuid: uuid(name),
    timestamp: '2026-02-03T10:00:00.000Z',
  };
}

const user = (name, parent, content) =>
  record(name, parent, { type: 'user', message: { role: 'user', content } });

function answer(name, parent, text, id = name) {
  const content = [{ type: 'text', text }];
  return record(name, parent, { type: 'assistant', message: { id, role: 'assistant', content } });
}

const ask = user('aaaa', null, 'Why is the build red?');
const told = answer('bbbb', 'aaaa', 'One test fails.');
const mend = user('cccc', 'bbbb', 'Mend it.');
const [asked, said, wanted] = ['Why is the build red?', 'One test fails.', 'Mend it.'];

/** A rollout of Codex with numbered records. */
function rollout(ordinals, texts = ['Go on.', 'On it.', 'Good.'], seconds = [0, 1, 2, 3]) {
  const head = { id: '0198-thread', cwd: '/home/me/shop', history_mode: 'paginated' };
  const payloads = [
    head,
    ...texts.map((text, at) => {
      const type = at % 2 === 0 ? 'input_text' : 'output_text';
      const role = at % 2 === 0 ? 'user' : 'assistant';
      return { type: 'message', role, content: [{ type, text }] };
    }),
  ];
  return payloads.map((payload, at) => ({
    timestamp: `2026-07-09T10:00:0${seconds[at] ?? at}.000Z`,
    ordinal: ordinals[at],
    type: at === 0 ? 'session_meta' : 'response_item',
    payload,
  }));
}

const words = ['Go on.', 'On it.', 'Good.'];

/** `finds`: code, severity and line; notes of other codes are not listed. */
const cases = {
  MISSING_PARENT: {
    fires: {
      records: [ask, answer('bbbb', 'dddd', said), mend],
      texts: [said, wanted],
      finds: [['MISSING_PARENT', 'error', 2]],
    },
    // A compaction names what it stands behind, which may be gone: it begins anew all the same.
    nearly: {
      records: [
        record('eeee', null, {
          type: 'system',
          subtype: 'compact_boundary',
          content: 'Conversation compacted',
          logicalParentUuid: uuid('dddd'),
          compactMetadata: { trigger: 'auto', preTokens: 155000 },
        }),
        user('aaaa', 'eeee', asked),
        told,
      ],
      texts: [asked, said],
      finds: [],
    },
  },
  PARENT_CYCLE: {
    fires: {
      records: [user('aaaa', 'bbbb', asked), told, mend],
      texts: [asked, said, wanted],
      finds: [['PARENT_CYCLE', 'error', 1]],
    },
    // The one that is followed may stand further down in the file.
    nearly: { records: [told, ask, mend], texts: [asked, said, wanted], finds: [] },
  },
  MULTIPLE_LEAVES: {
    fires: {
      records: [ask, told, mend, user('dddd', 'bbbb', 'Show it.')],
      texts: [asked, said, 'Show it.'],
      finds: [['MULTIPLE_LEAVES', 'note', 3]],
    },
    // Progress hangs beside the line, and no message with it.
    nearly: {
      records: [
        ask,
        told,
        record('ffff', 'bbbb', { type: 'progress', data: { type: 'hook_progress' } }),
        mend,
      ],
      texts: [asked, said, wanted],
      finds: [],
    },
  },
  DUPLICATE_RECORD: {
    fires: {
      records: [ask, told, told, mend],
      texts: [asked, said, wanted],
      finds: [['DUPLICATE_RECORD', 'warning', 3]],
    },
    // The same words again, of another record.
    nearly: {
      records: [ask, told, user('cccc', 'bbbb', asked), answer('dddd', 'cccc', said)],
      texts: [asked, said, asked, said],
      finds: [],
    },
  },
  CONFLICTING_RECORD: {
    fires: {
      records: [ask, answer('bbbb', 'aaaa', 'Two tests fail.'), told, mend],
      texts: [asked, said, wanted],
      finds: [['CONFLICTING_RECORD', 'warning', 2]],
    },
    // Two records of one answer share the id of the answer, and nothing else.
    nearly: {
      records: [
        ask,
        answer('bbbb', 'aaaa', said, 'msg_1'),
        answer('cccc', 'bbbb', 'It is old.', 'msg_1'),
      ],
      texts: [asked, `${said}It is old.`],
      finds: [],
    },
  },
  SEQUENCE_GAP: {
    fires: {
      records: rollout([0, 1, 3, 4]),
      texts: words,
      finds: [['SEQUENCE_GAP', 'warning', 3]],
    },
    // Where the numbers begin says nothing.
    nearly: { records: rollout([5, 6, 7, 8]), texts: words, finds: [] },
  },
  SEQUENCE_REPEATED: {
    fires: {
      records: rollout([0, 1, 1, 2]),
      texts: words,
      finds: [['SEQUENCE_REPEATED', 'error', 3]],
    },
    // The same words under a number of their own.
    nearly: {
      records: rollout([0, 1, 2, 3], ['Go on.', 'On it.', 'Go on.']),
      texts: ['Go on.', 'On it.', 'Go on.'],
      finds: [],
    },
  },
  OUT_OF_ORDER: {
    fires: {
      records: rollout([0, 2, 1, 3]),
      texts: words,
      finds: [
        ['SEQUENCE_GAP', 'warning', 2],
        ['OUT_OF_ORDER', 'error', 3],
      ],
    },
    // A clock that was set back is none of it.
    nearly: { records: rollout([0, 1, 2, 3], words, [3, 2, 1, 0]), texts: words, finds: [] },
  },
};

const rows = (list) =>
  list.length === 0 ? '[]' : `[${list.map((row) => `\n    ${JSON.stringify(row)}`).join(',')}\n  ]`;

/** Every file below `fixtures/transcripts/`; `NAME.expected.json` is what must be read and told. */
export const files = Object.entries(cases).flatMap(([code, kinds]) =>
  Object.entries(kinds).flatMap(([kind, { records, texts, finds }]) => {
    const text = records.map((one) => `${JSON.stringify(one)}\n`).join('');
    const expected = `{\n  "texts": ${rows(texts)},\n  "finds": ${rows(finds)}\n}\n`;
    return [
      { path: `records/${code}/${kind}.jsonl`, bytes: Buffer.from(text) },
      { path: `records/${code}/${kind}.expected.json`, bytes: Buffer.from(expected) },
    ];
  }),
);
