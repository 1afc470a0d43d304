/**
 * Damaged bytes: for each code a file that shows it, and one that nearly does. What must come back,
 * and what must be told of which line, is written here by hand.
 */

const user = (text) => JSON.stringify({ role: 'user', content: text });
const assistant = (text) =>
  JSON.stringify({ role: 'assistant', content: [{ type: 'text', text }] });

const ask = user('What is in my notes?');
const answer = assistant('Three lines.');
const thanks = user('Thank you.');
/** The record with more members in front of its own. */
const withMember = (record, text) => `{${text},${record.slice(1)}`;
const three = ['What is in my notes?', 'Three lines.', 'Thank you.'];
const nul = (count) => '\0'.repeat(count);

/** `finds`: code, line, and what mends it: text that takes the place of bytes, or null. */
const cases = {
  TORN_RECORD: {
    fires: {
      text: `${ask}\n${answer}\n${thanks.slice(0, 24)}`,
      texts: three.slice(0, 2),
      finds: [['TORN_RECORD', 3, '']],
    },
    // A whole record without a line end is no torn one.
    nearly: { text: `${ask}\n${answer}\n${thanks}`, texts: three, finds: [] },
  },
  NUL_RUN: {
    fires: {
      // Between records nothing is lost; in a string a mark stays; in a name nobody can tell.
      text:
        `${ask}\n${nul(64)}${answer}\n${thanks.replace('you', nul(3))}\n` +
        `${ask.replace('ten', nul(3))}\n${nul(512)}`,
      texts: [three[0], three[1], 'Thank \uFFFD.'],
      finds: [
        ['NUL_RUN', 2, ''],
        ['NUL_RUN', 3, '\uFFFD'],
        ['MALFORMED_RECORD', 4, null],
        ['NUL_RUN', 4, null],
        ['NUL_RUN', 5, ''],
      ],
    },
    // A zero that is written as an escape is text.
    nearly: {
      text: `${ask}\n${answer}\n${user('Thank \0 you.')}\n`,
      texts: ['What is in my notes?', 'Three lines.', 'Thank \0 you.'],
      finds: [],
    },
  },
  FUSED_RECORDS: {
    fires: {
      text: `${ask}${answer}\n${thanks}\n`,
      texts: three,
      finds: [['FUSED_RECORDS', 1, '\n']],
    },
    // Braces in text are no records.
    nearly: {
      text: `${user('}{"role":"user"}{')}\n${answer}\n`,
      texts: ['}{"role":"user"}{', 'Three lines.'],
      finds: [],
    },
  },
  MALFORMED_RECORD: {
    fires: {
      text: `${ask}\n${answer.replace(':', ';')}\n${answer.slice(0, 40)}${thanks}\n`,
      texts: [three[0], three[2]],
      finds: [
        ['MALFORMED_RECORD', 2, null],
        ['MALFORMED_RECORD', 3, null],
        ['FUSED_RECORDS', 3, '\n'],
      ],
    },
    // Blanks, blank lines and other line ends are no damage.
    nearly: { text: `${ask}\r\n\r\n  ${answer} \r\n\t\n${thanks}\r\n`, texts: three, finds: [] },
  },
  BAD_UTF8: {
    fires: {
      text: Buffer.concat([
        Buffer.from(`${ask}\n`),
        Buffer.from(`${user('Caf\xe9')}\n`, 'latin1'),
        Buffer.from(`${thanks}\n`),
      ]),
      texts: [three[0], 'Caf\uFFFD', three[2]],
      finds: [['BAD_UTF8', 2, null]],
    },
    // The replacement character itself is a character.
    nearly: {
      text: `${user('Caf\uFFFD')}\n${answer}\n`,
      texts: ['Caf\uFFFD', three[1]],
      finds: [],
    },
  },
  BYTE_ORDER_MARK: {
    fires: {
      text: `\uFEFF${ask}\n${answer}\n`,
      texts: three.slice(0, 2),
      finds: [['BYTE_ORDER_MARK', 1, '']],
    },
    nearly: { text: `${user('\uFEFF')}\n${answer}\n`, texts: ['\uFEFF', three[1]], finds: [] },
  },
  OVERSIZED_RECORD: {
    fires: {
      bytesMax: 80,
      text: `${ask}\n${assistant('Three lines, and a great many words about each.')}\n${thanks}\n`,
      texts: [three[0], three[2]],
      finds: [['OVERSIZED_RECORD', 2, null]],
    },
    nearly: { bytesMax: 80, text: `${ask}\n${answer}\n${thanks}\n`, texts: three, finds: [] },
  },
  NUMBER_ROUNDED: {
    fires: {
      text:
        `${withMember(ask, '"seq":9007199254740993')}\n${withMember(answer, '"cost":[0.5,1e400]')}\n` +
        `${withMember(thanks, '"at":{"x":0.1000000000000000055,"y":-0}')}\n`,
      texts: three,
      finds: [
        ['NUMBER_ROUNDED', 1, null],
        ['NUMBER_ROUNDED', 2, null],
        ['NUMBER_ROUNDED', 3, null],
      ],
    },
    // A double says these as they are written, and digits in a text are no number.
    nearly: {
      text:
        `${withMember(ask, '"seq":9007199254740992,"far":[1E308,5e-324,12345678901234567000]')}\n` +
        `${withMember(answer, '"cost":[0.30000000000000004,-0.5,1.50,10e-1,0.0e9]')}\n` +
        `${user('12345678901234567890')}\n`,
      texts: [three[0], three[1], '12345678901234567890'],
      finds: [],
    },
  },
  DUPLICATE_KEY: {
    fires: {
      text:
        `${withMember(ask, '"id":1,"id":2')}\n` +
        `${withMember(answer, '"usage":[{"in":1,"\\u0069n":1}]')}\n${thanks}\n`,
      texts: three,
      finds: [
        ['DUPLICATE_KEY', 1, null],
        ['DUPLICATE_KEY', 2, null],
      ],
    },
    // The same name in another object, and in a text.
    nearly: {
      text:
        `${withMember(ask, '"id":{"id":1,"ID":[{"id":1},{"id":2}]},"Id":2')}\n${answer}\n` +
        `${user('{"id":1,"id":2}')}\n`,
      texts: [three[0], three[1], '{"id":1,"id":2}'],
      finds: [],
    },
  },
  UNEXPECTED_RECORD: {
    fires: {
      text: `${ask}\n${answer}\n${thanks}\n${ask}\n7\n${answer}\n`,
      texts: [...three, three[0], three[1]],
      finds: [['UNEXPECTED_RECORD', 5, null]],
    },
    nearly: {
      text: `${ask}\n{"role":"assistant","content":[],"more":7}\n`,
      texts: [three[0], ''],
      finds: [],
    },
  },
};

