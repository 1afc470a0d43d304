/** Locks of the simulated machine: as flock, and gone with the process. */
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../../src/base/errors.ts';
import { SimDisk } from '../../../src/platform/sim/sim-disk.ts';

describe('SimLocks', () => {
  it('tryLock refuses a second owner, of the same process too, until release', () => {
    const disk = SimDisk.create(1);
    const [a, b] = [disk.locks('a'), disk.locks('b')];
    expect(a.probe('/LOCK')).toBe('missing');
    const lock = a.tryLock('/LOCK');
    expect(b.tryLock('/LOCK')).toBeNull();
    expect(a.tryLock('/LOCK')).toBeNull();
    expect(b.probe('/LOCK')).toBe('held');
    expect(b.owner('/LOCK')).toMatchObject({ host: 'a', since: '2026-01-01T00:00:00.000Z' });
    lock?.release();
    lock?.release();
    expect(b.probe('/LOCK')).toBe('free');
    expect(b.tryLock('/LOCK')?.held()).toBe(true);
  });

  it('killProcess lets all its locks fall, stopProcess lets them linger', () => {
    const disk = SimDisk.create(1);
    const a = disk.locks('a');
    a.tryLock('/1');
    a.tryLock('/2');
    disk.stopProcess('a');
    const b = disk.locks('b');
    disk.releaseLocks('a', '/1');
    expect([b.probe('/1'), b.probe('/2')]).toEqual(['free', 'held']);
    disk.killProcess('a');
    expect(b.tryLock('/2')).not.toBeNull();
    expect(() => a.tryLock('/3')).toThrow('killed');
  });

  it('held is false once the file at the path is another one', async () => {
    const disk = SimDisk.create(1);
    const lock = disk.locks('a').tryLock('/LOCK');
    expect(lock?.held()).toBe(true);
    await disk.fileSystem().remove('/LOCK');
    expect(lock?.held()).toBe(false);
    expect(disk.locks('b').tryLock('/LOCK')?.held()).toBe(true);
    expect(lock?.held()).toBe(false);
  });

  it('tryLock refuses a symbolic link, and no lock outlives power loss', () => {
    const disk = SimDisk.create(1);
    disk.makeLink('/LOCK', '/elsewhere');
    const refused = (): unknown => disk.locks('a').tryLock('/LOCK');
    expect(refused).toThrow(HoldfastError);
    expect(refused).toThrow('symbolic link');
    disk.locks('a').tryLock('/other');
    expect(disk.crash({ keep: 'all' }).locks('b').probe('/other')).toBe('free');
    expect(disk.clone().locks('b').probe('/other')).toBe('free');
  });

  it('tryLock tells of a missing parent and of a full disk as the machine does', () => {
    const disk = SimDisk.create(1);
    expect(() => disk.locks('a').tryLock('/no/LOCK')).toThrow('ENOENT');
    disk.failNext('lock', 'ENOSPC');
    expect(() => disk.locks('a').tryLock('/LOCK')).toThrow('no room');
    disk.limitBytes(0);
    expect(disk.locks('a').tryLock('/LOCK')).not.toBeNull();
    expect(disk.locks('b').owner('/LOCK')).toBeNull();
  });
});
