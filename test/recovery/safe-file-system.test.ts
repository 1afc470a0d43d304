/** Network and foreign file systems are refused, unless they are allowed by their name. */
import { describe, expect, it } from 'vitest';
import { requireSafeFileSystem } from '../../src/recovery/safe-file-system.ts';

describe('requireSafeFileSystem', () => {
  it.each('nfs smb 9p fuse afs ceph coda'.split(' '))('refuses to write on %s', (kind) => {
    const refused = (): void => requireSafeFileSystem(kind, ['other'], '/data');
    expect(refused).toThrow(`Cannot write to "/data" on ${kind}: locks and flushes on ${kind}`);
    expect(refused).toThrow(`allowFileSystems: ["${kind}"]`);
    expect(() => requireSafeFileSystem(kind, [kind], '/data')).not.toThrow();
  });

  it.each(['ext4', 'xfs', 'apfs', 'unknown'])('takes %s as it is', (kind) => {
    expect(() => requireSafeFileSystem(kind, [], '/data')).not.toThrow();
  });
});