/** Two records on one line, and the first written again on the next, as it was found in the wild. */
const record = (uuid, parentUuid, type, message) =>
  JSON.stringify({
    parentUuid,
    isSidechain: false,
    sessionId: '5e551075-0000-4000-8000-000000000002',
    version: '2.1.9',
    type,
    message,
    uuid: `${uuid}-0000-4000-8000-000000000000`,
    timestamp: '2026-01-05T10:00:00.000Z',
  });
const first = record('aaaaaaaa', null, 'user', { role: 'user', content: 'Hello' });
const second = record('bbbbbbbb', 'aaaaaaaa-0000-4000-8000-000000000000', 'user', {
  role: 'user',
  content: 'Are you there?',
});
cases.FUSED_RECORDS.again = {
  text: `${first}${second}\n${second}\n`,
  texts: ['Hello', 'Are you there?', 'Are you there?'],
  finds: [['FUSED_RECORDS', 1, '\n']],
};

const rows = (list) =>
  list.length === 0 ? '[]' : `[${list.map((row) => `\n    ${JSON.stringify(row)}`).join(',')}\n  ]`;

/** Every file below `fixtures/transcripts/`; `NAME.expected.json` is what must be read and told. */
export const files = Object.entries(cases).flatMap(([code, kinds]) =>
  Object.entries(kinds).flatMap(([kind, { text, bytesMax = null, texts, finds }]) => {
    const expected = `{\n  "bytesMax": ${bytesMax},\n  "texts": ${rows(texts)},\n  "finds": ${rows(finds)}\n}\n`;
    return [
      { path: `bytes/${code}/${kind}.jsonl`, bytes: Buffer.from(text) },
      { path: `bytes/${code}/${kind}.expected.json`, bytes: Buffer.from(expected) },
    ];
  }),
);
