/** Edits of rollouts, written and read again. */
import { describe, test } from 'vitest';
import { codex } from '../../../src/transcript/codex/reader.ts';
import { expectLawful, madeBlock } from '../../helpers/writer-law.ts';
import { randomRollout } from './random-rollout.ts';

describe('codex', () => {
  test('write gives what the edits say, when it is read again, and leaves the rest', () => {
    expectLawful({
      reader: codex,
      records: randomRollout.map(({ records }) => records),
      block: madeBlock((pick) => `${['', 'p', 's', 'l'][pick % 4]}call_${'abcdef'[pick % 6]}`),
      // Ids of items stay with the first part of a message.
      comparable: ({ item_id: id, ...rest }) =>
        rest['type'] === 'text' || id === undefined ? rest : { ...rest, item_id: id },
      kept: (line) =>
        line.includes('"type":"compacted"') ? null : line.replace(/"ordinal":\d+,/, ''),
      isUsual: () => false,
      refusal: null,
    });
  });
});
