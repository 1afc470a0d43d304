/**
 * Where restore points would be taken in real transcripts: a table for a person's eye, and a bound on
 * their number. The transcripts are not part of the project: HOLDFAST_CORPUS names their directory.
 */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { SmartCheckpointer } from '../../src/checkpoint/checkpointer.ts';
import { Watch } from '../../src/checkpoint/watch.ts';
import { foldEntry, newFold } from '../../src/session/fold.ts';
import type { Message } from '../../src/session/message.ts';
import { messagesOfFile } from '../helpers/foreign-messages.ts';

const corpus = process.env['HOLDFAST_CORPUS'];

interface Point {
  readonly message: number;
  readonly trigger: string;
  readonly action: string;
}

/** What the checkpointer of a session would take, entry by entry. */
export async function pointsOf(messages: readonly Message[]): Promise<readonly Point[]> {
  const [fold, watch, points] = [newFold(), new Watch(), [] as Point[]];
  let lastDigest: string | null = null;
  const checkpointer = new SmartCheckpointer({
    take: (trigger, action) => {
      lastDigest = fold.contentDigest;
      points.push({ message: fold.messages, trigger, action });
      return Promise.resolve();
    },
    digest: () => fold.contentDigest,
    lastDigest: () => lastDigest,
    messages: () => fold.messages,
    taken: () => points.length,
  });
  let seq = 0;
  for (const message of messages) {
    seq += 1;
    const entry = { seq, timeMs: 0, event: { kind: 'message', message } } as const;
    try {
      foldEntry(fold, entry);
    } catch {
      // Not a message as ours are; the transcript's own business.
      continue;
    }
    for (const { trigger, action } of watch.observe(entry)) {
      await checkpointer.onEvent(trigger, action);
    }
  }
  return points;
}

it('real transcripts get at most one restore point per ten messages', async ({ skip }) => {
  if (corpus === undefined) skip('HOLDFAST_CORPUS does not name a directory of transcripts');
  const root = corpus ?? '';
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.jsonl?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  let [messages, points] = [0, 0];
  for (const file of files.sort()) {
    const conversation = messagesOfFile(file);
    if (conversation.length < 4) continue;
    const found = await pointsOf(conversation);
    messages += conversation.length;
    points += found.length;
    console.log(
      [
        `${relative(root, file)}: ${conversation.length} messages, ${found.length} restore points`,
        ...found.map(
          (one) => `  ${String(one.message).padStart(5)}  ${one.trigger}  ${one.action}`,
        ),
      ].join('\n'),
    );
  }
  console.log(
    `${messages} messages, ${points} restore points, ${(messages / points).toFixed(1)} each`,
  );
  expect(messages).toBeGreaterThan(0);
  expect(points * 10).toBeLessThanOrEqual(messages);
}, 120_000);
