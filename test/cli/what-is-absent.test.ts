/** `recover verify` says that nothing is lost only where everything is there that a file speaks of. */
import { describe, expect, test } from 'vitest';
import { eachInItsFolder, file, recover } from './rollouts.ts';

eachInItsFolder();

/** A session of Claude Code that was compacted; the summary stands behind the boundary. */
function compacted(summary: 'there' | 'gone'): string {
  const own = { isSidechain: false, sessionId: 's', cwd: '/p', version: '2.0.0' };
  const time = '2026-01-01T00:00:00.000Z';
  const said = (uuid: string, parentUuid: string | null, role: string, text: string): object => {
    const message = { role, content: [{ type: 'text', text }] };
    return { parentUuid, ...own, type: role, uuid, timestamp: time, message };
  };
  const boundary = {
    parentUuid: null,
    ...own,
    type: 'system',
    subtype: 'compact_boundary',
    uuid: 'b',
    logicalParentUuid: 'u2',
    timestamp: time,
    compactMetadata: { trigger: 'auto' },
  };
  const records = [
    said('u1', null, 'user', 'go'),
    said('u2', 'u1', 'assistant', 'old'),
    boundary,
    ...(summary === 'gone' ? [] : [{ ...said('s', 'b', 'user', 'All.'), isCompactSummary: true }]),
    said('u3', 's', 'assistant', 'new'),
    said('u4', 'u3', 'user', ' '),
    said('u5', 'u4', 'assistant', 'end'),
  ];
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

describe('recover verify', () => {
  test('a summary that is not in the file is not told as nothing lost', async () => {
    const path = file('gone.jsonl', compacted('gone'));
    const told = await recover('verify', path);
    expect(told.code).toBe(10);
    expect(told.stdout).not.toContain('nothing is lost');
    expect(told.stdout).toContain('something that it refers to is not in it');
    const reported = await recover('report', path, '--html', `${path}.html`);
    expect(reported.stdout).not.toContain('mends all of it');
  });

  test('a file that has all that it speaks of has lost nothing', async () => {
    const told = await recover('verify', file('there.jsonl', compacted('there')));
    expect([told.code, told.stdout]).toEqual([10, expect.stringContaining('nothing is lost')]);
  });
});
