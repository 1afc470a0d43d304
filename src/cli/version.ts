/** The version of this package, from its own package.json: one place to change. */
import { fileURLToPath } from 'node:url';
import { readUpTo } from '../platform/file-system.ts';
import { nodeFileSystem } from '../platform/node-file-system.ts';

/** As in package.json. */
export async function version(): Promise<string> {
  // Both src/cli and dist/cli lie two folders below it.
  const path = fileURLToPath(new URL('../../package.json', import.meta.url));
  const file = await nodeFileSystem('inline').open(path, 'read');
  try {
    const text = new TextDecoder().decode(await readUpTo(file, 0, (await file.stat()).size));
    return (JSON.parse(text) as { readonly version: string }).version;
  } finally {
    await file.close();
  }
}
