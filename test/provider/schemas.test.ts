/**
 * The exports before the published SDKs: their types at compile time, the schemas and converters of
 * the AI SDK at run time. Where the SDKs are not installed, the tests say so and pass.
 */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from '../helpers/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { toAiSdk } from '../../src/provider/ai-sdk.ts';
import { toAiSdkUi } from '../../src/provider/ai-sdk-ui.ts';
import { validHistory } from '../helpers/written-history.ts';
import { loadAi, sdkFolder, sdksAreInstalled, sdksNotRun } from '../helpers/provider-sdks.ts';
import type { Ai } from '../helpers/provider-sdks.ts';

const run = promisify(execFile);
const numRuns = Number(process.env['HOLDFAST_EXPORTS'] ?? 200);
const major = Number(process.versions.node.split('.')[0]);

/** A model that answers anything: what reaches it has been through the SDK's own conversion. */
function listener(version: 'v2' | 'v3' | 'v4', heard: unknown[]): object {
  const usage = {
    inputTokens: { total: 1 },
    outputTokens: { total: 1 },
  };
  return {
    specificationVersion: version,
    provider: 'test',
    modelId: 'test',
    supportedUrls: { '*/*': [/.*/] },
    doGenerate: ({ prompt }: { readonly prompt: unknown }) => {
      heard.push(prompt);
      const content = [{ type: 'text', text: 'heard' }];
      const finishReason = { unified: 'stop', raw: 'stop' };
      return Promise.resolve({ content, finishReason, usage, warnings: [] });
    },
  };
}

if (!sdksAreInstalled) process.stderr.write(`${sdksNotRun}\n`);

describe.runIf(!sdksAreInstalled)('the SDKs of the providers', () => {
  test('are not installed, so nothing is held against them', () => {
    expect(sdksNotRun).toContain('node scripts/provider-sdks.mjs');
  });
});

describe.runIf(sdksAreInstalled)('exports satisfy', () => {
  test('the published types of the SDKs', async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const compiler = createRequire(import.meta.url).resolve('typescript/package.json');
    const tsc = compiler.replace(/package\.json$/, 'bin/tsc');
    const told = await run(process.execPath, [tsc, '-p', sdkFolder], { cwd: root }).catch(
      (error: unknown) => error as { readonly stdout: string },
    );
    expect(told.stdout).toBe('');
  });

  const versions = [
    ['ai', 20, 'v3'],
    ['ai7', 22, 'v4'],
  ] as const;
  for (const [name, nodeMin, specification] of versions) {
    describe.runIf(major >= nodeMin)(`${name}, for any valid history,`, () => {
      const property = async (
        holds: (ai: Ai, history: Parameters<typeof toAiSdk>[0]) => Promise<void>,
      ): Promise<void> => {
        const ai = await loadAi(name);
        await fc.assert(
          fc.asyncProperty(validHistory, (history) => holds(ai, history)),
          { numRuns },
        );
      };

      test('toAiSdk gives what its schema takes', () =>
        property((ai, history) => {
          for (const message of toAiSdk(history).value) {
            const parsed = ai.modelMessageSchema.safeParse(message);
            expect(parsed.error).toBeUndefined();
            expect(parsed.success).toBe(true);
          }
          return Promise.resolve();
        }));

      test('toAiSdk gives what generateText sends to a model', () =>
        property(async (ai, history) => {
          const heard: unknown[] = [];
          const model = listener(specification, heard);
          const messages = toAiSdk(history).value;
          const allowed = { allowSystemInMessages: true };
          const { text } = await ai.generateText({ model, messages, maxRetries: 0, ...allowed });
          expect(text).toBe('heard');
          expect(heard).toHaveLength(1);
        }));

      test('toAiSdkUi gives what it validates, and converts back to model messages', () =>
        property(async (ai, history) => {
          const messages = toAiSdkUi(history).value;
          const validated = await ai.safeValidateUIMessages({ messages });
          expect(validated.error).toBeUndefined();
          const back = await ai.convertToModelMessages(messages);
          const calls = (list: readonly unknown[]): unknown =>
            JSON.stringify(list).match(/"toolCallId":"call_\d+"/g) ?? [];
          expect(calls(back)).toEqual(calls(toAiSdk(history).value));
        }));
    });
  }
});
