/**
 * Real sessions in every shape: read, planned for, exported. The folder is named by HOLDFAST_CORPUS;
 * without it nothing runs, and the test says so.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { applyEdits } from '../../src/integrity/plan/apply-edits.ts';
import { planRepair } from '../../src/integrity/plan/plan-repair.ts';
import { providerFormatNames, providerFormats } from '../../src/provider/formats.ts';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { openTranscript } from '../../src/transcript/formats.ts';
import type { Transcript } from '../../src/transcript/transcript.ts';

const corpus = process.env['HOLDFAST_CORPUS'] ?? '';
const notRun = 'NOT RUN: HOLDFAST_CORPUS names no folder of real transcripts';
if (corpus === '') process.stderr.write(`${notRun}\n`);

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

function transcriptOf(path: string): Transcript | null {
  try {
    const walk = openTranscript(bytesSource(readFileSync(path)));
    for (;;) {
      const step = walk.next();
      if (step.done === true) return step.value;
    }
  } catch (error) {
    // Notes and other formats lie beside them.
    if (HoldfastError.is(error, 'INVALID')) return null;
    throw error;
  }
}

describe('real sessions', () => {
  test.runIf(corpus === '')('are not there', () => {
    expect(notRun).toContain('HOLDFAST_CORPUS');
  });

  test.runIf(corpus !== '')(
    'are exported in every shape',
    () => {
      let sessions = 0;
      const leftOut = new Map<string, number>();
      for (const path of filesBelow(corpus)) {
        const transcript = transcriptOf(path);
        if (transcript === null) continue;
        const messages = [...transcript.conversation()];
        sessions += 1;
        for (const name of providerFormatNames) {
          const { profile, toShape } = providerFormats[name];
          const { edits, unmended } = planRepair(messages, profile, 'annotate');
          if (unmended.length > 0) continue;
          try {
            const exported = toShape(applyEdits(messages, edits));
            for (const { type } of exported.leftOut) {
              const kind = `${name} ${type}`;
              leftOut.set(kind, (leftOut.get(kind) ?? 0) + 1);
            }
          } catch (cause) {
            throw new Error(`${path} as ${name}`, { cause });
          }
        }
      }
      const table = [...leftOut].map(([kind, count]) => `  ${kind}: ${String(count)}`).join('\n');
      process.stdout.write(`${String(sessions)} sessions exported; left out:\n${table}\n`);
      expect(sessions).toBeGreaterThan(0);
    },
    600_000,
  );
});
