/**
 * A real ext4 or xfs in a file, mounted through a loop device: small enough to fill, and its power can
 * be cut (power-switch.ts). Needs root and Linux; for xfs, Debian's package xfsprogs.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** File systems that such a disk can have. */
export const fileSystems = ['ext4', 'xfs'] as const;
/** One of them. */
export type LoopFileSystem = (typeof fileSystems)[number];

interface Tools {
  /** Where the program is, and in which package of Debian, when it is missing. */
  readonly needed: readonly (readonly [program: string, option: string, package_: string])[];
  readonly make: readonly [string, ...string[]];
  readonly check: readonly [string, ...string[]];
  /** mkfs.xfs makes none below 300 MB. */
  readonly megabytesMin: number;
}

const tools: Readonly<Record<LoopFileSystem, Tools>> = {
  ext4: {
    needed: [['mkfs.ext4', '-V', 'e2fsprogs']],
    // Nothing is reserved for root, who would otherwise never meet a full disk.
    make: ['mkfs.ext4', '-q', '-F', '-m', '0', '-O', '^resize_inode'],
    check: ['e2fsck', '-f', '-n'],
    megabytesMin: 8,
  },
  xfs: {
    needed: [['mkfs.xfs', '-V', 'xfsprogs']],
    make: ['mkfs.xfs', '-q', '-f'],
    check: ['xfs_repair', '-n'],
    megabytesMin: 320,
  },
};

const live = new Set<LoopDisk>();
process.on('exit', () => {
  for (const disk of live) disk.destroy();
});

/** Why no such disk can be made here, or null. */
export function loopDiskTrouble(kind: LoopFileSystem = 'ext4'): string | null {
  if (process.platform !== 'linux') return 'loop mounts are tested on Linux only';
  if (process.getuid?.() !== 0) return 'a loop mount needs root';
  for (const [tool, option, name] of [
    ...tools[kind].needed,
    ['losetup', '--version', 'mount'],
    ['python3', '--version', 'python3'],
  ] as const) {
    try {
      execFileSync(tool, [option], { stdio: 'ignore' });
    } catch {
      return `${tool} is not here (Debian has it in ${name})`;
    }
  }
  try {
    new LoopDisk(tools[kind].megabytesMin, kind).destroy();
    return null;
  } catch (error) {
    return `a loop mount of ${kind} is not allowed here (${String(error).split('\n', 1)[0]})`;
  }
}

/** One disk, mounted until `destroy`, which also the end of the process calls. */
export class LoopDisk {
  /** Where it is mounted. */
  readonly directory: string;
  readonly #home: string;
  readonly #image: string;
  readonly #kind: LoopFileSystem;
  #mounted = false;

  constructor(megabytes: number, kind: LoopFileSystem = 'ext4') {
    this.#kind = kind;
    this.#home = mkdtempSync(join(tmpdir(), 'holdfast-disk-'));
    this.#image = join(this.#home, 'image');
    this.directory = join(this.#home, 'disk');
    live.add(this);
    try {
      mkdirSync(this.directory);
      closeSync(openSync(this.#image, 'w'));
      truncateSync(this.#image, megabytes * 1024 * 1024);
      const [program, ...options] = tools[kind].make;
      execFileSync(program, [...options, this.#image], { stdio: ['ignore', 'ignore', 'pipe'] });
      this.mount();
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /** Mounts it, which replays the log of the file system. */
  mount(mode: 'rw' | 'ro' = 'rw'): void {
    execFileSync('mount', ['-t', this.#kind, '-o', `loop,${mode}`, this.#image, this.directory]);
    this.#mounted = true;
  }

  unmount(): void {
    if (!this.#mounted) return;
    execFileSync('umount', [this.directory]);
    this.#mounted = false;
  }

  /** What the checker of the file system says of the unmounted disk; throws when it finds fault. */
  check(): string {
    const [program, ...options] = tools[this.#kind].check;
    return execFileSync(program, [...options, this.#image], { encoding: 'utf8', stdio: 'pipe' });
  }

  /** Idempotent; never throws, because it runs on the way out of whatever failed. */
  destroy(): void {
    live.delete(this);
    try {
      this.unmount();
    } catch {
      // Somebody still has a file open: the mount goes when that ends.
      execFileSync('umount', ['-l', this.directory], { stdio: 'ignore' });
    }
    rmSync(this.#home, { recursive: true, force: true });
  }
}
