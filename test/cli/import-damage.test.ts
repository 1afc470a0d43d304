/** `import` of damaged transcripts: what is taken, and what is told. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keptMessages } from '../../src/cli/import/kept.ts';
import { runWith } from '../helpers/cli.ts';
import {
  place,
  eachInItsPlace,
  fixtures,
  lines,
  written,
  opened,
  exported,
  broken,
} from './import-lab.ts';

eachInItsPlace();

describe('import', () => {
  test('reads a damaged file as far as it can be read, and says what is lost', async () => {
    const path = written('list.jsonl', ...lines);
    appendFileSync(path, '{"role":"user","content":"cut sh');
    const { code, stderr } = await place.lab.run('import', path, '--session', 's1');
    expect(code).toBe(0);
    expect(stderr).toMatch(/read as far as it can be:\n +(error|warning) TORN_RECORD line 5/);
    expect(await exported('s1')).toHaveLength(4);
  });

  test('tells of zeros over a part of a text, and takes the text with a mark', async () => {
    const said = { role: 'user', content: 'It is 100 dollars.' };
    const path = join(place.directory, 'zeros.json');
    writeFileSync(path, JSON.stringify([said]).replace('00', '\0\0'));
    const { code, stderr } = await place.lab.run('import', path, '--session', 's1');
    expect(code).toBe(0);
    expect(stderr).toContain('read as far as it can be');
    expect(stderr).toContain('2 zero bytes stand in a string');
    expect(stderr).toContain('Put U+FFFD in their place; what they took of the text is lost.');
    const content = [{ type: 'text', text: 'It is 1\uFFFD dollars.' }];
    expect(await exported('s1')).toMatchObject([{ role: 'user', content }]);
  });

  test.each(broken)(
    'takes what stands in front of a break, as the plan does, and tells the guess: %s',
    async (name) => {
      const path = join(fixtures, 'claude-code', `${name}.jsonl`);
      const mended = join(place.directory, 'mended.jsonl');
      await runWith({}, 'recover', 'apply', path, '--to', mended);
      const wanted = [...keptMessages(opened(mended).conversation())].map(({ message }) => message);
      expect(wanted).not.toEqual(
        [...keptMessages(opened(path).conversation())].map(({ message }) => message),
      );
      const told = await place.lab.run('import', path, '--session', 's1');
      expect(told.code).toBe(0);
      expect(told.stderr).toMatch(
        /\d links? made anew, so that .* is taken too:\n +line \d+: The record/,
      );
      expect(await exported('s1')).toEqual(JSON.parse(JSON.stringify(wanted)));
      const [again] = await place.lab.json<{
        joints: object[];
        broken: object[];
        standing: string;
      }>('import', path, '--session', 's1');
      expect(again).toMatchObject({ standing: 'complete', broken: [] });
      expect(again?.joints).toMatchObject([{ code: expect.stringMatching(/PARENT/) as string }]);
    },
  );

  test('tells what stays broken where not every break can be joined', async () => {
    const records = Array.from({ length: 4000 }, (_, index) => {
      const uuid = `${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`;
      const message = { role: 'user', content: `text ${index}` };
      return { parentUuid: uuid, sessionId: 's', type: 'user', message, uuid, timestamp: '' };
    });
    const path = written('circles.jsonl', ...records);
    const { code, stderr } = await place.lab.run('import', path, '--session', 's1', '--dry-run');
    expect(code).toBe(0);
    expect(stderr).toContain('What stays broken, and is not taken:');
    expect(stderr).toMatch(/error PARENT_CYCLE/);
  });
});
