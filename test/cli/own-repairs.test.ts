/**
 * A repair for the provider that a tool talks to, of random histories in the files of the tool, some
 * of them damaged: what would be written is accepted when it is read again, or refused with a way
 * out. Nothing of it is a fault of Holdfast.
 */
import { describe, expect, it } from 'vitest';
import { repairOf } from '../../src/cli/transcripts/repair.ts';
import { refusalOf } from '../../src/cli/transcripts/proof.ts';
import { reopened } from '../../src/cli/transcripts/opened.ts';
import { HoldfastError } from '../../src/base/errors.ts';
import { policyNames } from '../../src/integrity/plan/edit.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { randomHistory } from '../repair-plans/random-history.ts';
import fc from '../helpers/fast-check.ts';
import * as tools from './tool-files.ts';
import type { History } from './tool-files.ts';
import { runs } from '../helpers/transcript-lab.ts';

/** Takes lines out, repeats, tears and fuses them, and puts zeros into them. */
function damaged(text: string, prng: Prng): string {
  const all = text.split('\n');
  const count = prng.chance(0.5) ? 0 : 1 + prng.below(3);
  for (let done = 0; done < count; done += 1) {
    const at = prng.below(all.length);
    const line = all[at] ?? '';
    const cut = prng.below(line.length + 1);
    const changes = [
      [],
      [line, line],
      [line.slice(0, cut)],
      [`${line}${line}`],
      [`${line.slice(0, cut)}${'\0'.repeat(1 + prng.below(9))}${line.slice(cut + prng.below(9))}`],
    ];
    all.splice(at, 1, ...(changes[prng.below(changes.length)] ?? []));
  }
  return all.join('\n');
}

const watching = { signal: new AbortController().signal, onProgress: undefined };
const path = 'session';

/** What came of the repair: `copy`, `refused`, or `none` for what is no transcript any more. */
async function outcome(text: string, policy: (typeof policyNames)[number]): Promise<string> {
  const file = bytesSource(Buffer.from(text));
  try {
    const own = await reopened(file, path, watching);
    const repair = await repairOf(file, own, { path, profile: null, policy, watching });
    return (await refusalOf(repair, { path, watching, own })) === null ? 'copy' : 'refused';
  } catch (error) {
    if (HoldfastError.is(error, 'INVALID')) return 'none';
    throw error;
  }
}

describe.each([
  ['Claude Code', tools.claude],
  ['Anthropic', tools.list],
  ['pi', tools.pi],
  ['chat completions', tools.chat],
  ['a checkpoint of Gemini CLI', tools.geminiContents],
  ['Gemini CLI', tools.geminiSession],
  ['Codex', tools.codex],
])('refusalOf a repair of %s for its own provider', (_name, make) => {
  it('finds what would be written accepted, or says why it is not', async () => {
    const counts: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1_000_000_000),
        fc.constantFrom(...policyNames),
        async (seed, policy) => {
          const prng = Prng.fromSeed(seed);
          const history = randomHistory(seed).messages as unknown as History;
          const told = await outcome(damaged(make(history, prng), prng), policy);
          counts[told] = (counts[told] ?? 0) + 1;
        },
      ),
      runs(60),
    );
    expect(counts['copy']).toBeGreaterThan(20);
  }, 600_000);
});
