/**
 * Files of this package. The sources of the command line, their modules and the bundles (`src/cli`,
 * `dist/cli`, `dist/doors`) all lie two folders below it, and in each of them `main` is beside this
 * code. So such paths are told here and nowhere deeper.
 */
import { fileURLToPath } from 'node:url';

/** Path of what has this name in the package. */
export function packagePath(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}

/** The program `holdfast`: built, or as it was written. */
export function mainPath(): string {
  const name = import.meta.url.endsWith('.ts') ? './main.ts' : './main.js';
  return fileURLToPath(new URL(name, import.meta.url));
}
