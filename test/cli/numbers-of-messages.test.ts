/** Numbers of messages beside those that a provider's own errors name. */
import { expect, test } from 'vitest';
import { eachInItsFolder, file, recover } from './rollouts.ts';

eachInItsFolder();

const call = { type: 'tool_use', id: 'toolu_1', name: 'ls', input: {} };
const messages = [
  { role: 'user', content: [{ type: 'text', text: 'Look.' }] },
  { role: 'assistant', content: [call] },
  { role: 'user', content: [{ type: 'text', text: 'And?' }] },
];
const hint = 'The system counts as message 1: message 3 is messages.1 of the provider.';

test('where the system of a request stands apart, verify says which messages.N is meant', async () => {
  const path = file('body.json', JSON.stringify({ system: 'Be short.', messages }));
  const told = await recover('verify', path, '--profile', 'anthropic');
  expect(told.stdout).toMatch(/DANGLING_TOOL_CALL .*message 3, block 1/);
  expect(told.stdout).toContain(hint);
  const { stdout } = await recover('verify', path, '--json');
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly object[] };
  expect(findings[0]).toMatchObject({ messageIndex: 2, place: { record: 1 } });
});

test.each([
  ['no system', { messages }],
  ['a system that says nothing', { system: '', messages }],
])('nothing of it is said of a request with %s', async (_what, body) => {
  const told = await recover('verify', file('body.json', JSON.stringify(body)));
  expect(told.stdout).toMatch(/DANGLING_TOOL_CALL .*message 2, block 1/);
  expect(told.stdout).not.toContain('The system counts');
});
