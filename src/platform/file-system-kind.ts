/**
 * Names for the numbers by which Linux tells kinds of file system (statfs, `f_type`), so that kinds
 * on which locks or flushes cannot be trusted are refused by name. Elsewhere the numbers mean
 * something else, or nothing (Windows gives 0), and stay numbers.
 */

const kinds: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'], // ext2 and ext3 share the number
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x2fc12fc1, 'zfs'],
  [0xf2f52010, 'f2fs'],
  [0xca451a4e, 'bcachefs'],
  [0x3153464a, 'jfs'],
  [0x52654973, 'reiserfs'],
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
  [0x794c7630, 'overlayfs'],
  [0xf15f, 'ecryptfs'],
  [0x73717368, 'squashfs'],
  [0xe0f5e1e2, 'erofs'],
  [0x9660, 'iso9660'],
  [0x4d44, 'vfat'],
  [0x2011bab0, 'exfat'],
  [0x5346544e, 'ntfs'],
  [0x7366746e, 'ntfs3'],
  [0x482b, 'hfsplus'],
  [0x6969, 'nfs'],
  [0x517b, 'smb'],
  [0xff534d42, 'smb'], // mounted as cifs; there is no name of its own for it
  [0xfe534d42, 'smb'], // SMB 2 and later
  [0x01021997, '9p'],
  [0x65735546, 'fuse'], // virtiofs is FUSE inside and shares the number
  [0x786f4256, 'vboxsf'],
  [0x00c36400, 'ceph'],
  [0x5346414f, 'afs'],
  [0x73757245, 'coda'],
  [0x01161970, 'gfs2'],
  [0x7461636f, 'ocfs2'],
  [0x0bd00bd0, 'lustre'],
]);

/** The lower-case name of a kind, or its number as `0x…`. Only the low 32 bits count. */
export function fileSystemKind(type: bigint): string {
  const number = Number(BigInt.asUintN(32, type));
  return kinds.get(number) ?? `0x${number.toString(16)}`;
}
