/**
 * Codex CLI: `sessions/YYYY/MM/DD/rollout-*.jsonl`. Records of type `response_item` are the truth;
 * `event_msg` is for the screen, except that a rollback is one. The first `session_meta` is the
 * identity: a fork copies those of its ancestors behind its own.
 */
import type { ByteSource } from '../byte-source.ts';
import type { FormatReader, Transcript } from '../transcript.ts';
import { Composer } from './compose.ts';
import { rebuildHistory } from './history.ts';
import { recogniseRollout } from './recognise.ts';
import { scanRollout } from './scan.ts';
import { writeRollout } from './writer.ts';

function* open(source: ByteSource): Generator<number, Transcript, void> {
  const scan = yield* scanRollout(source);
  const history = rebuildHistory(scan.table);
  const composed = (): Composer => new Composer(source, scan.table, history);
  return {
    format: 'codex',
    profile: 'openai-responses',
    records: scan.records,
    facts: scan.facts,
    findings: scan.found.findings,
    sides: history.sides,
    mends: scan.found.mends,
    conversation: () => ({ [Symbol.iterator]: () => composed().messages() }),
    write: (edits) => writeRollout({ source, scan, history, composer: composed() }, edits),
  };
}

/** Rollouts of Codex CLI. */
export const codex: FormatReader = { name: 'codex', recognise: recogniseRollout, open };
