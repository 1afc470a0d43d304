/** When a snapshot is taken, and what is told about it. */
import { describe, expect, it } from 'vitest';
import { formatStats, SmartCheckpointer } from '../../src/checkpoint/checkpointer.ts';
import type { CheckpointHost, CheckpointSettings } from '../../src/checkpoint/checkpointer.ts';
import type { Trigger } from '../../src/session/event.ts';
import { CheckpointLab } from '../helpers/checkpoint-lab.ts';

/** A session of which the test says what it holds; snapshots wait for `finish`. */
function bench(settings: CheckpointSettings = {}): {
  readonly at: { digest: string; messages: number };
  readonly taken: { trigger: Trigger; action: string; messageIndex: number; digest: string }[];
  readonly finish: ((how?: Error) => void)[];
  readonly checkpointer: SmartCheckpointer;
} {
  const at = { digest: 'a', messages: 1 };
  const taken: { trigger: Trigger; action: string; messageIndex: number; digest: string }[] = [];
  const finish: ((how?: Error) => void)[] = [];
  const host: CheckpointHost = {
    take: (trigger, action) => {
      const point = { trigger, action, messageIndex: at.messages, digest: at.digest };
      return new Promise<void>((resolve, reject) => {
        finish.push((how) => {
          if (how !== undefined) return reject(how);
          taken.push(point);
          resolve();
        });
      });
    },
    digest: () => at.digest,
    lastDigest: () => taken.at(-1)?.digest ?? null,
    taken: () => taken.length,
    messages: () => at.messages,
    takenAt: () => taken,
  };
  return { at, taken, finish, checkpointer: new SmartCheckpointer(host, settings) };
}

const seen = (trigger: Trigger) => [{ trigger, action: `[${trigger}] x` }];

describe('onEvent', () => {
  it('takes one snapshot for one content, however many events come at once', async () => {
    const { at, taken, finish, checkpointer } = bench();
    const first = checkpointer.onEvent('file-write', 'one');
    const second = checkpointer.onEvent('tool-error', 'two');
    expect(checkpointer.shouldCheckpoint('file-write')).toBe(false);
    Object.assign(at, { digest: 'b', messages: 2 });
    const third = checkpointer.onEvent('file-write', 'three');
    for (const one of finish) one();
    expect(await Promise.all([first, second, third])).toEqual([true, false, true]);
    expect(taken.map(({ action, digest }) => [action, digest])).toEqual([
      ['[file-write] one', 'a'],
      ['[file-write] three', 'b'],
    ]);
    expect(checkpointer.stats).toMatchObject({ eventsSeen: 3, filtered: 1, checkpointsTaken: 2 });
    expect(checkpointer.stats.byTrigger['file-write']).toEqual({ seen: 2, taken: 2 });
  });

  it('is not spaced: who calls it knows', async () => {
    const { at, finish, checkpointer } = bench();
    for (const messages of [1, 2, 3]) {
      Object.assign(at, { digest: String(messages), messages });
      const event = checkpointer.onEvent('file-write', 'again');
      finish.at(-1)?.();
      expect(await event).toBe(true);
    }
  });

  it('takes none of an empty conversation', async () => {
    const { at, checkpointer } = bench();
    at.messages = 0;
    expect(await checkpointer.onEvent('file-write', 'nothing yet')).toBe(false);
  });

  it('does not count one that failed, and the next event tries again', async () => {
    const { finish, checkpointer } = bench();
    const failing = checkpointer.onEvent('file-write', 'one');
    finish[0]?.(new Error('no room'));
    expect(await failing).toBe(false);
    expect(checkpointer.checkpointsTaken).toBe(0);
    expect(checkpointer.stats).toMatchObject({ failed: 1, filtered: 0, lastFailure: 'no room' });
    const again = checkpointer.onEvent('file-write', 'one');
    finish[1]?.();
    expect(await again).toBe(true);
  });

  it('counts as failed what a host throws on the spot', async () => {
    const { checkpointer } = bench();
    const thrown = new SmartCheckpointer({
      take: () => {
        throw new Error('closed');
      },
      digest: () => 'a',
      lastDigest: () => null,
      taken: () => 0,
      messages: () => 1,
      takenAt: () => [],
    });
    expect(await thrown.onSightings(seen('file-write'))).toBe(false);
    expect(thrown.stats.lastFailure).toBe('closed');
    expect(checkpointer.stats.lastFailure).toBeNull();
  });

  it('refuses an action that the list would show as no text, before anything is counted', async () => {
    const { checkpointer, taken } = bench();
    for (const wrong of [undefined, { a: 1 }, null, 7, '', '  ']) {
      await expect(checkpointer.onEvent('plan-change', wrong as string)).rejects.toMatchObject({
        code: 'INVALID',
        details: { path: 'action' },
      });
    }
    expect(checkpointer.eventsSeen).toBe(0);
    expect(taken).toEqual([]);
  });

  it('refuses a trigger that does not exist, before anything is counted', async () => {
    const { checkpointer } = bench();
    const wrong = 'file_write' as Trigger;
    await expect(checkpointer.onEvent(wrong, 'x')).rejects.toMatchObject({ code: 'INVALID' });
    expect(() => checkpointer.shouldCheckpoint(wrong)).toThrow('is no trigger; use one of');
    expect(() => checkpointer.setTrigger(wrong, true)).toThrow('"file_write"');
    expect(checkpointer.eventsSeen).toBe(0);
    const triggers = { file_write: true } as CheckpointSettings['triggers'] & object;
    expect(() => bench({ triggers })).toThrow('"file_write"');
    expect(() => bench({ spacing: { messagesEach: -1 } })).toThrow('"messagesEach"');
  });
});

