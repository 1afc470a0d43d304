/** The SDKs of the providers: a package of its own in `test/providers`, installed by `npm test`. */
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder of the package. */
export const sdkFolder: string = fileURLToPath(new URL('../providers/', import.meta.url));

/** Whether it is installed. */
export const sdksAreInstalled: boolean = existsSync(`${sdkFolder}node_modules/ai7/package.json`);

/** What to say where it is not. */
export const sdksNotRun =
  'NOT RUN: the SDKs are not installed; `node scripts/provider-sdks.mjs` installs them';

/** What is used of `ai`. */
export interface Ai {
  readonly modelMessageSchema: {
    safeParse(value: unknown): { readonly success: boolean; readonly error?: unknown };
  };
  convertToModelMessages(messages: readonly unknown[]): Promise<unknown[]> | unknown[];
  safeValidateUIMessages(options: {
    readonly messages: unknown;
  }): Promise<{ readonly success: boolean; readonly error?: unknown }>;
  generateText(options: object): Promise<{ readonly text: string }>;
}

/** Loads a version of `ai`. */
export async function loadAi(name: 'ai' | 'ai7'): Promise<Ai> {
  const path = createRequire(`${sdkFolder}package.json`).resolve(name);
  const loaded: unknown = await import(pathToFileURL(path).href);
  return (loaded as { readonly default?: Ai }).default ?? (loaded as Ai);
}
