/** What stands where a part should keeps its bytes when something beside it is written anew. */
import { expect, test } from 'vitest';
import { codex as codexReader } from '../../src/transcript/codex/reader.ts';
import { gemini as geminiReader } from '../../src/transcript/gemini-cli/reader.ts';
import { pi as piReader } from '../../src/transcript/pi/reader.ts';
import { codex, gemini, pi } from '../cli/session-files.ts';
import { openBytes, spliced } from '../helpers/transcript-lab.ts';

test.each([
  ['pi', piReader, pi, { type: 'text', text: 'old' }, 'content'],
  ['Codex', codexReader, codex, { type: 'output_text', text: 'old' }, 'content'],
  ['Gemini', geminiReader, gemini, { text: 'old' }, 'parts'],
])(
  'write keeps a part of %s that is none beside one that changes',
  (_, reader, make, part, name) => {
    const bares = [1.5, null, { words: 'a' }, [true]];
    const before = make({ [name]: [part, ...bares] });
    const transcript = openBytes(reader, before);
    const messages = [...transcript.conversation()];
    const message = messages.findIndex(({ content }) => content.length === 1 + bares.length);
    const content = { type: 'text', text: 'new' } as const;
    const why = { reason: 'LONE_SURROGATE', told: 'A test.' } as const;
    const edit = { ...why, kind: 'replace-block', at: { message, block: 0 }, content } as const;
    const after = spliced(before, transcript.write?.([edit]) ?? []).toString('utf8');
    expect(after).toBe(before.replace('old', 'new'));
  },
);
