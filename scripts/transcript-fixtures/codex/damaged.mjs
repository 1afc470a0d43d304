/** Rollouts of Codex with wrong numbers, and with records that are torn, fused or there twice. */
import { meta, item, prompt, reply, lines, begin, begun } from './rollout.mjs';

/** By name: the bytes, and what must be found. */
export const damaged = {
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
