/** Real transcripts outside of the project: what a reader sees in them, and that nothing breaks. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { accepts } from '../../src/integrity/acceptance/accepts.ts';
import { planRepair } from '../../src/integrity/plan/plan-repair.ts';
import { checkConversation } from '../../src/integrity/rules/check.ts';
import type { FormatReader } from '../../src/transcript/transcript.ts';
import { opened, spliced } from './edit-lab.ts';

/** What stands in a transcript, in numbers. */
export interface Seen {
  readonly records: number;
  readonly messages: number;
  readonly calls: number;
  /** Calls without a result. */
  readonly open: number;
  /** Faults of bytes and graph, with their offsets. */
  readonly findings: readonly string[];
  /** What the provider of the tool would refuse. */
  readonly errors: readonly string[];
}

/** The files of a folder of the corpus; none when there is no corpus. */
export function realFiles(folder: string): { readonly name: string; readonly bytes: Buffer }[] {
  const path = join(process.env['HOLDFAST_CORPUS'] ?? '', folder);
  if (process.env['HOLDFAST_CORPUS'] === undefined || !existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => ({ name: name.replace('.jsonl', ''), bytes: readFileSync(join(path, name)) }));
}

/** Reads a transcript and counts. */
export function seenIn(reader: FormatReader, bytes: Buffer): Seen {
  const transcript = opened(reader, bytes);
  const messages = [...transcript.conversation()];
  const blocks = messages.flatMap(({ content }) => content);
  const calls = blocks.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
  const results = new Set(
    blocks.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : [])),
  );
  const { findings } = checkConversation(messages, transcript.profile);
  return {
    records: transcript.records,
    messages: messages.length,
    calls: calls.length,
    open: calls.filter((id) => !results.has(id)).length,
    findings: transcript.findings
      .filter(({ severity }) => severity !== 'note')
      .map(({ code, place }) => `${code}@${place?.offset ?? '-'}`),
    errors: findings
      .filter(({ severity }) => severity === 'error')
      .map(({ code, place }) => `${code}@${place?.line ?? '-'}`),
  };
}

/**
 * Writes a file back without an edit, which changes nothing; then mends and repairs it, and reads
 * that again: the provider takes it, and a second plan is empty.
 */
export function expectRoundTrip(reader: FormatReader, bytes: Buffer): void {
  const before = opened(reader, bytes);
  expect(spliced(bytes, before.write?.([]) ?? []).equals(bytes)).toBe(true);
  const mended = spliced(bytes, before.mends);
  const transcript = opened(reader, mended);
  const { profile } = transcript;
  const { edits, unmended } = planRepair([...transcript.conversation()], profile, 'annotate');
  const after = opened(reader, spliced(mended, transcript.write?.(edits) ?? []));
  const messages = [...after.conversation()];
  if (unmended.length === 0) expect(accepts(messages, profile)).toEqual([]);
  expect(planRepair(messages, profile, 'annotate').edits).toEqual([]);
  expect(after.mends).toEqual([]);
}
