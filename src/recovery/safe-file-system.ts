/**
 * Kinds of file system on which locks or flushes are not what they say: refused unless allowed by
 * name.
 */
import { HoldfastError } from '../base/errors.ts';

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
