/**
 * Codex CLI: `sessions/YYYY/MM/DD/rollout-*.jsonl`. Records of type `response_item` are the truth;
 * `event_msg` is for the screen, except that a rollback is one. The first `session_meta` is the
 * identity: a fork copies those of its ancestors behind its own.
 */
import type { ByteSource } from '../byte-source.ts';
import type { FormatReader, Transcript } from '../transcript.ts';
import { recogniseRollout } from './recognise.ts';
import { readRollout } from './rollout.ts';
import { writeRollout } from './writer.ts';

function* open(source: ByteSource): Generator<number, Transcript, void> {
  const rollout = yield* readRollout(source);
  const { scan, history, composer, mends } = rollout;
  return {
    format: 'codex',
    profile: 'openai-responses',
    records: scan.records,
    facts: scan.facts,
    findings: scan.found.findings,
    sides: history.sides,
    mends,
    conversation: () => ({ [Symbol.iterator]: () => composer.messages() }),
    write: (edits) => writeRollout(rollout, edits),
  };
}

/** Rollouts of Codex CLI. */
export const codex: FormatReader = { name: 'codex', recognise: recogniseRollout, open };
