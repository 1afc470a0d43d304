/**
 * Real sessions of Claude Code, when HOLDFAST_CORPUS names the folder that holds them in
 * `claude-code/`: what is known of each, and that it can be written back.
 */
import { describe, expect, test } from 'vitest';
import { claudeCode } from '../../../src/transcript/claude-code/reader.ts';
import { expectRoundTrip, realFiles, seenIn, type Seen } from '../../helpers/real-transcripts.ts';

const clean: Partial<Seen> = { open: 0, findings: [], errors: [] };

/** Hand-made samples without parents are read as the tool reads them: one message each. */
const known: Readonly<Record<string, Partial<Seen>>> = {
  'agent-sessions-schema_drift': { records: 10, messages: 2 },
  'agent-sessions-small': { records: 89, messages: 3 },
  'claude-code-log-edge_cases': { records: 19, messages: 1 },
  'claude-code-log-representative': { records: 12, messages: 1 },
  'simonw-sample_session': { records: 8, messages: 1 },
  // Ends while a call is at work.
  'codemie-incremental-turn-1': { records: 25, messages: 14, calls: 7, open: 1, findings: [] },
  'codemie-incremental-turn-2': { records: 50, messages: 22, calls: 14, ...clean },
  'codemie-session-3fe1b6bc': { records: 275, messages: 139, calls: 76, ...clean },
  'codemie-session-624a4a58': { records: 222, messages: 36, ...clean },
  'codemie-subagent-a485154': { records: 45, messages: 12, calls: 20, ...clean },
  // The model said nothing but two line ends once, which the tool leaves out when it sends.
  'spotter-fa812bfe': { records: 1881, messages: 62, ...clean, errors: ['EMPTY_TEXT@1590'] },
};

const files = realFiles('claude-code');

describe('claudeCode', () => {
  test('reads real sessions as they are known, when they are there', () => {
    for (const { name, bytes } of files) {
      const seen = seenIn(claudeCode, bytes);
      console.log(`claude-code/${name}: ${JSON.stringify(seen)}`);
      expect({ name, ...seen }).toMatchObject({ name, ...known[name] });
      expectRoundTrip(claudeCode, bytes);
    }
    if (files.length === 0) {
      console.log('HOLDFAST_CORPUS names no folder claude-code/: nothing was run');
    }
  });
});
