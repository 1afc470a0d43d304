/**
 * Stores whose writers were killed with full journals. A journal holds at most some hundred MiB, so
 * for more there are more writers, as processes of their own.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from './children.ts';
import type { Context } from './context.ts';

const mebi = 1024 * 1024;
export const journalBytes = 64 * mebi;
export const sessionsPerWriter = 16;

/** Where the store is, and the segments that its dead writers have left. */
export interface KilledStore {
  readonly root: string;
  /** Below the root. */
  readonly segments: readonly string[];
  readonly segmentBytes: number;
}

/** A store of about so many bytes in journals of dead writers; the same one for every case. */
export function killedStore(context: Context, bytes: number): Promise<KilledStore> {
  return context.once(`killed store of ${bytes} bytes`, async () => {
    const root = context.path(`killed-${bytes}`);
    const { seed, textBytes } = context.settings;
    const count = Math.ceil(bytes / journalBytes);
    const each = Math.ceil(bytes / count);
    const writers: Child[] = [];
    for (let at = 0; at < count; at += 1) {
      const settings = [each, context.workload(), seed + at, sessionsPerWriter, textBytes];
      const writer = new Child('writer', [root, ...settings.map(String)]);
      writers.push(writer);
      expectLine(await writer.line(), 'open');
      context.progress.show('starting writers', at + 1, count);
    }
    let full = 0;
    for (const writer of writers) {
      writer.say('fill');
      expectLine(await writer.line(), 'full');
      full += 1;
      context.progress.show('filling journals', full, count);
      await writer.kill();
    }
    context.progress.clear();
    const segments = filesBelow(root, 'journals').filter((path) => path.endsWith('.segment'));
    const sizes = segments.map((path) => statSync(join(root, path)).size);
    return { root, segments, segmentBytes: sizes.reduce((sum, size) => sum + size, 0) };
  });
}

function expectLine(line: string, expected: string): void {
  if (line !== expected) throw new Error(`A writer says ${JSON.stringify(line)}`);
}

/** All files below a directory of the root, as paths below the root. */
export function filesBelow(root: string, directory: string): readonly string[] {
  return readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}
