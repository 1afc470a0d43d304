/** What is checked while a file is read is what is checked when its conversation is walked. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { EarlyCheck, checkOptions } from '../../src/cli/transcripts/early-check.ts';
import type { ProfileName } from '../../src/integrity/profile.ts';
import { checkConversation } from '../../src/integrity/rules/check.ts';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { openTranscript } from '../../src/transcript/formats.ts';
import type { Transcript } from '../../src/transcript/transcript.ts';

function read(name: string, early: EarlyCheck): Transcript {
  const url = new URL(`../../fixtures/transcripts/claude-code/${name}.jsonl`, import.meta.url);
  const steps = openTranscript(bytesSource(readFileSync(fileURLToPath(url))), name, early);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

describe('EarlyCheck', () => {
  test.each<ProfileName | null>([null, 'anthropic', 'bedrock', 'openai-chat'])(
    'checkOf gives what the walked conversation gives, for %s',
    (profile) => {
      const early = new EarlyCheck(profile);
      const transcript = read('interrupted-mid-call', early);
      expect(early.checkOf(transcript)).toEqual(
        checkConversation(transcript.conversation(), profile ?? 'anthropic', checkOptions),
      );
    },
  );

  test('checkOf is null where the conversation was not what was heard', () => {
    const early = new EarlyCheck(null);
    expect(early.checkOf(read('two-leaves', early))).toBeNull();
  });
});
