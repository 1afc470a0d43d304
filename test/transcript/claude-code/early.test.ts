/**
 * A conversation that is heard while its file is read is the same that is read again, message by
 * message, or is known not to be.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from '../../helpers/fast-check.ts';
import { describe, expect, test } from 'vitest';
import type { PlacedMessage } from '../../../src/integrity/conversation.ts';
import { bytesSource } from '../../../src/transcript/byte-source.ts';
import { claudeCode } from '../../../src/transcript/claude-code/reader.ts';
import type { Transcript } from '../../../src/transcript/transcript.ts';
import { sessions } from './lives.ts';
import { testSeed } from '../../helpers/seed.ts';

/** Reads, and hears on the way. */
function listened(bytes: Uint8Array): { transcript: Transcript; heard: PlacedMessage[] } {
  let heard: PlacedMessage[] = [];
  const reading = claudeCode.open(bytesSource(bytes), {
    begin: () => {
      heard = [];
    },
    hear: (message) => {
      heard.push(message);
    },
  });
  for (;;) {
    const step = reading.next();
    if (step.done === true) return { transcript: step.value, heard };
  }
}

interface Line {
  readonly id: string;
  readonly parent: string | null;
  readonly say: unknown;
  readonly group?: string;
}

function fileOf(lines: readonly Line[]): Buffer {
  const records = lines.map(({ id, parent, say, group }) => ({
    uuid: id,
    parentUuid: parent,
    type: group === undefined ? 'user' : 'assistant',
    sessionId: 's',
    message: { role: group === undefined ? 'user' : 'assistant', id: group, content: say },
  }));
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

const call = (id: string): unknown => [{ type: 'tool_use', id, name: 'Bash', input: {} }];
const result = (id: string): unknown => [{ type: 'tool_result', tool_use_id: id, content: 'ok' }];

const seed = testSeed(1e6);
const numRuns = Number(process.env['RUNS'] ?? 500);
const file = 'test/transcript/claude-code/early.test.ts';
const repeat = `HOLDFAST_SEED=${seed} RUNS=${numRuns} npx vitest run ${file}`;

describe('EarlyListener', () => {
  test(`hears what conversation() gives where it is told so; to repeat: ${repeat}`, () => {
    let right = 0;
    let runs = 0;
    fc.assert(
      fc.property(sessions, (text) => {
        const { transcript, heard } = listened(Buffer.from(text));
        runs += 1;
        if (transcript.heard !== true) return;
        right += 1;
        expect(heard).toEqual([...transcript.conversation()]);
      }),
      { seed, numRuns },
    );
    // Most sessions are told right the first time; else there would be no use in it.
    expect(right / runs).toBeGreaterThan(0.3);
  });

  const folder = fileURLToPath(
    new URL('../../../fixtures/transcripts/claude-code/', import.meta.url),
  );
  test.each(readdirSync(folder).filter((name) => name.endsWith('.jsonl')))(
    'hears what conversation() gives of %s, or is told that it did not',
    (name) => {
      const { transcript, heard } = listened(readFileSync(join(folder, name)));
      if (transcript.heard === true) expect(heard).toEqual([...transcript.conversation()]);
    },
  );

  test('hears calls in parallel, whose results hang on their own calls', () => {
    const { transcript, heard } = listened(
      fileOf([
        { id: 'p', parent: null, say: 'Look.' },
        { id: 'a1', parent: 'p', say: call('t1'), group: 'm' },
        { id: 'r1', parent: 'a1', say: result('t1') },
        { id: 'a2', parent: 'a1', say: call('t2'), group: 'm' },
        { id: 'r2', parent: 'a2', say: result('t2') },
        { id: 'a3', parent: 'r2', say: [{ type: 'text', text: 'Done.' }], group: 'n' },
      ]),
    );
    expect(transcript.heard).toBe(true);
    expect(heard).toEqual([...transcript.conversation()]);
    expect(heard.map(({ content }) => content.length)).toEqual([1, 2, 2, 1]);
  });

  test('hears a conversation that begins anew from its beginning', () => {
    const { transcript, heard } = listened(
      fileOf([
        { id: 'p', parent: null, say: 'Look.' },
        { id: 'q', parent: null, say: 'The summary.' },
        { id: 'a', parent: 'q', say: [{ type: 'text', text: 'Done.' }], group: 'n' },
      ]),
    );
    expect(transcript.heard).toBe(true);
    expect(heard.map(({ place }) => place.id)).toEqual(['q', 'a']);
  });

  test('is told that a prompt was written anew, further back and just now', () => {
    const turn = [
      { id: 'p', parent: null, say: 'Look.' },
      { id: 'a', parent: 'p', say: [{ type: 'text', text: 'Where?' }], group: 'm' },
      { id: 'q', parent: 'a', say: 'Here.' },
    ];
    expect(
      listened(fileOf([...turn, { id: 'z', parent: 'a', say: 'There.' }])).transcript.heard,
    ).toBe(false);
    const long = [
      ...turn,
      { id: 'b', parent: 'q', say: 'Now.' },
      { id: 'c', parent: 'b', say: '.' },
    ];
    expect(
      listened(fileOf([...long, { id: 'z', parent: 'p', say: 'There.' }])).transcript.heard,
    ).toBe(false);
  });

  test('is told that a record came twice', () => {
    const turn = [
      { id: 'p', parent: null, say: 'Look.' },
      { id: 'a', parent: 'p', say: [{ type: 'text', text: 'Where?' }], group: 'm' },
      { id: 'a', parent: 'p', say: [{ type: 'text', text: 'There?' }], group: 'm' },
    ];
    expect(listened(fileOf(turn)).transcript.heard).toBe(false);
  });
});
