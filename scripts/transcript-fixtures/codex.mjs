/**
 * Rollouts as Codex leaves them, small and readable, whole and broken. What a reader must find is
 * written down beside each, by hand, in the folder beside.
 */
import { turns } from './codex/turns.mjs';
import { rewritten } from './codex/rewritten.mjs';
import { damaged } from './codex/damaged.mjs';
import { restart } from './codex/rollout.mjs';

const folder = 'fixtures/transcripts/codex';
const fixtures = { ...turns, ...rewritten, ...damaged };

/** Every file with its bytes; `NAME.expected.json` is what a reader must find. */
export const files = Object.entries(fixtures).flatMap(([name, make]) => {
  restart();
  const {
    text,
    messages,
    findings = [],
    rules = [],
    sides = [],
    sessionId = '0198-thread',
  } = make();
  const rows = (list) =>
    list.length === 0
      ? '[]'
      : `[${list.map((row) => `\n    ${JSON.stringify(row)}`).join(',')}\n  ]`;
  const members = {
    sessionId: JSON.stringify(sessionId),
    messages: rows(messages),
    findings: rows(findings),
    rules: rows(rules),
    sides: rows(sides),
  };
  const json = Object.entries(members).map(([key, value]) => `  ${JSON.stringify(key)}: ${value}`);
  return [
    { path: `${folder}/${name}.jsonl`, bytes: Buffer.from(text) },
    { path: `${folder}/${name}.expected.json`, bytes: Buffer.from(`{\n${json.join(',\n')}\n}\n`) },
  ];
});
