/** `recover plan` and `apply` say where things stand in the file that was named, not in its copy. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Place } from '../../src/integrity/conversation.ts';
import { eachInItsFolder, file, output, place, recover, rollout, words } from './rollouts.ts';

eachInItsFolder();

interface Told {
  readonly findings?: readonly { readonly code: string; readonly place: Place }[];
  readonly left?: readonly { readonly code: string; readonly place: Place }[];
}

/** Two records on one line, then a result without its call, and a line that is no record. */
function fused(): string {
  const lines = rollout(words('user', 'Go'), words('assistant', 'Yes.'), output).split('\n');
  const [meta, user, answer, result] = lines;
  return file('fused.jsonl', `${meta}\n${user}${answer}\n${result}\n{"torn":\n${user}\n`);
}

describe('recover plan of a file whose bytes are mended', () => {
  test('names the line of an edit as verify names it', async () => {
    const path = fused();
    const verified = await recover('verify', path);
    const line = /ORPHANED_TOOL_RESULT line (\d+)/.exec(verified.stdout)?.[1];
    expect(line).toBe('3');
    const planned = await recover('plan', path);
    expect(planned.stdout).toContain('FUSED_RECORDS + "\\n"');
    expect(planned.stdout).toMatch(/message \d+ \(user\), line 3: .*ORPHANED_TOOL_RESULT/);
    const done = await recover('apply', path, '--to', join(place.folder, 'copy.jsonl'));
    expect(done.stdout).toMatch(/message \d+ \(user\), line 3: /);
  });

  test('names what stays with the place that it has in the file, in text and in JSON', async () => {
    const path = fused();
    const found = JSON.parse((await recover('verify', path, '--json')).stdout) as Told;
    const [verified] = (found.findings ?? []).filter(({ code }) => code === 'MALFORMED_RECORD');
    expect(verified?.place.line).toBe(4);
    const planned = JSON.parse((await recover('plan', path, '--json')).stdout) as Told;
    expect(planned.left).toMatchObject([{ code: 'MALFORMED_RECORD', place: verified?.place }]);
    const text = await recover('plan', path);
    expect(text.stdout).toMatch(/Stays as it is:\n\s+error MALFORMED_RECORD line 4 \(byte/);
  });

  test('names the line of an element of a list behind lines that are taken out', async () => {
    const said = [{ type: 'text', text: '<task>Go</task>' }];
    const user = { role: 'user', content: said, ts: 1 };
    const call = { type: 'tool_use', id: 'toolu_1', name: 'ls', input: {} };
    const asked = { role: 'assistant', content: [call], ts: 2 };
    const lines = ['[', `${JSON.stringify(user)},`, 'oh', 'no,', `${JSON.stringify(asked)},`];
    const path = file('list.json', [...lines, JSON.stringify(user), ']', ''].join('\n'));
    const verified = await recover('verify', path);
    expect(verified.stdout).toContain('DANGLING_TOOL_CALL line 5');
    const dropped = await recover('plan', path, '--policy', 'drop');
    expect(dropped.stdout).toMatch(/message 2 \(assistant\), line 5: .*DANGLING_TOOL_CALL/);
  });
});
