/** The version of this package, from its own package.json: one place to change. */
import { createRequire } from 'node:module';

/** As in package.json. */
export function version(): string {
  const require = createRequire(import.meta.url);
  // Both src/cli and dist/cli lie two folders below it.
  const manifest = require('../../package.json') as { readonly version: string };
  return manifest.version;
}
