/** The version of this package, from its own package.json: one place to change. */
import { readUpTo } from '../platform/file-system.ts';
import { nodeFileSystem } from '../platform/node-file-system.ts';
import { packagePath } from './package-files.ts';

/** As in package.json. */
export async function version(): Promise<string> {
  const file = await nodeFileSystem('inline').open(packagePath('package.json'), 'read');
  try {
    const text = new TextDecoder().decode(await readUpTo(file, 0, (await file.stat()).size));
    return (JSON.parse(text) as { readonly version: string }).version;
  } finally {
    await file.close();
  }
}
