/** Network and foreign file systems are refused, unless they are allowed by their name. */
import { describe, expect, it } from 'vitest';
import { requireAllowed, requireSafeFileSystem } from '../../src/recovery/safe-file-system.ts';

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

describe('requireAllowed', () => {
  it('requireAllowed takes names of unsafe file systems, and none that allows nothing', () => {
    requireAllowed([], 'open the store');
    requireAllowed(['nfs', 'coda'], 'open the store');
    const refused = (names: unknown): unknown => {
      try {
        return requireAllowed(names as readonly string[], 'open the store');
      } catch (error) {
        return error;
      }
    };
    expect(refused(['nfs', 'cifs'])).toMatchObject({
      code: 'INVALID',
      message:
        'Cannot open the store: "allowFileSystems" has "cifs"; ' +
        'only nfs, smb, 9p, fuse, afs, ceph, coda are refused otherwise',
      details: { path: 'allowFileSystems' },
    });
    expect(refused('nfs')).toMatchObject({
      code: 'INVALID',
      message: 'Cannot open the store: "allowFileSystems" must be a list of names, not "nfs"',
      details: { path: 'allowFileSystems' },
    });
  });
});
