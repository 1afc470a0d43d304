/** Each mend of a plan is told with the line of its bytes, and under the finding that it answers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

interface Planned {
  readonly mends: readonly {
    readonly code: string;
    readonly offset: number;
    readonly line: number;
  }[];
}

const messages = ['Look.', 'A wall.', 'And behind it?', 'A door.'].map((content, at) => ({
  role: at % 2 === 0 ? 'user' : 'assistant',
  content,
}));
const list = JSON.stringify(messages, null, 2);
const between = (text: string): string => list.replace('},\n  {', text);

test.each([
  ['bytes between two messages', between('},\n  oops\n  "x",\n\n  {'), 20],
  ['a comma that is missing', between('}\n  {'), 10],
  ['zeros between two messages', between(`},\n${'\0'.repeat(9)}\n\n  {`), 10],
  ['a second value behind the list', `${list}\n\n${list}`, 20],
])('recover plan tells where it mends %s', async (_, text, exit) => {
  const path = file('list.json', text);
  const { code, stdout } = await recover('plan', path, '--json');
  expect(code).toBe(exit);
  const { mends } = JSON.parse(stdout) as Planned;
  expect(mends.length).toBeGreaterThan(0);
  for (const mend of mends) {
    expect(['MALFORMED_RECORD', 'NUL_RUN']).toContain(mend.code);
    expect(mend.line).toBe(text.slice(0, mend.offset).split('\n').length);
  }
  const to = join(place.folder, 'mended.json');
  await recover('apply', path, '--to', to);
  expect(JSON.parse(readFileSync(to, 'utf8'))).toEqual(messages);
});
