/**
 * Real rollouts, when HOLDFAST_CORPUS names the folder that holds them in `codex/`; what is known
 * of each is written down here.
 */
import { describe, expect, test } from 'vitest';
import { codex } from '../../../src/transcript/codex/reader.ts';
import { expectRoundTrip, realFiles, seenIn, type Seen } from '../../helpers/real-transcripts.ts';

/** What others found in these files, by hand or with tools of their own. */
const known: Readonly<Record<string, Partial<Seen>>> = {
  'codemie-rollout-2026-05-11T11-26-55': {
    records: 386,
    calls: 102,
    open: 0,
    findings: [],
    errors: [],
  },
  'codex-rescue-current-controlled-1': { records: 24, open: 1, findings: [] },
  'codex-rescue-current-corrupt-1': { records: 23, open: 0, findings: ['TORN_RECORD@5284'] },
  'codex-rescue-gate2-third-failure': { records: 21, open: 0, findings: [], errors: [] },
  'codex-rescue-kill_shell_before_result': { open: 1, findings: [] },
  'codex-rescue-kill_apply_patch': { open: 1, findings: [] },
  'codex-rescue-issue_14824_orphaned_tool_output': { open: 1, findings: [] },
  'codex-rescue-lost_tail_after_compaction': { messages: 0, findings: [] },
  'codex-rescue-malformed_jsonl': { records: 3, messages: 0 },
  'agent-sessions-large': { records: 20, calls: 0, findings: [], errors: [] },
  'agent-sessions-codex_052_raw': { records: 6, messages: 0, findings: [] },
  'agent-sessions-small': { findings: [] },
};

const files = realFiles('codex');

describe('codex', () => {
  test('reads real rollouts as they are known, when they are there', () => {
    for (const { name, bytes } of files) {
      const seen = seenIn(codex, bytes);
      console.log(`codex/${name}: ${JSON.stringify(seen)}`);
      expect({ name, ...seen }).toMatchObject({ name, ...known[name] });
      expectRoundTrip(codex, bytes);
    }
    if (files.length === 0) console.log('HOLDFAST_CORPUS names no folder codex/: nothing was run');
  });
});
