/**
 * Transcripts as Claude Code leaves them, small and readable: how records hang together, and what
 * goes wrong with that. What a reader must find is written down beside each, by hand, in the folder
 * beside.
 */
import { calls } from './claude-code/calls.mjs';
import { branches } from './claude-code/branches.mjs';
import { damaged } from './claude-code/damaged.mjs';
import { restart } from './claude-code/records.mjs';

const folder = 'fixtures/transcripts/claude-code';
const fixtures = { ...calls, ...branches, ...damaged };

/** Every file with its bytes; `NAME.expected.json` is what a reader must find. */
export const files = Object.entries(fixtures).flatMap(([name, make]) => {
  restart();
  const { text: content, ...expected } = make();
  const { messages, findings = [], sides = [] } = expected;
  const rows = (list) => list.map((row) => `\n    ${JSON.stringify(row)}`).join(',');
  const members = Object.entries({ messages, findings, sides }).map(
    ([member, list]) => `\n  "${member}": [${rows(list)}\n  ]`,
  );
  const json = `{${members.join(',')}\n}\n`;
  return [
    { path: `${folder}/${name}.jsonl`, bytes: Buffer.from(content) },
    {
      path: `${folder}/${name}.expected.json`,
      bytes: Buffer.from(json.replaceAll('[\n  ]', '[]')),
    },
  ];
});
