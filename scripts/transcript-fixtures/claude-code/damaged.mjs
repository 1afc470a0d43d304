/** Transcripts of Claude Code with records that are lost, fused, doubled, or hang on themselves. */
import {
  sessionId,
  uuid,
  prompt,
  lines,
  task,
  look,
  run,
  ran,
  told,
  wholeTurn,
} from './records.mjs';

/** By name: the bytes, and what must be found. */
export const damaged = {
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
