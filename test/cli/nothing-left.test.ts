/** A repair that would leave no message: `plan` and `apply` say so alike, and blame no file. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

const orphan = {
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: 't9', content: 'lost' }],
};
const ofClaude = {
  isSidechain: false,
  sessionId: 's',
  version: '2',
  parentUuid: null,
  timestamp: '2026-05-14T20:00:00.000Z',
  type: 'user',
  message: orphan,
  uuid: 'u1',
};
const request = { model: 'claude-sonnet-4-5', messages: [orphan] };

test.each([
  ['a request', 'one.json', request],
  ['a list', 'list.json', [orphan]],
  ['a session of lines', 'one.jsonl', ofClaude],
])('plan and apply of %s say that drop would leave nothing', async (_name, name, value) => {
  const path = file(name, `${JSON.stringify(value)}\n`);
  const to = join(place.folder, 'out');
  const why = `Nothing would be left of ${JSON.stringify(path)} after this repair: drop takes`;
  const planned = await recover('plan', path, '--policy', 'drop');
  expect([planned.code, planned.stderr]).toEqual([20, '']);
  expect(planned.stdout).toContain(why);
  expect(planned.stdout).not.toContain('recover apply');
  const applied = await recover('apply', path, '--policy', 'drop', '--to', to);
  expect(applied.code).toBe(20);
  expect(applied.stderr).toContain(why);
  expect(applied.stderr).not.toContain('no transcript');
  expect(existsSync(to)).toBe(false);
  const json = await recover('plan', path, '--policy', 'drop', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ writable: false, refusal: expect.any(String) });
  expect(await recover('plan', path)).toMatchObject({ code: 10 });
  expect(await recover('apply', path, '--to', to)).toMatchObject({ code: 0 });
});

test('a file whose messages say nothing is told as such by every verb, under every policy', async () => {
  const value = { model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: [] }] };
  const path = file('empty.json', JSON.stringify(value));
  const to = join(place.folder, 'out.json');
  const said = 'no message of it says anything';
  for (const words of [
    ['verify', path],
    ['plan', path],
    ['plan', path, '--policy', 'drop'],
    ['apply', path, '--to', to],
  ] as const) {
    const { code, stdout, stderr } = await recover(...words);
    expect([words[0], code]).toEqual([words[0], 20]);
    expect(stdout + stderr).toContain(said);
    expect(stdout + stderr).not.toContain('recover plan');
  }
  expect(await recover('scan', path)).toMatchObject({ code: 20 });
});
