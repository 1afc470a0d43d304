/** The table of channels in the README: every channel, with exactly the fields of its message. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { channelNames } from '../src/index.ts';
import type { ChannelKind } from '../src/base/channels.ts';

const fileNamed = (name: string): string => {
  return readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
};
const readme = fileNamed('README.md');
const source = fileNamed('src/base/channels.ts');

/** As the interface has them. */
function fieldsOf(kind: ChannelKind): readonly string[] {
  const name = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}Message`;
  const body = new RegExp(`interface ${name} \\{(.*?)\\n\\}`, 's').exec(source)?.[1] ?? '';
  return [...body.matchAll(/readonly (\w+):/g)].map(([, field]) => field ?? '');
}

/** As the row of the table has them: words in code that are no values. */
function toldFieldsOf(channel: string): readonly string[] {
  const row = readme.split('\n').find((line) => line.startsWith(`| \`${channel}\` |`)) ?? '';
  const fields =
    row
      .split(' | ')
      .at(-1)
      ?.replace(/\([^)]*\)/g, '') ?? '';
  return [...fields.matchAll(/`(\w+)`/g)].map(([, field]) => field ?? '');
}

test.each(Object.entries(channelNames))('README tells every field of %s', (kind, channel) => {
  const fields = fieldsOf(kind as ChannelKind);
  expect(fields[0]).toBe('root');
  expect(toldFieldsOf(channel)).toEqual(fields.slice(1));
});
