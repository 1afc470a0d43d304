/**
 * What a plan has mended is never refused: for any damaged history and every shape, plan, edits and
 * export follow each other without an error, and the AI SDK takes what comes out.
 */
import fc from '../helpers/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../src/integrity/plan/apply-edits.ts';
import { policyNames } from '../../src/integrity/plan/edit.ts';
import { planRepair } from '../../src/integrity/plan/plan-repair.ts';
import { providerFormatNames, providerFormats } from '../../src/provider/formats.ts';
import { randomHistory } from '../repair-plans/random-history.ts';
import { loadAi, sdksAreInstalled, sdksNotRun } from '../helpers/provider-sdks.ts';
import { damagedHistory } from '../helpers/written-history.ts';

const numRuns = Number(process.env['HOLDFAST_EXPORTS'] ?? 300);
const firstSeed = Number(process.env['HOLDFAST_SEED'] ?? 1);
const again = 'npx vitest run test/provider/planned.test.ts';
const timeout = 120_000 + numRuns * 100;
if (!sdksAreInstalled) process.stderr.write(`${sdksNotRun}\n`);

describe.each(providerFormatNames)('a mended history in the shape %s', (name) => {
  test.each(policyNames)(
    'is never refused after %s',
    (policy) => {
      const { profile, toShape } = providerFormats[name];
      fc.assert(
        fc.property(damagedHistory, (history) => {
          const plan = planRepair(history, profile, policy);
          const { value } = toShape(applyEdits(history, plan.edits));
          // Everything is JSON: nothing is there that a request would not carry.
          expect(JSON.parse(JSON.stringify(value))).toEqual(value);
        }),
        { numRuns },
      );
    },
    timeout,
  );

  test(
    'is never refused, whatever the planner is tried on',
    () => {
      const { profile, toShape } = providerFormats[name];
      for (let seed = firstSeed; seed < firstSeed + numRuns * 4; seed += 1) {
        const { messages } = randomHistory(seed);
        for (const policy of policyNames) {
          const { edits, unmended } = planRepair(messages, profile, policy);
          if (unmended.length > 0) continue;
          try {
            toShape(applyEdits(messages, edits));
          } catch (cause) {
            const repeat = `HOLDFAST_SEED=${String(seed)} HOLDFAST_EXPORTS=1 ${again}`;
            throw new Error(`Seed ${String(seed)}, ${policy}: ${repeat}`, { cause });
          }
        }
      }
    },
    timeout,
  );
});

test.runIf(sdksAreInstalled)(
  `the AI SDK takes every mended history (${again})`,
  async () => {
    const ai = await loadAi('ai');
    await fc.assert(
      fc.asyncProperty(damagedHistory, async (history) => {
        const plan = planRepair(history, providerFormats['ai-sdk'].profile, 'annotate');
        const mended = applyEdits(history, plan.edits);
        for (const message of providerFormats['ai-sdk'].toShape(mended).value as unknown[]) {
          expect(ai.modelMessageSchema.safeParse(message).error).toBeUndefined();
        }
        const messages = providerFormats['ai-sdk-ui'].toShape(mended).value as unknown[];
        // A history of which nothing is left is no conversation to the SDK.
        if (messages.length === 0) return;
        expect((await ai.safeValidateUIMessages({ messages })).error).toBeUndefined();
      }),
      { numRuns },
    );
  },
  timeout,
);
