/** Edits of sessions of pi, written and read again. */
import { describe, test } from 'vitest';
import { pi } from '../../../src/transcript/pi/reader.ts';
import { expectLawful, madeBlock } from '../../helpers/writer-law.ts';
import { randomSession } from './random-session.ts';

describe('pi', () => {
  test('write gives what the edits say, when it is read again, and leaves the rest', () => {
    expectLawful({
      reader: pi,
      records: randomSession,
      block: madeBlock((pick) => `call_${'abcde'[pick % 5]}`),
      // pi knows results as lists of parts only.
      comparable: (block) => {
        const { content, is_error: isError, ...rest } = block;
        if (block['type'] !== 'tool_result') return block;
        const told = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
        return { ...rest, content: told, is_error: isError === true };
      },
      // What is linked anew when an entry comes in before it.
      kept: (line) =>
        line.includes('"type":"compaction"')
          ? null
          : line
              .replace(/"parentId":("[^"]*"|null)/, '')
              .replace(/"firstKeptEntry(Id|Index)":("[^"]*"|\d+)/, ''),
      isUsual: ({ code }) => code === 'MULTIPLE_LEAVES',
      refusal: /compaction/,
    });
  });
});
