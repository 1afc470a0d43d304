/**
 * One situation after the other, and what each provider makes of it: what is no fault for one is
 * fatal for another.
 */
import { describe, expect, test } from 'vitest';
import { type ProfileName, profileNames } from '../../../src/integrity/profile.ts';
import { checkConversation } from '../../../src/integrity/rules/check.ts';
import { placed } from '../../helpers/placed.ts';
import { calls } from './situations/calls.ts';
import { contents } from './situations/contents.ts';
import { turns } from './situations/turns.ts';
import type { Situation } from './situations/situation.ts';

const situations: Readonly<Record<string, Situation>> = { ...calls, ...contents, ...turns };

function found({ messages, end }: Situation, profile: ProfileName): readonly string[] {
  const check = checkConversation(placed(messages), profile, end === undefined ? {} : { end });
  return check.findings.map(
    ({ code, severity, messageIndex, blockIndex }) =>
      `${code} ${severity} ${String(messageIndex)}.${blockIndex === null ? '-' : String(blockIndex)}`,
  );
}

describe('checkConversation', () => {
  const cases = Object.entries(situations).flatMap(([name, situation]) =>
    profileNames.map((profile) => [name, profile, situation] as const),
  );

  test.each(cases)('checkConversation judges %s for %s', (_name, profile, situation) => {
    const expected = situation.expected[profile] ?? situation.expected.else ?? [];
    expect(found(situation, profile)).toEqual(expected);
  });
});
