/**
 * Kinds of file system on which locks or flushes are not what they say: refused unless allowed by
 * name.
 */
import { HoldfastError } from '../base/errors.ts';
import { requireNames } from '../base/known-options.ts';
import { shown } from '../base/shown.ts';

/** Names as `fileSystemKind` gives them: `smb` is cifs too, and `fuse` is virtiofs too. */
export const unsafeFileSystems: ReadonlySet<string> = new Set([
  'nfs',
  'smb',
  '9p',
  'fuse',
  'afs',
  'ceph',
  'coda',
]);

/** INVALID unless these are names of `unsafeFileSystems`: a misspelt one would allow nothing. */
export function requireAllowed(names: readonly string[], action: string): void {
  requireNames(names, 'allowFileSystems', action);
  const unknown = names.find((name) => !unsafeFileSystems.has(name));
  if (unknown === undefined) return;
  const message =
    `Cannot ${action}: "allowFileSystems" has ${shown(unknown)}; ` +
    `only ${[...unsafeFileSystems].join(', ')} are refused otherwise`;
  throw new HoldfastError('INVALID', message, { path: 'allowFileSystems' });
}

/** LOCK_UNAVAILABLE for a network or foreign file system that nobody allowed. */
export function requireSafeFileSystem(
  kind: string,
  allowed: readonly string[],
  root: string,
): void {
  if (!unsafeFileSystems.has(kind) || allowed.includes(kind)) return;
  const reason = `locks and flushes on ${kind} reach only this machine, or nobody`;
  throw new HoldfastError(
    'LOCK_UNAVAILABLE',
    `Cannot write to ${JSON.stringify(root)} on ${kind}: ${reason}; ` +
      `move it to a local disk, or pass allowFileSystems: ["${kind}"]`,
    { reason },
  );
}
