/**
 * Where restore points would be taken in real transcripts: a table for a person's eye, and a bound on
 * their number. The transcripts are not part of the project: HOLDFAST_CORPUS names their directory.
 */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { CheckpointLab } from '../helpers/checkpoint-lab.ts';
import { messagesOfFile } from '../helpers/foreign-messages.ts';

const corpus = process.env['HOLDFAST_CORPUS'];

/** Shorter ones tell nothing about an average. */
const messagesMin = 4;

function counted(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${word} ${count}`).join(', ') || 'none';
}

it('real transcripts get at most one restore point per ten messages', async ({ skip }) => {
  if (corpus === undefined) skip('HOLDFAST_CORPUS does not name a directory of transcripts');
  const root = corpus ?? '';
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:jsonl?|traj)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const table: string[] = [];
  let [messages, points] = [0, 0];
  for (const file of files.sort()) {
    const conversation = messagesOfFile(file);
    if (conversation.length < messagesMin) continue;
    const lab = await new CheckpointLab().appendAll(conversation);
    messages += conversation.length;
    points += lab.points.length;
    const name = relative(root, file);
    expect(lab.points.length, name).toBeLessThanOrEqual(1 + conversation.length / 10);
    table.push(
      `${name}: ${conversation.length} messages, ${lab.points.length} restore points; ` +
        `taken: ${counted(lab.points.map((one) => one.trigger))}; ` +
        `seen: ${counted(lab.seen.map((one) => one.trigger))}`,
      ...lab.points.map((one) => `  ${String(one.messageIndex).padStart(5)}  ${one.action}`),
    );
    if (process.env['HOLDFAST_CORPUS_SEEN'] === undefined) continue;
    table.push(...lab.seen.map((one) => `        ${one.messageIndex} ${one.action}`));
  }
  const each = (messages / points).toFixed(1);
  console.log(`${table.join('\n')}\n${messages} messages, ${points} restore points, ${each} each`);
  expect(messages).toBeGreaterThan(0);
  expect(points * 10).toBeLessThanOrEqual(messages);
}, 120_000);
