/**
 * Kinds of file system on which locks or flushes are not what they say: refused unless allowed by
 * name.
 */
import { HoldfastError } from '../base/errors.ts';

const unsafe = new Set([
  'nfs',
  'smb',
  'smb2',
  'cifs',
  '9p',
  'virtiofs',
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
  if (!unsafe.has(kind) || allowed.includes(kind)) return;
  const reason = `locks and flushes on ${kind} reach only this machine, or nobody`;
  throw new HoldfastError(
    'LOCK_UNAVAILABLE',
    `Cannot write to ${JSON.stringify(root)} on ${kind}: ${reason}; ` +
      `move it to a local disk, or pass allowFileSystems: ["${kind}"]`,
    { reason },
  );
}
