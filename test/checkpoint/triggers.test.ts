/**
 * Conversations in which one trigger fires exactly once, with near misses around it, and what must
 * hold of every one of them: nothing for a state that did not change, the same after a restart, and
 * no count for a snapshot that failed.
 */
import { describe, expect, it } from 'vitest';
import { CheckpointLab, fixture } from '../helpers/checkpoint-lab.ts';

const conversations = [
  ['file-write', 11, '[file-write] Edit src/dates.ts'],
  [
    'tool-error',
    9,
    '[tool-error] Bash node scripts/steps.mjs logs/build-2026-11-20.log: Exit code 2 TypeError: ' +
      "Cannot read properties of undefined (reading 'end')",
  ],
  ['user-feedback', 9, "[user-feedback] No, that's wrong: upper and lower case must not matter"],
  ['plan-change', 5, '[plan-change] TodoWrite (3 steps, 3 new, 0 dropped): Read the INI file'],
  [
    'context-shift',
    9,
    '[context-shift] Something different: our monthly invoices arrive as PDF attachments, and ' +
      'accounting wants the totals in a spreadsheet with one row per supplier.',
  ],
] as const;

describe.each(conversations)('%s', (trigger, messageIndex, action) => {
  const messages = fixture(`trigger-${trigger}`);

  it('Watch sees it once, and nothing in its near misses', async () => {
    const lab = await new CheckpointLab().appendAll(messages);
    expect(lab.seen).toEqual([{ trigger, messageIndex, action }]);
  });

  it('SmartCheckpointer takes one snapshot, of the state with that message', async () => {
    const lab = await new CheckpointLab().appendAll(messages);
    expect(lab.points).toMatchObject([{ trigger, messageIndex, action }]);
    expect(lab.checkpointer.stats).toMatchObject({ eventsSeen: 1, filtered: 0, failed: 0 });
    expect(lab.checkpointer.checkpointsTaken).toBe(1);
  });

  it('SmartCheckpointer takes none when the trigger is off', async () => {
    const lab = await new CheckpointLab({ triggers: { [trigger]: false } }).appendAll(messages);
    expect(lab.points).toEqual([]);
    expect(lab.checkpointer.stats).toMatchObject({ eventsSeen: 1, filtered: 1 });
  });

  it('SmartCheckpointer takes none for a state that has not changed', async () => {
    const lab = await new CheckpointLab().appendAll(messages.slice(0, messageIndex));
    expect(lab.checkpointer.shouldCheckpoint(trigger)).toBe(false);
    expect(await lab.checkpointer.onEvent(trigger, 'once more')).toBe(false);
    lab.restart();
    expect(await lab.checkpointer.onEvent(trigger, 'after a restart')).toBe(false);
    expect(lab.points).toHaveLength(1);
  });

  it('Watch sees the same when the process starts anew before any message', async () => {
    for (let at = 1; at < messages.length; at += 1) {
      const lab = await new CheckpointLab().appendAll(messages.slice(0, at));
      lab.restart();
      await lab.appendAll(messages.slice(at));
      expect(lab.points, `restart behind message ${at}`).toMatchObject([{ trigger, messageIndex }]);
      expect(lab.seen).toHaveLength(1);
    }
  });

  it('SmartCheckpointer does not count a snapshot that failed, and tries again', async () => {
    const lab = new CheckpointLab();
    lab.failure = new Error('no room');
    await lab.appendAll(messages.slice(0, messageIndex));
    expect(lab.checkpointer.checkpointsTaken).toBe(0);
    expect(lab.checkpointer.stats).toMatchObject({ failed: 1, lastFailure: 'no room' });
    expect(lab.checkpointer.shouldCheckpoint(trigger)).toBe(true);
    lab.failure = null;
    expect(await lab.checkpointer.onEvent(trigger, 'again')).toBe(true);
    expect(lab.points).toMatchObject([{ messageIndex, action: `[${trigger}] again` }]);
  });
});
