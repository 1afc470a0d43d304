/**
 * The official reader beside ours: the same records in the same order, over the fixtures, random
 * sessions, what is written into them, and the corpus. Its package is installed by hand, with
 * `npm ci` in `test/integration/claude-sdk`; without it the test says that it did not run.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from '../../helpers/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { realFiles } from '../../helpers/real-transcripts.ts';
import { edited } from './edited.ts';
import { draws, planFor, sessions } from './lives.ts';
import { applied, opened } from './opened.ts';
import { testSeed } from '../../helpers/seed.ts';

const home = fileURLToPath(new URL('../../integration/claude-sdk/', import.meta.url));
const isThere = existsSync(`${home}node_modules/@anthropic-ai/claude-agent-sdk/package.json`);
const notRun = 'NOT RUN: `npm ci` in test/integration/claude-sdk installs the official reader';
const sessionId = '5e551075-0000-4000-8000-000000000001';

interface Sdk {
  getSessionMessages(
    id: string,
    options: { readonly sessionStore: object },
  ): Promise<readonly { readonly uuid: string }[]>;
}

type Json = Readonly<Record<string, unknown>>;

async function loadSdk(): Promise<Sdk> {
  const path = createRequire(`${home}package.json`).resolve('@anthropic-ai/claude-agent-sdk');
  return (await import(pathToFileURL(path).href)) as Sdk;
}

/** The records of sound lines. */
function recordsOf(bytes: Buffer): Json[] {
  return bytes
    .toString()
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line.trim()) as Json];
      } catch {
        return []; // The official reader passes over what is no JSON, too.
      }
    });
}

/** What it shows and the model never sees, or the other way round: not compared. */
function isCompared({ isMeta, isApiErrorMessage, isVirtual }: Json): boolean {
  return isMeta !== true && isApiErrorMessage !== true && isVirtual !== true;
}

/** The order in which Claude Code sends: an answer goes on in front of results in its midst. */
function asSent(uuids: readonly string[], records: ReadonlyMap<unknown, Json>): string[] {
  const messageOf = (uuid: string | undefined): Json =>
    (records.get(uuid)?.['message'] as Json | undefined) ?? {};
  const groupOf = (uuid: string | undefined): unknown =>
    records.get(uuid)?.['type'] === 'assistant' ? messageOf(uuid)['id'] : undefined;
  const isResults = (uuid: string | undefined): boolean => {
    const { content } = messageOf(uuid);
    return Array.isArray(content) && content.every(({ type }: Json) => type === 'tool_result');
  };
  const sent: string[] = [];
  for (const uuid of uuids) {
    let at = sent.length;
    while (at > 0 && isResults(sent[at - 1])) at -= 1;
    const goesOn = groupOf(uuid) !== undefined && groupOf(sent[at - 1]) === groupOf(uuid);
    sent.splice(goesOn ? at : sent.length, 0, uuid);
  }
  return sent;
}

async function expectSame(sdk: Sdk, bytes: Buffer, name: string): Promise<void> {
  const all = recordsOf(bytes);
  const sessionStore = { load: async () => structuredClone(all), append: async () => {} };
  const shown = await sdk.getSessionMessages(sessionId, { sessionStore });
  const records = new Map(all.map((record) => [record['uuid'], record]));
  const ours: string[] = [];
  for (const { place, places } of opened(bytes).conversation()) {
    for (const { id } of [place, ...places]) if (id !== null && id !== ours.at(-1)) ours.push(id);
  }
  const compared = (uuid: string): boolean => isCompared(records.get(uuid) ?? {});
  const theirs = asSent(shown.map(({ uuid }) => uuid).filter(compared), records);
  expect({ name, uuids: ours.filter(compared) }).toEqual({ name, uuids: theirs });
}

/** The file without one of its records, so that the line of parents may be broken. */
function withoutRecord(text: string, number: number): string {
  const lines = text.split('\n');
  return lines.toSpliced(number % lines.length, 1).join('\n');
}

/** A message of a session; the files of sub-agents are not what is asked for here. */
function isOfSession({ type, isSidechain }: Json): boolean {
  return (type === 'user' || type === 'assistant') && isSidechain === false;
}

/** Files that are mended where the official reader loses records, and those of sub-agents. */
const others = [
  'fused-written-again',
  'mark-and-returns',
  'agent-a1b2c3',
  'codemie-subagent-a485154',
];

const seed = testSeed(1e6);
const numRuns = Number(process.env['RUNS'] ?? 60);
const file = 'test/transcript/claude-code/sdk.test.ts';
const repeat = `HOLDFAST_SEED=${seed} RUNS=${numRuns} npx vitest run ${file}`;

describe('claudeCode beside the official reader', () => {
  test('finds the same records in fixtures and real sessions', async () => {
    if (!isThere) return console.log(notRun);
    const sdk = await loadSdk();
    const folder = new URL('../../../fixtures/transcripts/claude-code/', import.meta.url);
    const fixtures = readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => ({
        name: name.replace('.jsonl', ''),
        bytes: readFileSync(new URL(name, folder)),
      }));
    for (const { name, bytes } of [...fixtures, ...realFiles('claude-code')]) {
      if (!others.includes(name)) await expectSame(sdk, bytes, name);
    }
  });

  test(
    `finds the same records in what is written; to repeat: ${repeat}`,
    async () => {
      if (!isThere) return console.log(notRun);
      const sdk = await loadSdk();
      await fc.assert(
        fc.asyncProperty(sessions, draws, async (text, numbers) => {
          const bytes = Buffer.from(text);
          fc.pre(recordsOf(bytes).some(isOfSession));
          await expectSame(sdk, bytes, 'before');
          const torn = Buffer.from(withoutRecord(text, numbers[0] ?? 0));
          const joined = applied(torn, opened(torn).mends);
          if (recordsOf(joined).some(isOfSession)) await expectSame(sdk, joined, 'joined');
          const transcript = opened(bytes);
          const messages = [...transcript.conversation()];
          const edits = messages.length === 0 ? [] : planFor(messages, numbers);
          // Without any message, whatever the tool left aside would be the conversation.
          fc.pre(edited(messages, edits).length > 0);
          await expectSame(sdk, applied(bytes, transcript.write?.(edits) ?? []), 'after');
        }),
        { seed, numRuns },
      );
    },
    60_000 + 400 * numRuns,
  );
});
