/** What `NAME.expected.json` says of a transcript, and what a reader found of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkConversation } from '../../src/integrity/rules/check.ts';
import type { ContentBlock } from '../../src/session/message.ts';
import type { FormatReader } from '../../src/transcript/transcript.ts';
import { opened } from './edit-lab.ts';

const folder = fileURLToPath(new URL('../../fixtures/transcripts', import.meta.url));

/** Names of the fixtures of a format, without their endings. */
export function fixtureNames(format: string): string[] {
  const names = readdirSync(join(folder, format)).filter((name) => name.endsWith('.jsonl'));
  return names.map((name) => name.replace('.jsonl', ''));
}

/** The bytes of a fixture. */
export function fixtureBytes(format: string, name: string): Buffer {
  return readFileSync(join(folder, format, `${name}.jsonl`));
}

/** What is written down of a fixture. */
export function expectedOf(format: string, name: string): Record<string, unknown> {
  const text = readFileSync(join(folder, format, `${name}.expected.json`), 'utf8');
  return JSON.parse(text) as Record<string, unknown>;
}

function inShort(block: ContentBlock): string {
  if (block.type === 'text') return `text ${block.text}`;
  if (block.type === 'tool_use') return `tool_use ${block.id}`;
  return block.type === 'tool_result' ? `tool_result ${block.tool_use_id}` : block.type;
}

/** What a reader finds in a fixture, in the shape in which it is written down. */
export function foundIn(reader: FormatReader, bytes: Buffer): Record<string, unknown> {
  const { facts, profile, findings, sides, ...transcript } = opened(reader, bytes);
  const messages = [...transcript.conversation()];
  const { findings: broken } = checkConversation(messages, profile);
  return {
    sessionId: facts.sessionId,
    profile,
    messages: messages.map(({ role, content }) => [role, ...content.map(inShort)]),
    findings: findings.map(({ code, place }) => ({ code, line: place?.line ?? null })),
    rules: broken
      .filter(({ severity }) => severity !== 'note')
      .map(({ code, place }) => ({ code, line: place?.line ?? null })),
    sides: sides.map(({ kind, messages: count }) => ({ kind, messages: count })),
  };
}
