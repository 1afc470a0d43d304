/** Every rule has a conversation that fires it and one that nearly does: `fixtures/transcripts`. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { MessageCode } from '../../../src/integrity/finding.ts';
import type { ContentBlock } from '../../../src/session/message.ts';
import type { ProfileName } from '../../../src/integrity/profile.ts';
import { checkConversation } from '../../../src/integrity/rules/check.ts';
import type { HistoryEnd } from '../../../src/integrity/rules/rule.ts';
import { messageCodes } from '../../../src/integrity/rules/severity-table.ts';
import { placed, placeOf, type PlainMessage } from '../../helpers/placed.ts';

interface Fixture {
  readonly profile: ProfileName;
  readonly end?: HistoryEnd;
  readonly messages: readonly PlainMessage[];
  readonly expected: readonly {
    readonly code: MessageCode;
    readonly severity: string;
    readonly message: number;
    readonly block: number | null;
    readonly callId: string | null;
  }[];
}

const folder = new URL('../../../fixtures/transcripts/findings/', import.meta.url);

function fixture(code: string, name: 'fires' | 'nearly'): Fixture {
  return JSON.parse(readFileSync(new URL(`${code}/${name}.json`, folder), 'utf8')) as Fixture;
}

/** Texts that stand for themselves many times, written out. */
function grown(messages: readonly PlainMessage[]): readonly PlainMessage[] {
  return messages.map(({ content, ...rest }) => ({
    ...rest,
    content:
      typeof content === 'string'
        ? content
        : content.map((block) => {
            const { times, ...members } = block as ContentBlock & { readonly times?: number };
            if (times === undefined) return block;
            return { ...members, text: String(block['text']).repeat(times) } as ContentBlock;
          }),
  }));
}

function found({ profile, end, messages }: Fixture): unknown {
  const check = checkConversation(
    placed(grown(messages)),
    profile,
    end === undefined ? {} : { end },
  );
  return check.findings.map(({ code, severity, messageIndex, blockIndex, callId, place }) => {
    expect(place).toEqual(placeOf(messageIndex ?? -1, blockIndex));
    return { code, severity, message: messageIndex, block: blockIndex, callId };
  });
}

describe('checkConversation', () => {
  test('checkConversation has two fixtures for every code and none for another', () => {
    expect(readdirSync(folder).toSorted()).toEqual(messageCodes.toSorted());
  });

  test.each(messageCodes)('checkConversation finds %s exactly where it is', (code) => {
    const fires = fixture(code, 'fires');
    expect(found(fires)).toEqual(fires.expected);
    expect(fires.expected.map((finding) => finding.code)).toContain(code);
  });

  test.each(messageCodes)('checkConversation does not take the near miss for %s', (code) => {
    const nearly = fixture(code, 'nearly');
    expect(found(nearly)).toEqual(nearly.expected);
    expect(nearly.expected.map((finding) => finding.code)).not.toContain(code);
  });
});
