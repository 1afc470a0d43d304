/** Mends of bytes, what they take away, and long lists of equal findings: as people are told them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

const hello = '{"role":"user","content":"Hello"}';
const answer = '{"role":"assistant","content":"Hi"}';

describe('recover plan', () => {
  test('shows a mend with its line, its byte, and what stands there before and after', async () => {
    const path = file('fused.jsonl', `${hello}\n${answer}${hello}\n\u0000\u0000${answer}\n`);
    const { stdout } = await recover('plan', path);
    const fused = hello.length + 1 + answer.length;
    expect(stdout).toContain(`  line 2 (byte ${fused}) FUSED_RECORDS + "\\n"\n`);
    expect(stdout).toContain(String.raw`    - "ole\":\"assistant\",\"content\":\"Hi\"}{\"role\"`);
    expect(stdout).toContain(String.raw`    + "ole\":\"assistant\",\"content\":\"Hi\"}\n{\"role\"`);
    // Control characters are escaped, and never reach a terminal.
    expect(stdout).toContain(String.raw`\u0000\u0000{\"role\"`);
    expect(stdout).not.toContain('\u0000');
    const json = JSON.parse((await recover('plan', path, '--json')).stdout) as unknown;
    expect(json).toMatchObject({
      mends: [
        { offset: fused, length: 0, line: 2, code: 'FUSED_RECORDS', by: '\n' },
        { length: 2, line: 3, code: 'NUL_RUN' },
      ],
      lostBytes: [],
    });
  });

  test('zeros in a text are told as lost words by every verb, and the copy shows where', async () => {
    const path = file('zeros.json', `[${hello},${answer.replace('Hi', 'It is 1\0\0 dollars')}]`);
    const to = join(place.folder, 'zeros-mended.json');
    const planned = await recover('plan', path, '--json');
    expect(planned.code).toBe(20);
    const offset = hello.length + 2 + answer.indexOf('Hi') + 'It is 1'.length;
    expect(JSON.parse(planned.stdout)).toMatchObject({
      mends: [{ offset, length: 2, by: '\uFFFD' }],
      lostBytes: [{ offset, length: 2, code: 'NUL_RUN', kind: 'damaged' }],
    });
    for (const verb of ['scan', 'verify', 'report']) {
      expect((await recover(verb, path)).code, verb).toBe(20);
    }
    expect((await recover('apply', path, '--to', to)).code).toBe(20);
    expect(readFileSync(to, 'utf8')).toBe(
      `[${hello},${answer.replace('Hi', 'It is 1\uFFFD dollars')}]`,
    );
    expect((await recover('plan', to)).code).toBe(0);
  });

  test('zeros over several members leave the record out, and every verb says so', async () => {
    const lost = '{"role":"assistant","content":"Hi","name":"a","id":"b"}';
    const zeros = lost.replace('a","id":"', '\0'.repeat(9));
    const path = file('members.jsonl', `${hello}\n${zeros}\n${answer}\n`);
    const to = join(place.folder, 'members-mended.jsonl');
    const planned = await recover('plan', path, '--json');
    expect(planned.code).toBe(20);
    expect(JSON.parse(planned.stdout)).toMatchObject({
      mends: [],
      left: [
        { code: 'MALFORMED_RECORD', place: { line: 2 } },
        { code: 'NUL_RUN', fix: null },
      ],
    });
    for (const verb of ['scan', 'verify', 'report']) {
      expect((await recover(verb, path)).code, verb).toBe(20);
    }
    expect((await recover('apply', path, '--to', to)).code).toBe(20);
  });

  test('lists the words of a damaged element that go, and exits with the code for losses', async () => {
    const lost = '{"role":"assistant","content":"words that are torn';
    const path = file('torn.json', `[${hello},${answer},${lost}`);
    const to = join(place.folder, 'out.json');
    for (const words of [
      ['plan', path],
      ['apply', path, '--to', to],
    ]) {
      const { code, stdout } = await recover(...words);
      expect(code).toBe(20);
      expect(stdout).toContain('away for good, which nobody can read any more');
      expect(stdout).toContain('words that are torn');
    }
    const { stdout } = await recover('plan', path, '--json');
    const { lostBytes } = JSON.parse(stdout) as { readonly lostBytes: readonly object[] };
    expect(lostBytes).toMatchObject([
      { kind: 'damaged', text: expect.stringContaining('words that are torn') as string },
    ]);
  });

  test('a torn end has one exit code, whichever format and verb', async () => {
    const part = '{"role":"user","content":"unfin';
    for (const [name, content] of [
      ['torn.jsonl', `${hello}\n${answer}\n${part}`],
      ['torn-list.json', `[${hello},${answer},${part}`],
    ] as const) {
      const path = file(name, content);
      const { code, stdout } = await recover('plan', path);
      expect([name, code, stdout]).toEqual([name, 20, expect.stringContaining('unfin')]);
      const to = join(place.folder, `mended-${name}`);
      expect((await recover('apply', path, '--to', to)).code, name).toBe(20);
      for (const verb of ['scan', 'verify', 'report']) {
        expect((await recover(verb, path)).code, `${verb} ${name}`).toBe(20);
      }
      expect((await recover('plan', to)).code, name).toBe(0);
    }
  });

  test('apply says that nothing was mended where nothing was', async () => {
    const to = join(place.folder, 'copy.jsonl');
    const { stdout, stderr } = await recover(
      'apply',
      file('sound.jsonl', `${hello}\n`),
      '--to',
      to,
    );
    expect(stdout + stderr).toContain('has an exact copy');
    expect(stdout + stderr).not.toContain('mended copy');
  });
});

describe('recover verify', () => {
  const calls = Array.from({ length: 44 }, (_, at) => {
    const call = { id: `c${at}`, type: 'function', function: { name: 'ls', arguments: '{}' } };
    return { role: 'assistant', content: null, tool_calls: [call] };
  });
  const list = [...calls, { role: 'unheard', content: 'x' }, { role: 'user', content: 'y' }];

  test('folds equal findings behind the first ones, and hides no other one', async () => {
    const path = file('many.json', JSON.stringify([{ role: 'user', content: 'a' }, ...list]));
    const { stdout } = await recover('verify', path);
    expect(stdout.match(/error .*DANGLING_TOOL_CALL line/g)).toHaveLength(3);
    expect(stdout).toContain('and 41 more error DANGLING_TOOL_CALL; --all shows them');
    expect(stdout).toContain('UNEXPECTED_RECORD');
    const all = await recover('verify', path, '--all');
    expect(all.stdout.match(/error .*DANGLING_TOOL_CALL line/g)).toHaveLength(44);
    const json = JSON.parse((await recover('verify', path, '--json')).stdout) as {
      readonly findings: readonly { readonly code: string }[];
    };
    expect(json.findings.filter(({ code }) => code === 'DANGLING_TOOL_CALL')).toHaveLength(44);
  });
});