describe('setTrigger', () => {
  it('turns single triggers off and on, and formatTriggers tells', async () => {
    const { finish, checkpointer } = bench({ triggers: { 'base-bytes': false } });
    checkpointer.setTrigger('tool-error', false);
    expect(checkpointer.formatTriggers()).toBe(
      'on:  user-feedback, context-shift, plan-change, file-write, replay-budget\n' +
        'off: tool-error, base-bytes',
    );
    expect(checkpointer.shouldCheckpoint('tool-error')).toBe(false);
    expect(await checkpointer.onEvent('tool-error', 'x')).toBe(false);
    checkpointer.setTrigger('tool-error', true);
    const event = checkpointer.onEvent('tool-error', 'x');
    finish[0]?.();
    expect(await event).toBe(true);
    expect(formatStats(checkpointer.stats)).toBe(
      '2 events seen, 1 checkpoints taken (50% filtered)',
    );
  });

  it('is told with what was taken before the session was opened', () => {
    const { checkpointer, taken } = bench();
    const point = { trigger: 'file-write', action: 'x', messageIndex: 1, digest: 'a' } as const;
    taken.push(point, point);
    expect(formatStats(checkpointer.stats)).toBe(
      '0 events seen, 2 checkpoints taken, 2 of them before the session was opened (0% filtered)',
    );
  });
});

describe('onSightings', () => {
  it('takes one snapshot for a message, for its most telling trigger that is on', async () => {
    const { finish, taken, checkpointer } = bench({ triggers: { 'user-feedback': false } });
    const event = checkpointer.onSightings(
      (['tool-error', 'file-write', 'user-feedback', 'plan-change'] as const).flatMap(seen),
    );
    finish[0]?.();
    expect(await event).toBe(true);
    expect(taken.map(({ trigger }) => trigger)).toEqual(['plan-change']);
    expect(checkpointer.stats).toMatchObject({ eventsSeen: 4, filtered: 3 });
    expect(await checkpointer.onSightings([])).toBe(false);
  });

  it('spaces by those that are not finished yet, too', async () => {
    const { at, finish, checkpointer } = bench();
    const first = checkpointer.onSightings(seen('file-write'));
    Object.assign(at, { digest: 'b', messages: 2 });
    expect(await checkpointer.onSightings(seen('user-feedback'))).toBe(false);
    finish[0]?.();
    expect(await first).toBe(true);
    expect(finish).toHaveLength(1);
  });

  it('takes at most one in ten messages, and the first at once, whatever is seen', async () => {
    const lab = new CheckpointLab();
    for (let n = 1; n <= 400; n += 1) {
      await lab.append({ role: 'user', content: `message ${n}` });
      await lab.checkpointer.onSightings(seen(n % 3 === 0 ? 'tool-error' : 'file-write'));
      if (n % 7 === 0) await lab.checkpointer.onSightings(seen('user-feedback'));
      if (n % 50 === 0) lab.restart();
      expect(lab.points.length).toBeLessThanOrEqual(1 + n / 10);
    }
    expect(lab.points[0]).toMatchObject({ messageIndex: 1 });
    expect(lab.points.length).toBeGreaterThan(30);
    expect(lab.points.some(({ trigger }) => trigger === 'user-feedback')).toBe(true);
  });

  it('keeps room for the user while files are written all the time', async () => {
    const lab = new CheckpointLab();
    for (let n = 1; n <= 200; n += 1) {
      await lab.append({ role: 'user', content: `message ${n}` });
      await lab.checkpointer.onSightings(seen('file-write'));
    }
    for (let n = 1; n <= 8; n += 1) await lab.append({ role: 'user', content: `more ${n}` });
    expect(await lab.checkpointer.onSightings(seen('user-feedback'))).toBe(true);
    const written = lab.points.filter(({ trigger }) => trigger === 'file-write');
    const gaps = written.map((one, i) => one.messageIndex - (written[i - 1]?.messageIndex ?? 0));
    expect(gaps.slice(1, 5)).toEqual([20, 12, 18, 24]);
  });

  it('goes on in the same way when the process starts anew', async () => {
    const triggers: readonly Trigger[] = ['file-write', 'tool-error', 'user-feedback'];
    const run = async (restarts: readonly number[]): Promise<unknown> => {
      const lab = new CheckpointLab();
      for (let n = 1; n <= 150; n += 1) {
        await lab.append({ role: 'user', content: `message ${n}` });
        const trigger = triggers[(n * n) % 3] ?? 'file-write';
        if (n % 4 === 0) await lab.checkpointer.onSightings(seen(trigger));
        if (restarts.includes(n)) lab.restart();
      }
      return lab.points;
    };
    expect(await run([3, 17, 40, 41, 99])).toEqual(await run([]));
  });
});
