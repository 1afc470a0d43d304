/** `recover plan` and `recover apply` on transcripts of other tools. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { place, eachInItsFolder, recover, file, clean, dangling, torn } from './rollouts.ts';

eachInItsFolder();

interface Mended {
  readonly tool_calls?: readonly { readonly function: { readonly arguments: string } }[];
}

describe('recover plan and recover apply', () => {
  test('a path with nothing at it is told as such', async () => {
    const told = await recover('plan', join(place.folder, 'none.jsonl'));
    expect([told.code, told.stderr]).toEqual([66, expect.stringContaining('There is nothing at')]);
  });

  test('what no plan can mend is told, and never as nothing to do', async () => {
    const lines = clean.split('\n');
    const path = file('lost.jsonl', lines.toSpliced(2, 1, '{"timestamp":"x","ty~~~').join('\n'));
    for (const words of [['plan'], ['apply', '--to', join(place.folder, 'out.jsonl')]] as const) {
      const told = await recover(words[0], path, ...words.slice(1));
      expect([words[0], told.code]).toEqual([words[0], 20]);
      expect(told.stdout).toContain('MALFORMED_RECORD');
      expect(told.stdout).not.toContain('✓');
    }
  });

  test('pictures that no plan can make smaller are told, and never as nothing to do', async () => {
    const bytes = Buffer.alloc(33);
    bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    bytes.writeUInt32BE(8001, 16);
    bytes.writeUInt32BE(10, 20);
    const source = { type: 'base64', media_type: 'image/png', data: bytes.toString('base64') };
    const ask = { role: 'user', content: [{ type: 'image', source }] };
    const answer = { role: 'assistant', content: [{ type: 'text', text: 'A line.' }] };
    const path = file('picture.json', JSON.stringify([ask, answer]));
    expect(await recover('verify', path)).toMatchObject({ code: 20 });
    const told = await recover('plan', path);
    expect(told.code).toBe(20);
    expect(told.stdout).toContain('no plan can mend it');
    expect(told.stdout).toContain('8001 pixels');
  });

  test('zeros in the middle are damage, not a thing to mend in silence', async () => {
    const path = file('zeros.jsonl', clean.replace('Two files.', '\0\0\0\0 files.'));
    expect(await recover('verify', path)).toMatchObject({ code: 20 });
  });

  test('a result of null answers its call, and no second one is made up', async () => {
    const fn = { name: 'read', arguments: '{}' };
    const list = [
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: fn }],
      },
      { role: 'tool', tool_call_id: 'c1', content: null },
      { role: 'user', content: 'on' },
    ];
    const told = await recover('plan', file('null.json', JSON.stringify(list)), '--json');
    expect(told.stdout).not.toContain('may have run');
  });

  test('many blocks of one record are counted once', async () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A' } };
    const content = Array.from({ length: 90 }, () => ({
      ...image,
      source: { ...image.source, data: 'A'.repeat(70_000) },
    }));
    const path = file('images.json', JSON.stringify([{ role: 'user', content }]));
    expect(await recover('plan', path)).toMatchObject({ code: 0 });
  });

  test.each([
    ['a result that is null', [{ type: 'tool_result', tool_use_id: 't', content: null }]],
    ['arguments that are nested deeply', [{ type: 'text', text: 'x' }]],
  ])('%s is no fault of ours', async (name, last) => {
    const deep = name.startsWith('arguments') ? `${'['.repeat(5000)}${']'.repeat(5000)}` : '1';
    const call = `{"type":"tool_use","id":"t","name":"r","input":{"a":${deep}}}`;
    const text = `[{"role":"user","content":"go"},{"role":"assistant","content":[${call}]},`;
    const path = file('odd.json', `${text}${JSON.stringify({ role: 'user', content: last })}]`);
    for (const verb of ['verify', 'plan']) {
      expect([0, 10, 20], verb).toContain((await recover(verb, path)).code);
    }
  });

  test('plan shows the edits and changes nothing; apply writes a copy that needs none', async () => {
    const path = file('dangling.jsonl', dangling);
    const plan = await recover('plan', path);
    expect(plan.code).toBe(10);
    expect(plan.stdout).toContain('1 edit to make');
    expect(plan.stdout).toContain('DANGLING_TOOL_CALL');
    expect(readdirSync(place.folder)).toEqual(['dangling.jsonl']);

    const to = join(place.folder, 'mended.jsonl');
    expect(await recover('apply', path, '--to', to)).toMatchObject({ code: 0 });
    expect(readFileSync(path, 'utf8')).toBe(dangling);
    const before = dangling.trimEnd().split('\n');
    const after = readFileSync(to, 'utf8').trimEnd().split('\n');
    // Every line of the tool is there as it was, and one more behind the call.
    expect(after.toSpliced(3, 1)).toEqual(before);
    expect(JSON.parse(after[3] ?? '')).toMatchObject({
      payload: { type: 'function_call_output', call_id: 'c1' },
    });
    expect(after[3]).toMatch(/may have run/);

    const again = await recover('plan', to);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('nothing to do')]);
  });

  test('apply cuts a torn end off and keeps all bytes in front of it', async () => {
    const to = join(place.folder, 'mended.jsonl');
    const told = await recover('apply', file('torn.jsonl', torn), '--to', to, '--json');
    // The words of the torn record are gone from the copy.
    expect(told.code).toBe(20);
    expect(JSON.parse(told.stdout)).toMatchObject({
      schema: 'holdfast.apply/1',
      mends: [{ offset: Buffer.byteLength(clean), by: '' }],
      edits: [],
      to,
    });
    expect(readFileSync(to, 'utf8')).toBe(clean);
  });

  test('a broken line of parents is joined, and then there is nothing left to do', async () => {
    const source = new URL('../../fixtures/transcripts/claude-code/', import.meta.url);
    for (const name of ['missing-parent', 'parent-cycle', 'parent-cycle-below']) {
      const path = file(`${name}.jsonl`, readFileSync(new URL(`${name}.jsonl`, source), 'utf8'));
      const planned = await recover('plan', path);
      expect(planned).toMatchObject({ code: 10 });
      expect(planned.stdout).toMatch(/(MISSING_PARENT|PARENT_CYCLE): .*it is taken/);
      const to = join(place.folder, `${name}-mended.jsonl`);
      expect(await recover('apply', path, '--to', to)).toMatchObject({ code: 0 });
      expect(await recover('verify', to)).toMatchObject({ code: 0 });
      expect(await recover('plan', to)).toMatchObject({ code: 0 });
    }
  });

  test('a link that was made anew and turns out to lead in a circle is made anew once more', async () => {
    const source = new URL('../../fixtures/transcripts/claude-code/', import.meta.url);
    const whole = readFileSync(new URL('compaction-segment.jsonl', source), 'utf8');
    const lines = whole.split('\n');
    // The record that a compaction names as the first of those it kept is lost to zeros.
    lines[2] = `${lines[2]?.slice(0, 80)}${'\0'.repeat(25)}${lines[2]?.slice(105)}`;
    const path = file('zeros.jsonl', lines.join('\n'));
    expect((await recover('plan', path)).stderr).toBe('');
    const to = join(place.folder, 'zeros-mended.jsonl');
    expect(await recover('apply', path, '--to', to)).toMatchObject({ code: 20 });
    const planned = await recover('plan', to, '--json');
    expect(JSON.parse(planned.stdout)).toMatchObject({ mends: [], edits: [] });
  });

  test('a file that is torn in its first message is told as one with nothing left', async () => {
    const source = new URL('../../fixtures/transcripts/cline/task.json', import.meta.url);
    const cut = readFileSync(source, 'utf8').slice(0, 50);
    const torn = file('api_conversation_history.json', cut);
    const [planned, applied] = [
      await recover('plan', torn),
      await recover('apply', torn, '--to', join(place.folder, 'out.json')),
    ];
    expect(planned).toMatchObject({ code: 20 });
    expect(planned.stdout).toContain('TORN_RECORD');
    expect(applied.code).toBe(20);
    expect(applied.stderr).toContain('Nothing would be left of');
  });

  test('of very many circles some are cut, and the rest is told', async () => {
    const records = Array.from({ length: 4000 }, (_, index) => {
      const uuid = `${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`;
      const said = { type: 'user', message: { role: 'user', content: `text ${index}` } };
      const timestamp = '2026-01-01T00:00:00.000Z';
      return JSON.stringify({ parentUuid: uuid, sessionId: 's', ...said, uuid, timestamp });
    });
    const planned = await recover(
      'plan',
      file('circles.jsonl', `${records.join('\n')}\n`),
      '--json',
    );
    expect(planned.code).toBe(20);
    const told = JSON.parse(planned.stdout) as { mends: unknown[]; left: { code: string }[] };
    expect(told.mends).toHaveLength(2000);
    expect(told.left.length).toBeGreaterThan(900);
    expect(new Set(told.left.map(({ code }) => code))).toContain('PARENT_CYCLE');
  });

  test.each([
    ['in a list', null],
    ['in a list with a layout', 2],
    ['one a line', 'lines'],
  ] as const)('what chat completions refuse in messages %s is mended', async (_, layout) => {
    const named = { id: 'c1', type: 'function' };
    const messages = [
      { role: 'user', content: 'List it' },
      { role: 'assistant', content: null, tool_calls: [] },
      { tool_calls: [], role: 'assistant', content: 'I look.' },
      { role: 'user', content: 'Go on' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { ...named, function: { name: 'ls', arguments: { path: '.', n: 1 } } },
          { ...named, id: 'c2', function: { name: 'ls' } },
          { ...named, id: 'c3', function: { name: 'ls', arguments: '{"path":' } },
        ],
      },
      ...['c1', 'c2', 'c3'].map((id) => ({ role: 'tool', tool_call_id: id, content: 'a b' })),
      { role: 'assistant', content: 'Two files.', tool_calls: [] },
    ];
    const content =
      layout === 'lines'
        ? messages.map((message) => `${JSON.stringify(message)}\n`).join('')
        : JSON.stringify(messages, null, layout ?? 0);
    const path = file(`chat-${layout}.json`, content);
    const found = await recover('verify', path, '--json');
    expect(found.code).toBe(10);
    const { findings } = JSON.parse(found.stdout) as {
      findings: { severity: string; code: string }[];
    };
    const errors = findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
    const [form, args] = ['UNEXPECTED_RECORD', 'BAD_ARGUMENTS'];
    expect(errors).toEqual([form, form, form, form, 'EMPTY_MESSAGE', args, args]);
    const to = `${path}-mended`;
    expect(await recover('apply', path, '--to', to)).toMatchObject({ code: 0 });
    expect(await recover('verify', to)).toMatchObject({ code: 0 });
    expect(await recover('plan', to)).toMatchObject({ code: 0 });
    const text = readFileSync(to, 'utf8');
    const lines = layout === 'lines' ? text.trimEnd().split('\n') : [];
    const whole = layout === 'lines' ? `[${lines.join(',')}]` : text;
    const mended = JSON.parse(whole) as Mended[];
    const given = mended[3]?.tool_calls?.map((one) => one.function.arguments) ?? [];
    expect(JSON.parse(given[0] ?? '')).toEqual({ path: '.', n: 1 });
    expect(given.slice(1)).toEqual(['{}', '{"raw":"{\\"path\\":"}']);
    expect(mended[1]).toEqual({ role: 'assistant', content: 'I look.' });
    expect(mended.at(-1)).toEqual({ role: 'assistant', content: 'Two files.' });
    expect(text).not.toContain('"tool_calls":[]');
  });

  test('apply never writes over anything, and not where the transcript is', async () => {
    const path = file('dangling.jsonl', dangling);
    const taken = file('taken.jsonl', 'mine');
    for (const [to, said] of [
      [path, '--to is PATH itself'],
      [taken, 'something is there'],
    ] as const) {
      const told = await recover('apply', path, '--to', to);
      expect([told.code, told.stderr]).toEqual([64, expect.stringContaining(said)]);
    }
    expect(readFileSync(taken, 'utf8')).toBe('mine');
    expect((await recover('apply', path)).stderr).toContain('--to OUT is missing');
  });

  test('the policies differ: drop takes the call away, truncate ends before it', async () => {
    const path = file('dangling.jsonl', dangling);
    const lost = { callId: 'c1', kind: 'call' };
    for (const [policy, taken] of [
      ['drop', [lost]],
      ['truncate-to-last-complete-turn', [lost, { kind: 'text', text: 'And now?' }]],
    ] as const) {
      const to = join(place.folder, `${policy}.jsonl`);
      const told = await recover('apply', path, '--policy', policy, '--to', to, '--json');
      expect(told.code).toBe(0);
      expect(JSON.parse(told.stdout)).toMatchObject({ policy, lost: taken });
      expect(readFileSync(to, 'utf8')).not.toContain('"function_call"');
      expect(await recover('verify', to)).toMatchObject({ code: 0 });
    }
  });
});
